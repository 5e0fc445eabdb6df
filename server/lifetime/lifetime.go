// Package lifetime has how long requests run: until their deadline, or until the client leaves.
package lifetime

import (
	"context"
	"time"

	"crmgraph/upstream/alarm"
	"crmgraph/upstream/callcontext"
)

// request is the context of a request. Its many upstream calls watch it without an object each.
type request struct {
	callcontext.Timed
	client  context.Context // ends when the client leaves
	leaving callcontext.Watching
}

// begin returns the context of a request that ends with its client's, or after timeout by clock.
func begin(client context.Context, clock *alarm.Clock, timeout time.Duration) *request {
	if deadline, ok := client.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline))
	}
	r := &request{client: client}
	r.Begin(client, clock, timeout)
	r.leaving = callcontext.Watch(client, r)
	return r
}

// ContextEnded is part of callcontext.Watcher: the client has left.
func (r *request) ContextEnded() { r.Cancel() }

// end is when the request has been answered.
func (r *request) end() {
	r.leaving.Stop()
	r.Cancel()
}

type clientKey struct{}

// Value is part of context.Context.
func (r *request) Value(key any) any {
	if key == any(clientKey{}) {
		return r.client
	}
	return r.Timed.Value(key)
}

// OfClient returns a context with the values of a request's that ends when the client leaves, and
// not at the deadline that Timeout gave the request.
func OfClient(ctx context.Context) (context.Context, context.CancelFunc) {
	client, ok := ctx.Value(clientKey{}).(context.Context)
	if !ok {
		return context.WithCancel(ctx)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(client, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}
