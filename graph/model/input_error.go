package model

import (
	"errors"
	"strconv"
	"strings"
)

// InputError says what is wrong with an argument, in a sentence for whoever wrote the
// query. It never quotes the argument.
type InputError string

// Error returns the sentence.
func (e InputError) Error() string { return string(e) }

// ArgumentError is an InputError with the place of what is wrong.
type ArgumentError struct {
	InputError

	Argument string // from the field's argument on, e.g. "filter.goodIds[1]"
}

// Unwrap returns the InputError.
func (e *ArgumentError) Unwrap() error { return e.InputError }

// AtArgument puts the name of an argument, or of a field of an input object, in front of the
// place of an InputError. Any other error is returned as it is.
func AtArgument(name string, err error) error {
	if err == nil {
		return nil
	}
	var located *ArgumentError
	var input InputError
	switch {
	case errors.As(err, &located) && strings.HasPrefix(located.Argument, "["):
		return &ArgumentError{InputError: located.InputError, Argument: name + located.Argument}
	case located != nil:
		return &ArgumentError{InputError: located.InputError, Argument: name + "." + located.Argument}
	case errors.As(err, &input):
		return &ArgumentError{InputError: input, Argument: name}
	default:
		return err
	}
}

// AtElement is AtArgument for an element of a list.
func AtElement(index int, err error) error { return AtArgument("["+strconv.Itoa(index)+"]", err) }
