package resilience

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/alarm"
	"crmgraph/upstream/callcontext"
)

// Policy is the upstream.Policy of one upstream. It is safe for concurrent use.
type Policy struct {
	opts      Options
	budget    *budget
	pauses    pauses
	latencies latencies
	breaker   *breaker
	limit     *limit
	sent      sent
	clock     alarm.Clock // for hedges
	heard     atomic.Bool // the upstream has answered anything at all
}

// New returns the Policy of one upstream. Its error lists every impossible option.
func New(opts Options) (*Policy, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Policy{
		opts:    opts,
		budget:  newBudget(opts.RetryShare),
		breaker: newBreaker(opts.Breaker, opts.Logger),
		limit:   newLimit(opts.MaxConcurrent, opts.MaxQueued),
	}
	return p, nil
}

// Do sends attempt until it succeeds or there is no point in going on. What is not a
// read is sent at most once. The caller releases the body. The error is that of the last
// attempt or says, as an *upstream.Error, why there was none.
func (p *Policy) Do(ctx context.Context, attempt upstream.Attempt) (*upstream.Body, error) {
	call := attempt.Call()
	if ctx.Err() != nil {
		return nil, ended(ctx, call)
	}
	usual := p.latencies.of(call.Operation)
	if err := p.waitPause(ctx, attempt, usual); err != nil {
		return nil, err
	}
	if !call.Reads() {
		return p.queue(ctx, attempt, usual, time.Now(), firstAttempt)
	}
	body, err := p.first(ctx, attempt, usual)
	if err != nil {
		return p.retry(ctx, attempt, usual, err)
	}
	return body, nil
}

// first sends a read for the first time, with a hedge if there is to be one.
func (p *Policy) first(ctx context.Context, attempt upstream.Attempt, usual *latency) (*upstream.Body, error) {
	now := time.Now()
	if p.opts.Hedge {
		if slow, known := usual.p95(); known {
			if delay := max(slow, p.opts.MinHedgeDelay); fits(ctx, now, delay+usual.median()) {
				return p.sendHedged(ctx, attempt, usual, now, delay)
			}
		}
	}
	return p.queue(ctx, attempt, usual, now, firstAttempt)
}

// queue sends attempt, now or once it has a slot.
func (p *Policy) queue(ctx context.Context, attempt upstream.Attempt, usual *latency, now time.Time, as role) (*upstream.Body, error) {
	if left, refused := p.breaker.refuses(); refused {
		return nil, circuitOpen(attempt.Call(), left)
	}
	if !p.limit.tryAcquire() {
		callcontext.Block(ctx)
		switch err := p.limit.acquire(ctx); {
		case errors.Is(err, ErrQueueFull):
			return nil, &upstream.Error{Call: *attempt.Call(), Kind: upstream.Overloaded, Err: err}
		case err != nil:
			return nil, ended(ctx, attempt.Call())
		}
		now = time.Now()
	}
	return p.send(ctx, attempt, usual, now, as)
}

// send sends attempt, starting now, in the slot that its caller has acquired, and releases the slot.
func (p *Policy) send(ctx context.Context, attempt upstream.Attempt, usual *latency, start time.Time, as role) (*upstream.Body, error) {
	defer p.limit.release()
	held, left, ok := p.breaker.acquire()
	if !ok {
		return nil, circuitOpen(attempt.Call(), left)
	}
	says, end := silent, time.Time{}
	defer func() { p.breaker.release(held, says, end) }()

	p.sent.count(as)
	if as == firstAttempt {
		p.budget.earn()
	}
	body, err := attempt.Send(ctx)
	end = time.Now()
	says = p.judge(ctx, attempt, usual, end.Sub(start), err)
	return body, err
}

// judge learns from the outcome of an attempt, and returns what it says about the upstream.
func (p *Policy) judge(ctx context.Context, attempt upstream.Attempt, usual *latency, took time.Duration, err error) verdict {
	says := verdictOn(err)
	if (says == answered || says == limited) && !p.heard.Load() {
		p.heard.Store(true)
	}
	if err == nil {
		usual.observe(took)
		return says
	}
	var failure *upstream.Error
	if errors.As(err, &failure) {
		p.pauses.note(attempt.Scope(), failure)
		if failure.Kind == upstream.Timeout && ctx.Err() != nil && took < p.patience(attempt, usual) {
			return silent // the call had less time left than such calls take
		}
	}
	return says
}

// firstPatience is how long an upstream that was never heard of may take to answer.
const firstPatience = time.Second

// patience is how long an attempt has to wait for an answer before there should have been one:
// as long as nearly all such calls take or, where that is not known, half of what they may take.
// A client that gives the CRM no time must not close it to all others; but one that has answered
// nothing since the start may hang, and its clients may all be in a hurry.
func (p *Policy) patience(attempt upstream.Attempt, usual *latency) time.Duration {
	half := attempt.Timeout() / 2
	slow, known := usual.p95()
	switch {
	case known:
		return slow
	case p.heard.Load():
		return half
	default:
		return min(firstPatience, half)
	}
}
