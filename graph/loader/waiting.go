package loader

import "context"

// WaitingKey is the key of who in a context is told by loaders before they wait for each other,
// and not where they have the outcome already. Others may tell more than once.
type WaitingKey struct{}

// Waits tells whoever wants to know that the caller is about to wait. The loaders leave it to
// whoever observes upstream calls to tell of those: of a call whose answer is in memory
// nobody has to hear.
func Waits(ctx context.Context) {
	if told, ok := ctx.Value(WaitingKey{}).(interface{ Waits() }); ok {
		told.Waits()
	}
}
