package resilience

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// limit has the slots of attempts under way. Whoever waits for one gets it in order of
// arrival.
type limit struct {
	slots     *semaphore.Weighted
	maxQueued int64
	queued    atomic.Int64
	inFlight  atomic.Int64
	refused   atomic.Int64
}

func newLimit(slots, maxQueued int) *limit {
	return &limit{slots: semaphore.NewWeighted(int64(slots)), maxQueued: int64(maxQueued)}
}

// tryAcquire takes a slot if one is free and nobody waits for it.
func (l *limit) tryAcquire() bool {
	if !l.slots.TryAcquire(1) {
		return false
	}
	l.inFlight.Add(1)
	return true
}

// acquire waits for a slot, no longer than ctx. Its error is ErrQueueFull, or that of ctx.
func (l *limit) acquire(ctx context.Context) error {
	queued := l.queued.Add(1)
	defer l.queued.Add(-1)
	if queued > l.maxQueued {
		l.refused.Add(1)
		return ErrQueueFull
	}
	if err := l.slots.Acquire(ctx, 1); err != nil {
		return err
	}
	l.inFlight.Add(1)
	return nil
}

// release gives a slot back.
func (l *limit) release() {
	l.inFlight.Add(-1)
	l.slots.Release(1)
}
