package resilience_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/resilience"
)

// A hundred calls a second, for 100 seconds, to an upstream that fails every other one:
// retries are a tenth of the calls sent, and the ten that the bucket holds.
func TestRetryStorm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		breaker resilience.BreakerOptions
	}{
		{"circuit that never opens", resilience.BreakerOptions{FailureShare: 1}},
		{"circuit breaker as it comes", resilience.BreakerOptions{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const calls = 10_000
				p := newPolicy(t, resilience.Options{Breaker: test.breaker})
				coin := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same storm each time
				var mu sync.Mutex
				f := newFake(read, func(ctx context.Context, _ int) error {
					_ = wait(ctx, 20*time.Millisecond)
					mu.Lock()
					defer mu.Unlock()
					if coin.IntN(2) == 0 {
						return failure(upstream.Unavailable)
					}
					return nil
				})
				ctx := withTimeout(t, time.Hour)
				var running sync.WaitGroup
				for range calls {
					running.Go(func() { _, _ = do(ctx, p, f) })
					<-time.After(10 * time.Millisecond)
				}
				running.Wait()
				stats := p.Stats()
				t.Logf("%d calls: sent %d, of them %d retries; circuit opened %d times", calls, stats.Attempts, stats.Retries, stats.Opened)
				if most := (stats.Attempts-stats.Retries)/10 + 10; stats.Retries > most {
					t.Errorf("retries: got %d, want at most %d", stats.Retries, most)
				}
				// The budget is there to be used, or calls would fail that need not.
				if least := (stats.Attempts - stats.Retries) / 20; stats.Retries < least {
					t.Errorf("retries: got %d, want at least %d", stats.Retries, least)
				}
				if got := int64(len(f.times())); got != stats.Attempts {
					t.Errorf("attempts: got %d, but sent %d", stats.Attempts, got)
				}
			})
		})
	}
}

// An upstream goes down for 20 seconds and comes back. The log has a line a second.
func TestOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const down, up, end = 5, 25, 40 // seconds
		p := newPolicy(t, resilience.Options{})
		begin := time.Now()
		f := newFake(read, func(context.Context, int) error {
			if since := time.Since(begin); since >= down*time.Second && since < up*time.Second {
				return failure(upstream.Unavailable)
			}
			return nil
		})
		ctx := withTimeout(t, time.Hour)
		var running sync.WaitGroup
		var table strings.Builder
		fmt.Fprintf(&table, "\n%6s %6s %8s %8s  %s", "second", "sent", "retries", "answered", "circuit at the end")
		var before resilience.Stats
		var mu sync.Mutex
		answered := make([]int, end)
		for second := range end {
			for range 100 {
				running.Go(func() {
					if _, err := do(ctx, p, f); err == nil {
						mu.Lock()
						answered[second]++
						mu.Unlock()
					}
				})
				<-time.After(10 * time.Millisecond)
			}
			synctest.Wait()
			now := p.Stats()
			fmt.Fprintf(&table, "\n%6d %6d %8d %8d  %s", second, now.Attempts-before.Attempts, now.Retries-before.Retries, answered[second], now.State)
			before = now
		}
		running.Wait()
		t.Log(table.String())
		sentWhileDown := 0
		for _, at := range f.times() {
			if at >= down*time.Second && at < up*time.Second {
				sentWhileDown++
			}
		}
		// It takes as many failures as there were successes in the last ten seconds to open
		// the circuit: 500 at most. Then each of the openings lets three probes through.
		if most := 500 + 50 + 5*resilience.DefaultProbes; sentWhileDown > most {
			t.Errorf("sent while the upstream was down: got %d of 2000, want at most %d", sentWhileDown, most)
		}
		for second := range end {
			back := up + int(tillProbes/time.Second) + 1
			if healthy := second < down || second > back; healthy && answered[second] != 100 {
				t.Errorf("answered in second %d: got %d of 100", second, answered[second])
			}
		}
		if got := p.State(); got != resilience.Closed {
			t.Errorf("circuit at the end: got %s, want %s", got, resilience.Closed)
		}
	})
}
