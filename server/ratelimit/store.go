package ratelimit

import (
	"context"
	"time"
)

// Store keeps what is left of allowances: limit units in a window, that may be used up at
// once and come back evenly.
type Store interface {
	// Take takes cost of the allowance of key if there is as much, and reports whether there
	// is; a cost of 0 only looks whether anything is. Left is what then is left, negative for a
	// debt. Reset is when all of it is back or, if there was too little, when there is enough.
	Take(ctx context.Context, key string, cost, limit int, window time.Duration) (left int, reset time.Duration, ok bool)
	// Charge takes cost even if less is left. A debt grows no larger than limit, so that nobody
	// has to wait for longer than a window to be served again.
	Charge(ctx context.Context, key string, cost, limit int, window time.Duration)
}

// Remote is what replicas count in together. It is not told if that could not be done.
type Remote interface {
	Take(ctx context.Context, key string, cost, limit int, window time.Duration) (left int, reset time.Duration, ok, told bool)
	Charge(ctx context.Context, key string, cost, limit int, window time.Duration)
}

// NewShared returns a Store of all replicas. Each counts for itself as well: what its own
// memory refuses is not asked for elsewhere, as all of them together have used no less, and
// while remote does not tell, memory decides.
func NewShared(remote Remote, memory *Memory) Store { return &shared{remote, memory} }

type shared struct {
	remote Remote
	memory *Memory
}

func (s *shared) Take(ctx context.Context, key string, cost, limit int, window time.Duration) (int, time.Duration, bool) {
	left, reset, ok := s.memory.Take(ctx, key, cost, limit, window)
	if !ok {
		return left, reset, false
	}
	if left, reset, ok, told := s.remote.Take(ctx, key, cost, limit, window); told {
		return left, reset, ok
	}
	return left, reset, true
}

func (s *shared) Charge(ctx context.Context, key string, cost, limit int, window time.Duration) {
	s.memory.Charge(ctx, key, cost, limit, window)
	s.remote.Charge(ctx, key, cost, limit, window)
}
