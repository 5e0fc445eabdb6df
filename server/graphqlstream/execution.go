package graphqlstream

import (
	"context"
	"errors"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Run runs an operation and has send take each part of its response, until there are no more,
// the client leaves, which ends parent, or send fails. Nothing of the operation runs when it
// returns.
//
// A query or mutation has no longer than timeout: what is late then brings errors.
func Run(parent context.Context, exec graphql.GraphExecutor, op *graphql.OperationContext, timeout time.Duration, send func(*Part) error) error {
	return run(parent, exec, op, timeout, func() {}, send)
}

// run is Run, and calls dispatched when it is decided whether the caller may run the operation,
// before there is a response.
func run(parent context.Context, exec graphql.GraphExecutor, op *graphql.OperationContext, timeout time.Duration, dispatched func(), send func(*Part) error) (err error) {
	ctx, cancel := limit(parent, op, timeout)
	defer cancel()
	defer func() {
		if cause := recover(); cause != nil {
			failure := gqlerror.List{gqlerror.WrapIfUnwrapped(op.Recover(ctx, cause))}
			err = send(&Part{Response: exec.DispatchError(graphql.WithOperationContext(ctx, op), failure), first: true})
		}
	}()
	respond, ctx := exec.DispatchOperation(ctx, op)
	dispatched()
	for first := true; ; first = false {
		response := respond(ctx)
		if response == nil {
			return err
		}
		part := &Part{Response: response, first: first}
		if errors.Is(parent.Err(), context.Canceled) {
			err = context.Canceled
		}
		if err == nil {
			err = send(part)
		}
		if err != nil {
			cancel()
		}
		// Parts are taken up to the last though nobody may want them any more: it comes when
		// nothing runs, and knows the calls of all. Those that are late bring errors.
		if ended := err != nil || !first && part.HasNext != nil; ended && !part.hasNext() {
			return err
		}
	}
}

// limit returns the context an operation runs in.
func limit(ctx context.Context, op *graphql.OperationContext, timeout time.Duration) (context.Context, context.CancelFunc) {
	if IsSubscription(op) {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, timeout)
}
