package resilience

import (
	"context"
	"sync"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/alarm"
	"crmgraph/upstream/callcontext"
)

// hedge is the second attempt of a read whose first one is slow.
type hedge struct {
	policy  *Policy
	attempt upstream.Attempt
	usual   *latency
	ctx     callcontext.Child // of both attempts
	alarm   alarm.Alarm       // when the first is slow

	// Written before over is done, to be read after.
	over     sync.WaitGroup
	body     *upstream.Body
	err      error
	panicked any
}

// sendHedged sends attempt, and a second time when that takes longer than delay from now on. Both
// attempts are over when it returns.
func (p *Policy) sendHedged(ctx context.Context, attempt upstream.Attempt, usual *latency, now time.Time, delay time.Duration) (*upstream.Body, error) {
	h := &hedge{policy: p, attempt: attempt, usual: usual, err: context.Canceled}
	h.ctx.Begin(ctx)
	defer h.ctx.Cancel()
	h.over.Add(1)
	p.clock.Set(&h.alarm, now.Add(delay), h)
	body, err := p.queue(&h.ctx, attempt, usual, now, firstAttempt) //nolint:contextcheck // it ends with ctx
	if p.clock.Stop(&h.alarm) {
		return body, err
	}
	if conclusive(err) {
		h.ctx.Cancel()
	}
	callcontext.Block(ctx)
	h.over.Wait()
	if h.panicked != nil {
		panic(h.panicked)
	}
	if conclusive(err) || !conclusive(h.err) {
		h.body.Release()
		return body, err
	}
	p.sent.hedgeWins.Add(1)
	if h.err == nil {
		// Nobody knows how long the first attempt would have taken, but it counts among the
		// slow ones; without them what is slow would become less and less.
		usual.observe(delay - 1)
	}
	return h.body, h.err
}

// Wake is part of alarm.Sleeper.
func (h *hedge) Wake() { go h.run() }

// run makes the second attempt, if there is a slot for it at once: where calls queue,
// the upstream is not what is slow, and one more would not help.
func (h *hedge) run() {
	defer h.over.Done()
	// A panic goes to whoever waits for the call, and not to the end of the program.
	defer func() { h.panicked = recover() }()
	p := h.policy
	paused, _ := p.pauses.left(h.attempt.Scope())
	if paused > 0 || p.breaker.current() != Closed || h.ctx.Err() != nil || !p.limit.tryAcquire() {
		return
	}
	if !p.budget.withdraw() {
		p.limit.release()
		return
	}
	if h.body, h.err = p.send(callcontext.Apart(&h.ctx), h.attempt, h.usual, time.Now(), hedgeAttempt); conclusive(h.err) {
		h.ctx.Cancel()
	}
}

// conclusive reports whether err, which may be nil, is an answer: another attempt would
// end the same.
func conclusive(err error) bool { return verdictOn(err) == answered }
