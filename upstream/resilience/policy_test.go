package resilience_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"crmgraph/upstream"
	"crmgraph/upstream/resilience"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	read  = upstream.Call{Service: upstream.Solos, Operation: "steps", Method: http.MethodGet}
	query = upstream.Call{Service: upstream.Solos, Operation: "filterProjects", Method: http.MethodPost, ReadOnly: true}
	write = upstream.Call{Service: upstream.Solos, Operation: "addAction", Method: http.MethodPost}
)

// fake is an Attempt whose sendings are told by number, from 0, how to end.
type fake struct {
	call  upstream.Call
	scope string
	send  func(ctx context.Context, number int) error

	mu    sync.Mutex
	start time.Time
	sent  []time.Duration // since start
}

func newFake(call upstream.Call, send func(ctx context.Context, number int) error) *fake {
	return &fake{call: call, scope: "viewer", send: send, start: time.Now()}
}

func (f *fake) Call() *upstream.Call { return &f.call }

func (f *fake) Scope() string { return f.scope }

func (f *fake) Timeout() time.Duration { return 10 * time.Second }

func (f *fake) Send(ctx context.Context) (*upstream.Body, error) {
	f.mu.Lock()
	number := len(f.sent)
	f.sent = append(f.sent, time.Since(f.start))
	f.mu.Unlock()
	if err := f.send(ctx, number); err != nil {
		return nil, err
	}
	return upstream.NewBody(http.StatusOK, []byte{byte('0' + number%10)}), nil
}

// times returns when it was sent.
func (f *fake) times() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Duration(nil), f.sent...)
}

// outcomes ends the sendings in turn, and all further ones like the last.
func outcomes(errs ...error) func(context.Context, int) error {
	return func(_ context.Context, number int) error { return errs[min(number, len(errs)-1)] }
}

// after answers after d, unless the context ends first.
func after(d time.Duration) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error { return wait(ctx, d) }
}

// wait passes d, or ends as the transport does when ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return failure(upstream.Canceled)
		}
		return failure(upstream.Timeout)
	}
}

func failure(kind upstream.Kind) *upstream.Error { return &upstream.Error{Call: read, Kind: kind} }

func asksToWait(kind upstream.Kind, d time.Duration) *upstream.Error {
	return &upstream.Error{Call: read, Kind: kind, RetryAfter: d}
}

func newPolicy(t testing.TB, opts resilience.Options) *resilience.Policy {
	t.Helper()
	p, err := resilience.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// do makes the call and returns the answer, which is the number of the sending that
// won.
func do(ctx context.Context, p *resilience.Policy, f *fake) (string, error) {
	body, err := p.Do(ctx, f)
	if err != nil {
		return "", err
	}
	defer body.Release()
	return string(body.Bytes()), nil
}

// wantFailure checks that err is an *upstream.Error of a kind.
func wantFailure(t *testing.T, err error, kind upstream.Kind) {
	t.Helper()
	var got *upstream.Error
	if !errors.As(err, &got) || got.Kind != kind {
		t.Fatalf("error: got %v, want kind %q", err, kind)
	}
}

// retryAfter returns what err says about when to come again.
func retryAfter(err error) time.Duration {
	var failure *upstream.Error
	if !errors.As(err, &failure) {
		return 0
	}
	return failure.RetryAfter
}

func withTimeout(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestImpossibleOptionsAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]resilience.Options{
		"MaxAttempts":    {MaxAttempts: -1},
		"BaseBackoff":    {BaseBackoff: -1},
		"MaxBackoff":     {MaxBackoff: -1},
		"backoffs":       {BaseBackoff: time.Second, MaxBackoff: time.Millisecond},
		"RetryShare":     {RetryShare: -0.1},
		"all and more":   {RetryShare: 1.1},
		"MinHedgeDelay":  {MinHedgeDelay: -1},
		"MaxConcurrent":  {MaxConcurrent: -1},
		"MaxQueued":      {MaxQueued: -1},
		"FailureShare":   {Breaker: resilience.BreakerOptions{FailureShare: 2}},
		"MinAttempts":    {Breaker: resilience.BreakerOptions{MinAttempts: -1}},
		"Window":         {Breaker: resilience.BreakerOptions{Window: -1}},
		"too short":      {Breaker: resilience.BreakerOptions{Window: 9}},
		"OpenFor":        {Breaker: resilience.BreakerOptions{OpenFor: -1}},
		"Probes":         {Breaker: resilience.BreakerOptions{Probes: -1}},
		"one of several": {MaxAttempts: 5, MaxQueued: -1, Hedge: true},
	}
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := resilience.New(opts); err == nil {
				t.Error("got no error, want one")
			}
		})
	}
}

func TestCallsOfManyGoroutines(t *testing.T) {
	t.Parallel()
	p := newPolicy(t, resilience.Options{Hedge: true, MaxConcurrent: 4, MinHedgeDelay: time.Nanosecond})
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			f := newFake(read, func(_ context.Context, number int) error {
				if number%7 == 0 {
					return failure(upstream.Unavailable)
				}
				return nil
			})
			for range 500 {
				body, _ := p.Do(t.Context(), f)
				body.Release()
			}
		})
	}
	running.Wait()
	stats := p.Stats()
	if stats.InFlight != 0 || stats.Queued != 0 {
		t.Errorf("after all calls: got %d in flight and %d queued, want none", stats.InFlight, stats.Queued)
	}
	if sentAgain, most := stats.Retries+stats.Hedges, (stats.Attempts-stats.Retries-stats.Hedges)/10+10; sentAgain > most {
		t.Errorf("retries and hedges: got %d, want at most %d", sentAgain, most)
	}
}
