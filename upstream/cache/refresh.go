package cache

import (
	"context"
	"math/rand/v2"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/callcontext"
)

const (
	// pause is how long about nothing is asked in the background after an attempt in vain.
	pause = time.Second
	// failureMemory is for how long, beyond the time a refresh may take, those who ask are
	// given a stale answer at once because the CRM failed.
	failureMemory = 10 * time.Second
	// maxRefreshes leaves room in the queue to a CRM for calls that somebody waits for.
	maxRefreshes = 64
)

// refresh replaces e in the background, unless that is under way, was in vain a moment ago,
// or too much else is under way.
func (c *Cache) refresh(ctx context.Context, question upstream.Question, key *upstream.Key, e *entry, now time.Time) {
	if e.quiet(now) || !e.refreshing.CompareAndSwap(false, true) {
		return
	}
	hash := c.flights.hash(key)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.flights.find(hash, key) != nil || len(c.refreshes) >= maxRefreshes {
		e.refreshing.Store(false)
		return
	}
	e.op.counters.refreshes.Add(1)
	// The flight itself counts as a waiter, so that it goes on when others leave.
	f := &flight{key: key, hash: hash, question: question, op: e.op, cache: c, replaces: e, known: e, waiters: 1}
	if c.tier != nil {
		f.oldest = e.op.lifetime.TTL - 1
	}
	c.list(f)
	c.refreshes[f] = struct{}{}
	// Others may come to wait for it, and for no longer than for a call of their own.
	c.prepare(callcontext.Apart(ctx), f, min(c.refreshTimeout, question.Timeout()))
	c.crew.Go(func() { c.fly(f) }) //nolint:contextcheck // f.ctx has what it needs of ctx
}

// hush keeps e from being refreshed for a moment.
func (e *entry) hush() {
	next := &trouble{quietUntil: time.Now().Add(jitter(pause))}
	if last := e.trouble.Load(); last != nil {
		next.failedUntil = last.failedUntil
	}
	e.trouble.Store(next)
}

// noteFailure keeps in mind that the CRM failed. It covers the time that one refresh may
// take, so that nobody waits while it is tried whether the CRM answers again.
func (e *entry) noteFailure(refreshTimeout time.Duration) {
	now := time.Now()
	e.trouble.Store(&trouble{
		quietUntil:  now.Add(jitter(pause)),
		failedUntil: now.Add(refreshTimeout + failureMemory),
	})
}

// jitter is a random time between half of d and one and a half.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }
