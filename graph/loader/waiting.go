package loader

import "context"

type waitingKey struct{}

// WithWaiting returns a context whose loaders call tell before they wait for each other, and
// not where they have the outcome already. Others may tell more than once.
func WithWaiting(ctx context.Context, tell func()) context.Context {
	return context.WithValue(ctx, waitingKey{}, tell)
}

// Waits tells whoever wants to know that the caller is about to wait. The loaders leave it to
// whoever observes upstream calls to tell of those: of a call whose answer is in memory
// nobody has to hear.
func Waits(ctx context.Context) {
	if tell, ok := ctx.Value(waitingKey{}).(func()); ok {
		tell()
	}
}
