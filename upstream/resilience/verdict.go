package resilience

import (
	"errors"

	"crmgraph/upstream"
)

// verdict is what the outcome of an attempt says about the upstream.
type verdict uint8

const (
	silent   verdict = iota // nothing: the attempt was cut off on this side
	answered                // it works, whether or not we like its answer
	limited                 // it works, but wants fewer calls
	failed                  // it does not work
)

func verdictOn(err error) verdict {
	if err == nil {
		return answered
	}
	var failure *upstream.Error
	if !errors.As(err, &failure) {
		return silent
	}
	switch failure.Kind {
	case upstream.NotFound, upstream.Invalid, upstream.Unauthenticated, upstream.Forbidden, upstream.Rejected, upstream.Malformed:
		return answered
	case upstream.RateLimited:
		return limited
	case upstream.Unavailable, upstream.Timeout:
		return failed
	default:
		return silent
	}
}
