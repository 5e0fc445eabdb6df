package graph

import (
	"errors"

	"crmgraph/upstream"
)

// value returns what p points to, the zero value for nil.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// orNull makes null of a single object that does not exist.
func orNull[T any](object *T, err error) (*T, error) {
	if errors.Is(err, upstream.NotFound) {
		return nil, nil
	}
	return object, err
}
