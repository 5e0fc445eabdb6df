package resilience_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/resilience"
)

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for _, kind := range []upstream.Kind{upstream.RateLimited, upstream.Unavailable} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPolicy(t, resilience.Options{})
				ctx := withTimeout(t, 10*time.Second)
				f := newFake(read, outcomes(asksToWait(kind, 2*time.Second), nil))
				if _, err := do(ctx, p, f); err != nil {
					t.Fatal(err)
				}
				if got, least := f.times()[1], 2*time.Second; got < least || got > least+resilience.DefaultBaseBackoff {
					t.Errorf("sent again after %v, want %v and a little", got, least)
				}
			})
		})
	}
}

func TestRetryAfterBeyondTheDeadlineFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{})
		ctx := withTimeout(t, 10*time.Second)
		f := newFake(read, outcomes(asksToWait(upstream.RateLimited, time.Minute)))
		_, err := do(ctx, p, f)
		wantFailure(t, err, upstream.RateLimited)
		if got := retryAfter(err); got != time.Minute {
			t.Errorf("retry after: got %v, want %v", got, time.Minute)
		}
		<-time.After(5 * time.Second)
		_, err = do(withTimeout(t, 10*time.Second), p, f)
		wantFailure(t, err, upstream.RateLimited)
		if got, want := retryAfter(err), 55*time.Second; !errors.Is(err, resilience.ErrPaused) || got != want {
			t.Errorf("second call: got %v after %v, want %v after %v", err, got, resilience.ErrPaused, want)
		}
		if got := time.Since(f.start); got != 5*time.Second || len(f.times()) != 1 {
			t.Errorf("failed after %v and %d attempts, want at once and 1", got, len(f.times()))
		}
	})
}

func TestPauseIsForOneScope(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, limited, other string
		held                 bool
	}{
		{"the same viewer", "a", "a", true},
		{"another viewer", "a", "b", false},
		{"logins", "", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPolicy(t, resilience.Options{MaxAttempts: 1})
				limited := newFake(read, outcomes(asksToWait(upstream.RateLimited, 3*time.Second)))
				limited.scope = test.limited
				_, err := do(t.Context(), p, limited)
				wantFailure(t, err, upstream.RateLimited)

				// A write waits too: what is asked is not to call.
				other := newFake(write, outcomes(nil))
				other.scope = test.other
				if _, err := do(withTimeout(t, 10*time.Second), p, other); err != nil {
					t.Fatal(err)
				}
				if got := other.times()[0] >= 3*time.Second; got != test.held {
					t.Errorf("sent after %v, want it held back: %t", other.times()[0], test.held)
				}
			})
		})
	}
}

func TestRetryWaitsForAPauseThatAnotherCallBegan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{})
		limited := newFake(write, outcomes(asksToWait(upstream.RateLimited, 3*time.Second)))
		f := newFake(read, func(ctx context.Context, number int) error {
			if number > 0 {
				return nil
			}
			_, _ = do(ctx, p, limited)
			return failure(upstream.Unavailable)
		})
		if _, err := do(withTimeout(t, 10*time.Second), p, f); err != nil {
			t.Fatal(err)
		}
		if got, least := f.times()[1], 3*time.Second; got < least {
			t.Errorf("sent again after %v, want at least %v", got, least)
		}
	})
}

func TestPausesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{MaxAttempts: 1})
		for i := range 3000 {
			f := newFake(read, outcomes(asksToWait(upstream.RateLimited, time.Minute)))
			f.scope = fmt.Sprint(i)
			_, _ = do(t.Context(), p, f)
		}
		if got, want := p.Stats().Paused, 1024; got != want {
			t.Errorf("paused: got %d, want %d", got, want)
		}
		<-time.After(time.Minute)
		if got := p.Stats().Paused; got != 0 {
			t.Errorf("paused when all is over: got %d, want 0", got)
		}
		f := newFake(read, outcomes(asksToWait(upstream.RateLimited, time.Minute)))
		f.scope = "late"
		_, _ = do(t.Context(), p, f)
		if got, want := p.Stats().Paused, 1; got != want {
			t.Errorf("paused later: got %d, want %d", got, want)
		}
	})
}
