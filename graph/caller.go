package graph

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
)

// Viewer is the ProPortal manager on whose behalf an operation runs. It is not to be copied.
type Viewer struct {
	ID        string    // the token's subject
	Token     string    // the manager's ProPortal JWT
	ExpiresAt time.Time // when the token ends

	asking atomic.Pointer[asking]
}

// asking is how a client asks in a viewer's name. Who keeps a viewer for as long as the token
// lasts keeps it as well, with what all requests have in common.
type asking struct {
	client *proportal.Client
	viewer *proportal.ViewerClient
}

// with returns the calls that client makes in the viewer's name.
func (v *Viewer) with(client *proportal.Client) *proportal.ViewerClient {
	if known := v.asking.Load(); known != nil && known.client == client {
		return known.viewer
	}
	made := client.As(proportal.Identity{Subject: v.ID, Token: v.Token})
	v.asking.Store(&asking{client, made})
	return made
}

// Caller is what the transport knows about whoever sent an operation.
type Caller struct {
	// Authenticate checks the caller's token. It is asked at most once an operation and
	// only by operations that need a viewer. A caller without a token, or with one that
	// is refused, is upstream.Unauthenticated.
	Authenticate func(ctx context.Context) (*Viewer, error)
	// Anonymous says whether one more operation may run that needs no viewer, or be refused before
	// there is one; nil for always.
	Anonymous func(ctx context.Context) error
	// Admit returns the viewer of a token that login has just brought.
	Admit func(ctx context.Context, token string) (*Viewer, error)
	// LoginHeader returns the caller's own headers and cookies that login may pass on; nil for none.
	LoginHeader func() http.Header
	// Explain and Cost ask for an account of how the operation is answered.
	Explain Explain
	Cost    bool // adds extensions.cost
	// Freshness is how fresh answers have to be; extensions of the request come before it.
	Freshness Terms
}

// Terms are how fresh answers have to be, and whether extensions.freshness tells.
type Terms struct {
	upstream.Terms
	Report bool
}

type callerKey struct{}

// WithCaller returns a context that carries the caller of an operation.
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

func callerFrom(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	return caller
}

// AdmitAnonymous returns why the caller may not send one more operation that has no viewer, nil if
// that may be. What is refused counts as what runs: it is read and checked as well.
func AdmitAnonymous(ctx context.Context) error {
	if may := callerFrom(ctx).Anonymous; may != nil {
		return may(ctx)
	}
	return nil
}
