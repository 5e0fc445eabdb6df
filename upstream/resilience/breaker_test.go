package resilience_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/resilience"
)

// openFor is a time within which a circuit that opens does not close, and tillProbes one
// after which it lets probes through.
const (
	openFor    = resilience.DefaultOpenFor * 89 / 100
	tillProbes = resilience.DefaultOpenFor * 111 / 100
)

// opened returns a Policy without retries whose circuit has just opened.
func opened(t *testing.T, opts resilience.Options) *resilience.Policy {
	t.Helper()
	opts.MaxAttempts = 1
	p := newPolicy(t, opts)
	for range resilience.DefaultMinAttempts {
		_, err := do(t.Context(), p, newFake(read, outcomes(failure(upstream.Unavailable))))
		wantFailure(t, err, upstream.Unavailable)
	}
	if got := p.State(); got != resilience.Open {
		t.Fatalf("circuit after %d failures: got %s, want %s", resilience.DefaultMinAttempts, got, resilience.Open)
	}
	return p
}

func TestWhatOpensTheCircuit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		good, failures int // one after the other
		failure        upstream.Kind
		every          time.Duration
		want           resilience.State
	}{
		{name: "too few calls", failures: 19, failure: upstream.Unavailable, want: resilience.Closed},
		{name: "nothing else", failures: 20, failure: upstream.Unavailable, want: resilience.Open},
		{name: "half", failures: 10, good: 10, failure: upstream.Unavailable, want: resilience.Open},
		{name: "less than half", failures: 45, good: 55, failure: upstream.Unavailable, want: resilience.Closed},
		{name: "timeouts", failures: 20, failure: upstream.Timeout, want: resilience.Open},
		{name: "too rare", failures: 100, failure: upstream.Unavailable, every: time.Second, want: resilience.Closed},
		{name: "rate limits", failures: 100, failure: upstream.RateLimited, want: resilience.Closed},
		{name: "not found", failures: 100, failure: upstream.NotFound, want: resilience.Closed},
		{name: "invalid", failures: 100, failure: upstream.Invalid, want: resilience.Closed},
		{name: "malformed", failures: 100, failure: upstream.Malformed, want: resilience.Closed},
		{name: "canceled", failures: 100, failure: upstream.Canceled, want: resilience.Closed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPolicy(t, resilience.Options{MaxAttempts: 1})
				bad := newFake(read, outcomes(failure(test.failure)))
				for range test.good {
					_, _ = do(t.Context(), p, newFake(read, outcomes(nil)))
				}
				for range test.failures {
					_, _ = do(t.Context(), p, bad)
					<-time.After(test.every)
				}
				if got := p.State(); got != test.want {
					t.Errorf("circuit: got %s, want %s", got, test.want)
				}
			})
		})
	}
}

// A call that begins with little time left says nothing about an upstream that needs more.
func TestTimeoutOfHurriedCallsOpensNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{})
		for range 50 {
			if _, err := do(t.Context(), p, newFake(read, after(time.Second))); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(resilience.DefaultWindow)
		for range 100 {
			_, err := do(withTimeout(t, 50*time.Millisecond), p, newFake(read, after(time.Second)))
			wantFailure(t, err, upstream.Timeout)
		}
		if got := p.State(); got != resilience.Closed {
			t.Errorf("circuit: got %s, want %s", got, resilience.Closed)
		}
	})
}

// So it is where nobody knows yet how long such calls take, as logins are few; only calls that
// had their time say then that the upstream does not answer. Of one that has never answered
// anything, calls of a few seconds do so, too.
func TestTimeoutOfHurriedCallsOfUnknownDuration(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		given time.Duration
		heard error // what the upstream has answered once
		want  resilience.State
	}{
		{given: 50 * time.Millisecond, want: resilience.Closed},
		{given: 2 * time.Second, want: resilience.Open},
		{given: 2 * time.Second, heard: failure(upstream.NotFound), want: resilience.Closed},
		{given: 2 * time.Second, heard: failure(upstream.Unavailable), want: resilience.Open},
		{given: 10 * time.Second, heard: failure(upstream.NotFound), want: resilience.Open},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPolicy(t, resilience.Options{MaxAttempts: 1})
			if test.heard != nil {
				_, _ = do(t.Context(), p, newFake(read, outcomes(test.heard)))
			}
			var calls sync.WaitGroup
			for range 2 * resilience.DefaultMinAttempts {
				calls.Go(func() { _, _ = do(withTimeout(t, test.given), p, newFake(read, after(time.Minute))) })
			}
			calls.Wait()
			if got := p.State(); got != test.want {
				t.Errorf("circuit after %v and calls of %v: got %s, want %s", test.heard, test.given, got, test.want)
			}
		})
	}
}

func TestOpenCircuitSendsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := opened(t, resilience.Options{})
		f := newFake(read, outcomes(nil))
		last := 2 * resilience.DefaultOpenFor
		for time.Since(f.start) < openFor {
			_, err := do(t.Context(), p, f)
			wantFailure(t, err, upstream.Unavailable)
			if !errors.Is(err, resilience.ErrCircuitOpen) {
				t.Fatalf("error: got %v, want %v", err, resilience.ErrCircuitOpen)
			}
			left := retryAfter(err)
			if left <= 0 || left >= last {
				t.Errorf("retry after: got %v after %v, want less", left, last)
			}
			last = left
			<-time.After(50 * time.Millisecond)
		}
		if got := len(f.times()); got != 0 {
			t.Errorf("sent: got %d times, want none", got)
		}
	})
}

func TestRetryDoesNotMeetAnOpenCircuit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{Breaker: resilience.BreakerOptions{MinAttempts: 1}})
		f := newFake(read, outcomes(failure(upstream.Unavailable)))
		_, err := do(t.Context(), p, f)
		wantFailure(t, err, upstream.Unavailable)
		if errors.Is(err, resilience.ErrCircuitOpen) || len(f.times()) != 1 || time.Since(f.start) != 0 {
			t.Errorf("got %v after %v and %d attempts, want the first failure at once", err, time.Since(f.start), len(f.times()))
		}
	})
}

func TestHalfOpenCircuitSendsProbes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want resilience.State
	}{
		{"that succeed", nil, resilience.Closed},
		{"that fail", failure(upstream.Unavailable), resilience.Open},
		{"that are rate limited", failure(upstream.RateLimited), resilience.Closed},
		{"that are answered", failure(upstream.NotFound), resilience.Closed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := opened(t, resilience.Options{})
				<-time.After(tillProbes)
				if got := p.State(); got != resilience.HalfOpen {
					t.Errorf("circuit before the first probe: got %s, want %s", got, resilience.HalfOpen)
				}
				f := newFake(read, func(ctx context.Context, _ int) error {
					_ = wait(ctx, time.Second)
					return test.err
				})
				var running sync.WaitGroup
				for range 50 {
					running.Go(func() { _, _ = do(t.Context(), p, f) })
				}
				running.Wait()
				if got := len(f.times()); got != resilience.DefaultProbes {
					t.Errorf("probes: got %d, want %d", got, resilience.DefaultProbes)
				}
				if got := p.State(); got != test.want {
					t.Errorf("circuit after the probes: got %s, want %s", got, test.want)
				}
			})
		})
	}
}

// What was counted before the circuit opened is forgotten when it closes.
func TestClosedCircuitStartsAfresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := opened(t, resilience.Options{})
		<-time.After(tillProbes)
		for range resilience.DefaultProbes {
			_, _ = do(t.Context(), p, newFake(read, outcomes(nil)))
		}
		for range resilience.DefaultMinAttempts - 1 {
			_, _ = do(t.Context(), p, newFake(read, outcomes(failure(upstream.Unavailable))))
		}
		if got := p.State(); got != resilience.Closed {
			t.Errorf("circuit: got %s, want %s", got, resilience.Closed)
		}
	})
}

// A probe whose caller leaves says nothing. It must neither open nor close the circuit,
// nor keep other probes from going.
func TestProbesThatAreCutOffLeaveTheirPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := opened(t, resilience.Options{})
		<-time.After(tillProbes)
		for range 10 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_, err := do(ctx, p, newFake(read, after(time.Hour)))
			wantFailure(t, err, upstream.Canceled)
			if got := p.State(); got != resilience.HalfOpen {
				t.Fatalf("circuit after a probe that was cut off: got %s, want %s", got, resilience.HalfOpen)
			}
		}
		for range resilience.DefaultProbes {
			if _, err := do(t.Context(), p, newFake(read, outcomes(nil))); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.State(); got != resilience.Closed {
			t.Errorf("circuit after the probes: got %s, want %s", got, resilience.Closed)
		}
	})
}

// What was sent before the circuit opened ends while it is half-open, well or badly, and
// decides nothing: the probes do.
func TestLateOutcomesDoNotDecide(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]error{"good": nil, "bad": failure(upstream.Unavailable)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPolicy(t, resilience.Options{MaxAttempts: 1})
				end := make(chan struct{})
				var running sync.WaitGroup
				for range 30 {
					running.Go(func() {
						_, _ = do(t.Context(), p, newFake(read, func(context.Context, int) error { <-end; return late }))
					})
				}
				synctest.Wait()
				for range resilience.DefaultMinAttempts {
					_, _ = do(t.Context(), p, newFake(read, outcomes(failure(upstream.Unavailable))))
				}
				<-time.After(tillProbes)
				var probe sync.WaitGroup
				probe.Go(func() { _, _ = do(t.Context(), p, newFake(read, after(time.Second))) })
				synctest.Wait()
				close(end)
				running.Wait()
				if got := p.State(); got != resilience.HalfOpen {
					t.Errorf("circuit: got %s, want %s", got, resilience.HalfOpen)
				}
				f := newFake(read, after(time.Second))
				for range 10 {
					probe.Go(func() { _, _ = do(t.Context(), p, f) })
				}
				probe.Wait()
				if got, want := len(f.times()), resilience.DefaultProbes-1; got != want {
					t.Errorf("further probes: got %d, want %d", got, want)
				}
			})
		})
	}
}

// A call that the circuit refuses does not wait for a slot to hear so.
func TestRefusedCallsDoNotQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := opened(t, resilience.Options{MaxConcurrent: resilience.DefaultProbes})
		<-time.After(tillProbes)
		var running sync.WaitGroup
		for range resilience.DefaultProbes {
			running.Go(func() { _, _ = do(t.Context(), p, newFake(read, after(time.Minute))) })
		}
		synctest.Wait()
		f := newFake(read, outcomes(nil))
		_, err := do(t.Context(), p, f)
		if !errors.Is(err, resilience.ErrCircuitOpen) || time.Since(f.start) != 0 {
			t.Errorf("got %v after %v, want %v at once", err, time.Since(f.start), resilience.ErrCircuitOpen)
		}
		running.Wait()
	})
}

// Calls that queued while the circuit was closed do not go out when it has opened.
func TestQueuedCallsLearnThatTheCircuitOpened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{MaxAttempts: 1, MaxConcurrent: 1})
		f := newFake(read, func(ctx context.Context, _ int) error {
			_ = wait(ctx, time.Millisecond)
			return failure(upstream.Unavailable)
		})
		var running sync.WaitGroup
		for range 200 {
			running.Go(func() { _, _ = do(t.Context(), p, f) })
		}
		running.Wait()
		if got, want := len(f.times()), resilience.DefaultMinAttempts; got != want {
			t.Errorf("sent: got %d times, want %d", got, want)
		}
	})
}

func TestChangesOfTheCircuitAreLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		withoutTime := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}
		p := opened(t, resilience.Options{Logger: slog.New(slog.NewTextHandler(&out, withoutTime))})
		<-time.After(tillProbes)
		for range resilience.DefaultProbes {
			_, _ = do(t.Context(), p, newFake(read, outcomes(nil)))
		}
		want := strings.Join([]string{
			`level=WARN msg="circuit opened"`, `level=INFO msg="circuit half-open"`, `level=INFO msg="circuit closed"`, "",
		}, "\n")
		if got := out.String(); got != want {
			t.Errorf("log: got %q, want %q", got, want)
		}
		if got := p.Stats().Opened; got != 1 {
			t.Errorf("opened: got %d times, want once", got)
		}
	})
}
