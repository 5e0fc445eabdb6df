package loader

import (
	"errors"
	"fmt"
	"runtime"
)

var errPanic = errors.New("panic")

// Panicked returns the error that a recovered panic becomes. The text of a runtime error
// tells nothing but what is wrong with the program; any other value may hold a secret, so
// that only its type is told.
func Panicked(cause any) error {
	if fault, ok := cause.(runtime.Error); ok {
		return fmt.Errorf("%w: %w", errPanic, fault)
	}
	return fmt.Errorf("%w with a value of type %T", errPanic, cause)
}
