package resilience

import (
	"context"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"crmgraph/upstream"
)

// maxPauses bounds the scopes that pauses remembers at a time.
const maxPauses = 1024

// pauses remembers for which scopes an upstream wants no calls for a while.
type pauses struct {
	count atomic.Int64 // of scopes; keeps calls from the lock when there are none

	mu     sync.Mutex
	scopes map[string]pause
	last   time.Time // when none of them is paused any more
}

type pause struct {
	until time.Time
	kind  upstream.Kind
}

// note remembers a Retry-After. A call for nobody in particular, such as a login, has no
// scope and pauses nobody else's.
func (p *pauses) note(scope string, failure *upstream.Error) {
	if scope == "" || failure.RetryAfter <= 0 ||
		failure.Kind != upstream.RateLimited && failure.Kind != upstream.Unavailable {
		return
	}
	now := time.Now()
	until := now.Add(failure.RetryAfter)
	p.mu.Lock()
	defer p.mu.Unlock()
	maps.DeleteFunc(p.scopes, func(_ string, known pause) bool { return !known.until.After(now) })
	if p.scopes == nil {
		p.scopes = make(map[string]pause)
	}
	known, again := p.scopes[scope]
	if until.After(known.until) && (again || len(p.scopes) < maxPauses) {
		p.scopes[scope] = pause{until: until, kind: failure.Kind}
		if until.After(p.last) {
			p.last = until
		}
	}
	p.count.Store(int64(len(p.scopes)))
}

// left returns how long scope is paused still, and why.
func (p *pauses) left(scope string) (time.Duration, upstream.Kind) {
	if p.count.Load() == 0 {
		return 0, ""
	}
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.last.After(now) {
		clear(p.scopes)
		p.count.Store(0)
	}
	known := p.scopes[scope]
	return max(0, known.until.Sub(now)), known.kind
}

// paused returns the number of scopes that are paused.
func (p *pauses) paused() int {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, known := range p.scopes {
		if known.until.After(now) {
			n++
		}
	}
	return n
}

// waitPause waits until the scope of attempt is no longer paused, if that leaves it
// enough time.
func (p *Policy) waitPause(ctx context.Context, attempt upstream.Attempt, usual *latency) error {
	for {
		left, kind := p.pauses.left(attempt.Scope())
		if left == 0 {
			return nil
		}
		// What waits for the same moment must not go out in the same moment.
		wait := left + rand.N(p.opts.BaseBackoff)
		if !fits(ctx, time.Now(), wait+usual.median()) {
			return &upstream.Error{Call: *attempt.Call(), Kind: kind, RetryAfter: left, Err: ErrPaused}
		}
		if !sleep(ctx, wait) {
			return ended(ctx, attempt.Call())
		}
	}
}
