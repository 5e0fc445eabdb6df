package graph

import (
	"context"
	"net/http"
	"time"

	"crmgraph/upstream"
)

// Viewer is the ProPortal manager on whose behalf an operation runs.
type Viewer struct {
	ID        string    // the token's subject
	Token     string    // the manager's ProPortal JWT
	ExpiresAt time.Time // when the token ends
}

// Caller is what the transport knows about whoever sent an operation.
type Caller struct {
	// Authenticate checks the caller's token. It is asked at most once an operation and
	// only by operations that need a viewer. A caller without a token, or with one that
	// is refused, is upstream.Unauthenticated.
	Authenticate func(ctx context.Context) (*Viewer, error)
	// Anonymous says whether one more operation may run that needs no viewer; nil for always.
	Anonymous func(ctx context.Context) error
	// Admit returns the viewer of a token that login has just brought.
	Admit func(ctx context.Context, token string) (*Viewer, error)
	// LoginHeader holds the caller's own headers and cookies that login may pass on.
	LoginHeader http.Header
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
