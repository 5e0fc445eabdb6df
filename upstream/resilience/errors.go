package resilience

import (
	"context"
	"errors"
	"time"

	"crmgraph/upstream"
)

// refusalError is why nothing was sent. It is its own sentinel.
type refusalError string

// The causes in the *upstream.Error of a call that was not sent.
const (
	// ErrCircuitOpen goes with Unavailable; RetryAfter is when the circuit lets a call
	// through again, 0 when that depends on calls under way.
	ErrCircuitOpen refusalError = "the circuit is open"
	// ErrPaused goes with the Kind of the answer that asked to wait; RetryAfter is what is
	// left of that.
	ErrPaused refusalError = "the upstream asked to wait"
	// ErrQueueFull goes with Overloaded.
	ErrQueueFull refusalError = "the queue is full"
)

// Error returns the reason.
func (e refusalError) Error() string { return string(e) }

func circuitOpen(call *upstream.Call, left time.Duration) *upstream.Error {
	return &upstream.Error{Call: *call, Kind: upstream.Unavailable, RetryAfter: left, Err: ErrCircuitOpen}
}

// ended is the error of a call whose context ended while nothing of it was under way.
func ended(ctx context.Context, call *upstream.Call) *upstream.Error {
	kind := upstream.Timeout
	if errors.Is(ctx.Err(), context.Canceled) {
		kind = upstream.Canceled
	}
	return &upstream.Error{Call: *call, Kind: kind, Err: ctx.Err()}
}
