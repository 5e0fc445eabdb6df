package resilience

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"crmgraph/upstream"
)

// retry sends attempt again after its first attempt has failed with err.
func (p *Policy) retry(ctx context.Context, attempt upstream.Attempt, usual *latency, err error) (*upstream.Body, error) {
	for retries := range p.opts.MaxAttempts - 1 {
		failure, ok := passing(err)
		if !ok {
			return nil, err
		}
		wait := p.backoff(retries)
		if failure.RetryAfter > 0 {
			wait = failure.RetryAfter + rand.N(p.opts.BaseBackoff)
		}
		if _, open := p.breaker.refuses(); open || !fits(ctx, time.Now(), wait+usual.median()) || !p.budget.withdraw() {
			return nil, err
		}
		if !sleep(ctx, wait) {
			return nil, ended(ctx, &failure.Call)
		}
		if err = p.waitPause(ctx, attempt, usual); err != nil {
			return nil, err
		}
		body, again := p.queue(ctx, attempt, usual, time.Now(), retryAttempt)
		if again == nil {
			return body, nil
		}
		err = again
	}
	return nil, err
}

// passing returns the failure in err if the same call may succeed a little later. What
// was not sent in the first place is not worth a retry.
func passing(err error) (*upstream.Error, bool) {
	var refusal refusalError
	var failure *upstream.Error
	if errors.As(err, &refusal) || !errors.As(err, &failure) {
		return nil, false
	}
	return failure, failure.Retryable()
}

// backoff returns a random wait, before the retry that follows so many others.
func (p *Policy) backoff(retries int) time.Duration {
	longest := p.opts.BaseBackoff
	for range retries {
		longest = min(2*longest, p.opts.MaxBackoff)
	}
	return rand.N(longest)
}
