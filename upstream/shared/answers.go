package shared

import (
	"context"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

var _ cache.Tier = (*Shared)(nil)

// clientKeep is how long an answer is served out of the client's cache at most. Redis says
// earlier when it has changed.
const clientKeep = time.Minute

// Get returns the answer stored for key. It waits for Redis no longer than the timeout.
func (s *Shared) Get(ctx context.Context, key upstream.Key) (cache.Stored, bool) {
	if s.live.Load() == nil {
		s.counters.notAsked.Add(1)
		return cache.Stored{}, false
	}
	found, ok := s.read(ctx, s.names.answer(key), clientKeep)
	switch {
	case !ok:
		return cache.Stored{}, false
	case found.notFound:
		return cache.Stored{At: found.at, NotFound: true}, true
	default:
		return cache.Stored{Body: found.body, At: found.at}, true
	}
}

// Put queues an answer to be stored.
func (s *Shared) Put(key upstream.Key, stored cache.Stored, keep time.Duration) {
	switch {
	case len(stored.Body) > s.maxValue:
		s.counters.tooLarge.Add(1)
	case s.live.Load() == nil:
		s.counters.notAsked.Add(1)
	case keep >= shortestKeep:
		s.enqueue(write{
			name:     s.names.answer(key),
			body:     upstream.NewBody(0, stored.Body),
			at:       stored.At,
			notFound: stored.NotFound,
			keep:     keep,
		})
	}
}

// Drop queues the removal of an answer. What Redis cannot be told now is done when it is back.
func (s *Shared) Drop(key upstream.Key) { s.enqueue(write{name: s.names.answer(key)}) }

// Lock reports whether this replica is the first to ask for the lock of key within hold. It
// also does when Redis cannot tell.
func (s *Shared) Lock(ctx context.Context, key upstream.Key, hold time.Duration) bool {
	locked, told := s.setUnlessSet(ctx, s.names.refresh(key), s.replica, hold)
	return locked || !told
}
