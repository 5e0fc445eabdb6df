package resilience_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/resilience"
)

func TestWhichFailuresAreRetried(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		call upstream.Call
		kind upstream.Kind
		sent int
	}{
		{"unavailable", read, upstream.Unavailable, 3},
		{"rate limited", read, upstream.RateLimited, 3},
		{"timeout with time left", read, upstream.Timeout, 3},
		{"POST that reads", query, upstream.Unavailable, 3},
		{"POST that writes", write, upstream.Unavailable, 1},
		{"POST that writes, rate limited", write, upstream.RateLimited, 1},
		{"not found", read, upstream.NotFound, 1},
		{"invalid", read, upstream.Invalid, 1},
		{"unauthenticated", read, upstream.Unauthenticated, 1},
		{"forbidden", read, upstream.Forbidden, 1},
		{"rejected", read, upstream.Rejected, 1},
		{"malformed", read, upstream.Malformed, 1},
		{"over budget", read, upstream.OverBudget, 1},
		{"canceled", read, upstream.Canceled, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake(test.call, outcomes(failure(test.kind)))
				_, err := do(withTimeout(t, 10*time.Second), newPolicy(t, resilience.Options{}), f)
				wantFailure(t, err, test.kind)
				if got := len(f.times()); got != test.sent {
					t.Errorf("sent: got %d times, want %d", got, test.sent)
				}
			})
		})
	}
}

func TestRetrySucceeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{})
		f := newFake(read, outcomes(failure(upstream.Unavailable), nil))
		got, err := do(withTimeout(t, 10*time.Second), p, f)
		if err != nil || got != "1" {
			t.Fatalf("got answer %q (%v), want that of the second attempt", got, err)
		}
		if stats := p.Stats(); stats.Attempts != 2 || stats.Retries != 1 {
			t.Errorf("got %d attempts, %d retries, want 2 and 1", stats.Attempts, stats.Retries)
		}
	})
}

func TestBackoffDoublesUpToItsLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const calls = 200
		longest := make([]time.Duration, 4)
		for range calls {
			p := newPolicy(t, resilience.Options{
				MaxAttempts: 4, BaseBackoff: 100 * time.Millisecond, MaxBackoff: 150 * time.Millisecond,
			})
			f := newFake(read, outcomes(failure(upstream.Unavailable)))
			_, _ = do(t.Context(), p, f)
			times := f.times()
			if len(times) != 4 {
				t.Fatalf("sent: got %d times, want 4", len(times))
			}
			for i := 1; i < 4; i++ {
				longest[i] = max(longest[i], times[i]-times[i-1])
			}
		}
		// Full jitter: anything up to the limit, and of 200 waits some come close to it.
		for i, limit := range []time.Duration{1: 100 * time.Millisecond, 2: 150 * time.Millisecond, 3: 150 * time.Millisecond} {
			if longest[i] > limit || longest[i] < limit*8/10 {
				t.Errorf("longest wait before retry %d: got %v, want nearly %v", i, longest[i], limit)
			}
		}
	})
}

func TestNoRetryThatCannotEndInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{Breaker: resilience.BreakerOptions{MinAttempts: 1000}})
		for range 60 {
			if _, err := do(t.Context(), p, newFake(read, after(300*time.Millisecond))); err != nil {
				t.Fatal(err)
			}
		}
		// Such calls take 300 ms, so that none fits into the last 200.
		f := newFake(read, func(ctx context.Context, _ int) error {
			_ = wait(ctx, 300*time.Millisecond)
			return failure(upstream.Unavailable)
		})
		_, err := do(withTimeout(t, 500*time.Millisecond), p, f)
		wantFailure(t, err, upstream.Unavailable)
		if got, want := time.Since(f.start), 300*time.Millisecond; got != want || len(f.times()) != 1 {
			t.Errorf("failed after %v and %d attempts, want %v and 1", got, len(f.times()), want)
		}
	})
}

func TestNothingIsSentAfterTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{})
		f := newFake(read, outcomes(nil))
		ctx := withTimeout(t, time.Second)
		<-ctx.Done()
		_, err := do(ctx, p, f)
		wantFailure(t, err, upstream.Timeout)
		if got := len(f.times()); got != 0 {
			t.Errorf("sent: got %d times, want none", got)
		}
	})
}

// A long time without failures must not pay for a storm of retries.
func TestBudgetHoldsOnlySoMuch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{Breaker: resilience.BreakerOptions{FailureShare: 1}})
		for range 10_000 {
			_, _ = do(t.Context(), p, newFake(read, outcomes(nil)))
		}
		for range 50 {
			_, _ = do(t.Context(), p, newFake(read, outcomes(failure(upstream.Unavailable))))
		}
		stats := p.Stats()
		if got, most := stats.Retries, int64(10+5); got > most {
			t.Errorf("retries: got %d, want at most %d", got, most)
		}
		if stats.BudgetRefusals == 0 {
			t.Error("budget refusals: got none")
		}
	})
}

func TestCallerWhoLeavesEndsTheBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{})
		f := newFake(read, outcomes(asksToWait(upstream.RateLimited, 5*time.Second)))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := do(ctx, p, f)
		wantFailure(t, err, upstream.Canceled)
		if got, want := time.Since(f.start), time.Second; got != want {
			t.Errorf("ended after %v, want %v", got, want)
		}
	})
}
