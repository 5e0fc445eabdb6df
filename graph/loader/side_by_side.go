package loader

import (
	"context"
	"sync/atomic"

	"crmgraph/upstream/crew"
)

// SideBySide runs do for 0 to n-1 at the same time, each with a context for its upstream calls, and
// waits for all of them. How many calls really leave at once is up to the limit in front of each
// upstream. A panic in one of them goes on in the caller, where somebody recovers it, and not in a
// goroutine of its own, where it would end the program.
func (s *Set) SideBySide(ctx context.Context, n int, do func(ctx context.Context, i int)) {
	switch n {
	case 0:
		return
	case 1:
		do(ctx, 0)
		return
	}
	jobs := &sideBySide{ctx: ctx, n: int64(n), do: do, panics: make(chan any, n)}
	s.crew.Do(ctx, jobs, n)
	if len(jobs.panics) > 0 {
		panic(<-jobs.panics)
	}
}

// Together is SideBySide for different things.
func (s *Set) Together(ctx context.Context, parts ...func(ctx context.Context)) {
	s.SideBySide(ctx, len(parts), func(ctx context.Context, i int) { parts[i](ctx) })
}

// sideBySide are the jobs of a crew.Round.
type sideBySide struct {
	ctx    context.Context // of the call that waits for the jobs
	n      int64
	do     func(ctx context.Context, i int)
	begun  atomic.Int64
	panics chan any
}

// Due is part of crew.Jobs.
func (s *sideBySide) Due() int { return int(max(0, s.n-s.begun.Load())) }

// Next is part of crew.Jobs.
func (s *sideBySide) Next(turn *crew.Turn) (did bool) {
	i := s.begun.Add(1) - 1
	if i >= s.n {
		return false
	}
	defer func() {
		if cause := recover(); cause != nil {
			s.panics <- cause
		}
	}()
	did = true // also where it panics
	s.do(turn.Context(s.ctx), int(i))
	return did
}
