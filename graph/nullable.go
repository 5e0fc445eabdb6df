package graph

import (
	"errors"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
)

// value returns what p points to, the zero value for nil.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// orNull makes null of a single object that does not exist. A list that is not there is
// something else: it leaves open what it might have held.
func orNull[T any](object *T, err error) (*T, error) {
	var failure *upstream.Error
	if !errors.As(err, &failure) || failure.Kind != upstream.NotFound {
		return object, err
	}
	switch failure.Call {
	case proportal.ListPortfolioCall, proportal.ListTasksCall:
		return nil, err
	default:
		return nil, nil
	}
}
