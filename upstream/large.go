package upstream

import (
	"context"

	"golang.org/x/sync/semaphore"

	"crmgraph/upstream/callcontext"
)

// largeAnswer is how many bytes an answer may have that counts for no LargeAnswers.
const largeAnswer = 1 << 20

// LargeAnswers bounds how many answers of more than 1 MiB are in memory at the same time, of all
// Callers that have it. It is safe for concurrent use.
type LargeAnswers struct{ slots *semaphore.Weighted }

// NewLargeAnswers returns one that lets n answers be in memory, one at least.
func NewLargeAnswers(n int64) *LargeAnswers {
	return &LargeAnswers{slots: semaphore.NewWeighted(max(1, n))}
}

// admit waits until a body may become large, which it may be until it is released. Its error is
// that of ctx.
func (l *LargeAnswers) admit(ctx context.Context, body *Body) error {
	if l == nil || body.large != nil {
		return nil
	}
	if !l.slots.TryAcquire(1) {
		callcontext.Block(ctx)
		if err := l.slots.Acquire(ctx, 1); err != nil {
			return err
		}
	}
	body.large = l
	return nil
}
