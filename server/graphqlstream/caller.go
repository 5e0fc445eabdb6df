package graphqlstream

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	"crmgraph/graph"
)

// errTurnedAway ends an operation of which the client has been told that it may not run it.
var errTurnedAway = errors.New("the caller is turned away")

// noting returns the context of a request, and whether its caller has been turned away: for want
// of a good token, or for having asked too much.
func (t *Transport) noting(r *http.Request) (context.Context, *atomic.Bool) {
	turnedAway := new(atomic.Bool)
	if t.opts.Caller == nil {
		return r.Context(), turnedAway
	}
	caller := t.opts.Caller(r.Header)
	if authenticate := caller.Authenticate; authenticate != nil {
		caller.Authenticate = func(ctx context.Context) (*graph.Viewer, error) {
			viewer, err := authenticate(ctx)
			turnedAway.Store(err != nil)
			return viewer, err
		}
	}
	if anonymous := caller.Anonymous; anonymous != nil {
		caller.Anonymous = func(ctx context.Context) error {
			err := anonymous(ctx)
			turnedAway.Store(err != nil)
			return err
		}
	}
	return graph.WithCaller(r.Context(), caller), turnedAway
}
