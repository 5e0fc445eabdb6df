package resilience

import (
	"context"
	"time"

	"crmgraph/upstream/callcontext"
)

// fits reports whether d, from now on, passes before the deadline of ctx, and before everybody has
// given up who waits for it.
func fits(ctx context.Context, now time.Time, d time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	deadline, ok := callcontext.AwaitedUntil(ctx)
	return !ok || deadline.Sub(now) > d
}

// sleep waits for d and reports whether ctx let it.
func sleep(ctx context.Context, d time.Duration) bool {
	callcontext.Block(ctx)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
