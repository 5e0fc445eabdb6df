package keeper

import (
	"errors"
	"math/rand/v2"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
)

// How long is waited after logins that failed: from one second to sixty.
const (
	firstDelay = 2 * time.Second // of which half is left to chance
	maxDelay   = time.Minute
	// shortLife is how long a token has to serve to count as accepted.
	shortLife = time.Minute
)

// backoff says when to log in again.
type backoff struct {
	failures   int // logins that failed since one succeeded
	shortLived int // tokens that were refused soon after their login, one after the other
	retryAt    time.Time
	last       *upstream.Error // why nobody logs in until then; nil after a success
}

// err returns why nobody may log in now.
func (b *backoff) err(now time.Time) error {
	if b.last == nil || !now.Before(b.retryAt) {
		return nil
	}
	return b.failure(now)
}

// failed takes note of a login that failed and returns the error for those who waited.
func (b *backoff) failed(now time.Time, err *upstream.Error) error {
	b.failures++
	b.postpone(now, b.failures, err)
	return b.failure(now)
}

// succeeded takes note of a login that succeeded.
func (b *backoff) succeeded() { b.failures, b.last = 0, nil }

// refused takes note of a refused token. Once is a token revoked; again and again it is an
// account that may log in and nothing else, for which no request should bring a login.
func (b *backoff) refused(now, issuedAt time.Time) {
	if now.Sub(issuedAt) >= shortLife {
		b.shortLived = 0
	}
	b.shortLived++
	if b.shortLived > 1 {
		b.postpone(now, b.shortLived-1, &upstream.Error{
			Call: proportal.LoginCall,
			Kind: upstream.Rejected,
			Err:  errors.New("ProPortal refuses the tokens that it gives"),
		})
	}
}

func (b *backoff) postpone(now time.Time, times int, err *upstream.Error) {
	delay := maxDelay
	if times < 6 {
		delay = min(firstDelay<<(times-1), maxDelay)
	}
	delay = delay/2 + rand.N(delay/2)
	// ProPortal may ask for more, though not for an outage of hours.
	delay = max(delay, min(err.RetryAfter, maxDelay))
	b.last, b.retryAt = err, now.Add(delay)
}

func (b *backoff) failure(now time.Time) *upstream.Error {
	failure := *b.last
	failure.RetryAfter = b.retryAt.Sub(now)
	return &failure
}
