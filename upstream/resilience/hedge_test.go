package resilience_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/resilience"
)

// hedging returns a Policy that has seen 100 reads: 90 that took 100 ms and 10 that took
// 400 ms, which so is what 95 of 100 take at most.
func hedging(t *testing.T, opts resilience.Options) *resilience.Policy {
	t.Helper()
	opts.Hedge = true
	p := newPolicy(t, opts)
	for i := range 100 {
		took := 100 * time.Millisecond
		if i%10 == 0 {
			took = 400 * time.Millisecond
		}
		if _, err := do(t.Context(), p, newFake(read, after(took))); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.Stats().Hedges; got != 0 {
		t.Fatalf("hedges of calls that take their usual time: got %d, want none", got)
	}
	return p
}

func TestHedge(t *testing.T) {
	t.Parallel()
	const p95 = 400 * time.Millisecond
	type end struct {
		after time.Duration
		err   error
	}
	unavailable, notFound := failure(upstream.Unavailable), failure(upstream.NotFound)
	tests := []struct {
		name          string
		first, second end
		sent          int
		answer        string
		kind          upstream.Kind
		wins          int64
		took          time.Duration // beyond p95; the histogram is an eighth too high at most
	}{
		{name: "not needed", first: end{after: 100 * time.Millisecond}, sent: 1, answer: "0", took: -300 * time.Millisecond},
		{name: "wins", first: end{after: time.Hour}, second: end{after: 100 * time.Millisecond}, sent: 2, answer: "1", wins: 1, took: 100 * time.Millisecond},
		{name: "loses", first: end{after: time.Second}, second: end{after: time.Hour}, sent: 2, answer: "0", took: 600 * time.Millisecond},
		{name: "fails first", first: end{after: 2 * time.Second}, second: end{err: unavailable}, sent: 2, answer: "0", took: 1600 * time.Millisecond},
		{name: "goes on after the other failed", first: end{after: time.Second, err: unavailable}, second: end{after: 2 * time.Second}, sent: 2, answer: "1", wins: 1, took: 2 * time.Second},
		{name: "both fail", first: end{after: time.Second, err: unavailable}, second: end{after: time.Second, err: unavailable}, sent: 2, kind: upstream.Unavailable, took: time.Second},
		{name: "is told that there is nothing", first: end{after: time.Hour}, second: end{err: notFound}, sent: 2, kind: upstream.NotFound, wins: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := hedging(t, resilience.Options{MaxAttempts: 1})
				f := newFake(read, func(ctx context.Context, number int) error {
					end := []end{test.first, test.second}[number]
					if err := wait(ctx, end.after); err != nil {
						return err
					}
					return end.err
				})
				got, err := do(withTimeout(t, time.Hour), p, f)
				if test.kind != "" {
					wantFailure(t, err, test.kind)
				} else if err != nil {
					t.Fatal(err)
				}
				stats := p.Stats()
				if got != test.answer || stats.HedgeWins != test.wins || len(f.times()) != test.sent {
					t.Errorf("got answer %q, %d wins, sent %d times, want %q, %d, %d",
						got, stats.HedgeWins, len(f.times()), test.answer, test.wins, test.sent)
				}
				if took, least := time.Since(f.start), p95+test.took; took < least || took > least+p95/8 {
					t.Errorf("took %v, want %v and at most an eighth of %v more", took, least, p95)
				}
				if stats.InFlight != 0 {
					t.Errorf("got %d attempts in flight, want none", stats.InFlight)
				}
			})
		})
	}
}

func TestNoHedge(t *testing.T) {
	t.Parallel()
	slow := after(2 * time.Second)
	tests := []struct {
		name string
		run  func(*testing.T) *fake
	}{
		{"where it is off", func(t *testing.T) *fake {
			p := newPolicy(t, resilience.Options{})
			for range 100 {
				_, _ = do(t.Context(), p, newFake(read, outcomes(nil)))
			}
			f := newFake(read, slow)
			_, _ = do(t.Context(), p, f)
			return f
		}},
		{"of an operation that is hardly known", func(t *testing.T) *fake {
			p := newPolicy(t, resilience.Options{Hedge: true})
			for range 49 {
				_, _ = do(t.Context(), p, newFake(read, outcomes(nil)))
			}
			f := newFake(read, slow)
			_, _ = do(t.Context(), p, f)
			return f
		}},
		{"of another operation", func(t *testing.T) *fake {
			f := newFake(query, slow)
			_, _ = do(t.Context(), hedging(t, resilience.Options{}), f)
			return f
		}},
		{"of a call that writes", func(t *testing.T) *fake {
			p := newPolicy(t, resilience.Options{Hedge: true})
			for range 100 {
				_, _ = do(t.Context(), p, newFake(write, outcomes(nil)))
			}
			f := newFake(write, slow)
			_, _ = do(t.Context(), p, f)
			return f
		}},
		{"without a free slot", func(t *testing.T) *fake {
			f := newFake(read, slow)
			_, _ = do(t.Context(), hedging(t, resilience.Options{MaxConcurrent: 1}), f)
			return f
		}},
		{"that cannot end in time", func(t *testing.T) *fake {
			f := newFake(read, slow)
			p := hedging(t, resilience.Options{})
			_, _ = do(withTimeout(t, 450*time.Millisecond), p, f)
			return f
		}},
		{"before the least delay", func(t *testing.T) *fake {
			f := newFake(read, slow)
			_, _ = do(t.Context(), hedging(t, resilience.Options{MinHedgeDelay: 3 * time.Second}), f)
			return f
		}},
		{"while the circuit is half-open", func(t *testing.T) *fake {
			p := hedging(t, resilience.Options{MaxAttempts: 1})
			<-time.After(resilience.DefaultWindow)
			for range resilience.DefaultMinAttempts {
				_, _ = do(t.Context(), p, newFake(read, outcomes(failure(upstream.Unavailable))))
			}
			<-time.After(tillProbes)
			f := newFake(read, slow)
			_, _ = do(t.Context(), p, f)
			return f
		}},
		{"while the viewer is asked to wait", func(t *testing.T) *fake {
			p := hedging(t, resilience.Options{MaxAttempts: 1})
			time.AfterFunc(100*time.Millisecond, func() {
				_, _ = do(t.Context(), p, newFake(read, outcomes(asksToWait(upstream.RateLimited, time.Minute))))
			})
			f := newFake(read, slow)
			_, _ = do(t.Context(), p, f)
			return f
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if got := len(test.run(t).times()); got != 1 {
					t.Errorf("sent: got %d times, want 1", got)
				}
			})
		})
	}
}

func TestCallerWhoLeavesEndsBothAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := hedging(t, resilience.Options{})
		f := newFake(read, after(time.Hour))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := do(ctx, p, f)
		wantFailure(t, err, upstream.Canceled)
		if got := time.Since(f.start); got != time.Second || len(f.times()) != 2 {
			t.Errorf("ended after %v and %d attempts, want 1s and 2", got, len(f.times()))
		}
	})
}

func TestPanicOfHedgeReachesTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := hedging(t, resilience.Options{})
		defer func() {
			if got := recover(); got != "odd answer" {
				t.Errorf("panic: got %v, want that of the hedge", got)
			}
			if got := p.Stats().InFlight; got != 0 {
				t.Errorf("got %d attempts in flight, want none", got)
			}
		}()
		_, _ = do(t.Context(), p, newFake(read, func(ctx context.Context, number int) error {
			if number == 1 {
				panic("odd answer")
			}
			return wait(ctx, time.Second)
		}))
	})
}

func TestHedgingLearnsThatAllHasBecomeSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := hedging(t, resilience.Options{})
		for range 5000 {
			_, _ = do(t.Context(), p, newFake(read, after(100*time.Millisecond)))
		}
		for range 200 {
			_, _ = do(t.Context(), p, newFake(read, after(time.Second)))
		}
		f := newFake(read, after(time.Second))
		_, _ = do(t.Context(), p, f)
		if got := len(f.times()); got != 1 {
			t.Errorf("sent: got %d times, want 1", got)
		}
	})
}

// Were calls that a hedge saved left out, what counts as slow would sink with each; were
// they counted as they ended, it would rise until nothing is hedged any more.
func TestHedgesLeaveAloneWhatIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const p95 = 400 * time.Millisecond
		p := hedging(t, resilience.Options{})
		for i := range 2000 {
			hangs := i%10 == 9
			f := newFake(read, func(ctx context.Context, number int) error {
				if hangs && number == 0 {
					return wait(ctx, time.Hour)
				}
				return wait(ctx, 100*time.Millisecond)
			})
			if _, err := do(withTimeout(t, 10*time.Second), p, f); err != nil {
				t.Fatal(err)
			}
			if times := f.times(); hangs && (times[1] < p95 || times[1] > p95*9/8) {
				t.Fatalf("call %d hedged after %v, want %v or up to an eighth more", i, times[1], p95)
			}
		}
	})
}

// Where every call has become slow, hedges must not double the load.
func TestHedgesKeepToTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := hedging(t, resilience.Options{})
		// The calls before have filled the bucket: 10, and 3 for the 30 calls now.
		for range 30 {
			f := newFake(read, after(time.Hour))
			_, err := do(withTimeout(t, 10*time.Second), p, f)
			wantFailure(t, err, upstream.Timeout)
			if p.State() != resilience.Closed {
				break
			}
		}
		if got, most := p.Stats().Hedges, int64(13); got < 8 || got > most {
			t.Errorf("hedges: got %d, want 8 to %d", got, most)
		}
	})
}
