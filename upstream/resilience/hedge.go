package resilience

import (
	"context"
	"sync"
	"time"

	"crmgraph/upstream"
)

// hedge is the second attempt of a read whose first one is slow.
type hedge struct {
	policy *Policy
	timer  *time.Timer
	hedged

	// Written before over is done, to be read after.
	over     sync.WaitGroup
	body     *upstream.Body
	err      error
	panicked any
}

// hedged is the call that a hedge is for.
type hedged struct {
	attempt upstream.Attempt
	usual   *latency
	ctx     context.Context // of both attempts
	cancel  context.CancelFunc
}

// newHedge returns a hedge for one call after the other, until one needs it: most calls
// do not, and shall not pay for a timer.
func newHedge(p *Policy) *hedge {
	h := &hedge{policy: p, err: context.Canceled}
	h.over.Add(1)
	h.timer = time.AfterFunc(time.Hour, h.run)
	h.timer.Stop()
	return h
}

// sendHedged sends attempt, and a second time when that takes longer than delay. Both
// attempts are over when it returns.
func (p *Policy) sendHedged(ctx context.Context, attempt upstream.Attempt, usual *latency, delay time.Duration) (*upstream.Body, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	h := p.hedges.Get().(*hedge)
	h.hedged = hedged{attempt: attempt, usual: usual, ctx: ctx, cancel: cancel}
	h.timer.Reset(delay)
	body, err := p.queue(ctx, attempt, usual, firstAttempt)
	if h.timer.Stop() {
		h.hedged = hedged{}
		p.hedges.Put(h)
		return body, err
	}
	if conclusive(err) {
		cancel()
	}
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
	if h.body, h.err = p.send(h.ctx, h.attempt, h.usual, hedgeAttempt); conclusive(h.err) {
		h.cancel()
	}
}

// conclusive reports whether err, which may be nil, is an answer: another attempt would
// end the same.
func conclusive(err error) bool { return verdictOn(err) == answered }
