package loader

import "context"

type waitingKey struct{}

// WithWaiting returns a context whose loaders call tell before they wait for a call, and
// not where they have the outcome already. Others may tell more than once.
func WithWaiting(ctx context.Context, tell func()) context.Context {
	return context.WithValue(ctx, waitingKey{}, tell)
}

// waits tells whoever wants to know that the caller is about to wait.
func waits(ctx context.Context) {
	if tell, ok := ctx.Value(waitingKey{}).(func()); ok {
		tell()
	}
}
