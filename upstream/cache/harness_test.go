package cache_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lifetime is what the answers of the tests live by unless a test says otherwise.
var lifetime = cache.Lifetime{
	TTL:                  10 * time.Second,
	StaleWhileRevalidate: 20 * time.Second,
	StaleIfError:         5 * time.Minute,
	NotFound:             3 * time.Second,
}

func always(l cache.Lifetime) func(upstream.Service, string) cache.Lifetime {
	return func(upstream.Service, string) cache.Lifetime { return l }
}

// open returns a cache with the usual lifetime that is closed at the end of the test.
func open(t testing.TB, opts cache.Options) *cache.Cache {
	t.Helper()
	if opts.Lifetime == nil {
		opts.Lifetime = always(lifetime)
	}
	c, err := cache.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// crm answers questions with "<scope> <number of the call>", unless it is told to fail.
type crm struct {
	takes time.Duration // for a call

	mu    sync.Mutex
	err   error
	calls atomic.Int64
}

func (s *crm) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *crm) ask(ctx context.Context, scope string) (*upstream.Body, error) {
	n := s.calls.Add(1)
	s.mu.Lock()
	err := s.err
	s.mu.Unlock()
	if s.takes > 0 {
		select {
		case <-time.After(s.takes):
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return nil, failure(upstream.Timeout)
			}
			return nil, failure(upstream.Canceled)
		}
	}
	if err != nil {
		return nil, err
	}
	return upstream.NewBody(200, fmt.Appendf(nil, "%s %d", scope, n)), nil
}

// timeout is of calls that no test waits for.
const timeout = time.Hour

// question asks what the crm is asked for.
type question struct {
	key        upstream.Key
	credential string
	ask        func(ctx context.Context) (*upstream.Body, error)
	read       func(body []byte) (any, error) // nil: the body as a string
	lasts      time.Duration                  // what it says is so
	timeout    time.Duration                  // 0: of calls that no test waits for
}

func (q *question) Key() *upstream.Key { return &q.key }

func (q *question) Credential() string { return q.credential }

func (q *question) Timeout() time.Duration {
	if q.timeout > 0 {
		return q.timeout
	}
	return timeout
}

func (q *question) Ask(ctx context.Context) (*upstream.Body, error) { return q.ask(ctx) }

func (q *question) Read(body []byte) (any, time.Duration, error) {
	if q.read != nil {
		value, err := q.read(body)
		return value, q.lasts, err
	}
	return string(body), q.lasts, nil
}

// tasks is the question of a viewer for their tasks.
func (s *crm) tasks(scope string) *question {
	return s.asks(upstream.Key{Service: upstream.ProPortal, Operation: "tasks", Scope: scope})
}

func (s *crm) asks(key upstream.Key) *question {
	return &question{key: key, credential: "token", ask: func(ctx context.Context) (*upstream.Body, error) {
		return s.ask(ctx, key.Scope)
	}}
}

func failure(kind upstream.Kind) error {
	return &upstream.Error{Call: upstream.Call{Service: upstream.ProPortal, Operation: "tasks"}, Kind: kind}
}

// get asks as the Caller does: what is kept first.
func get(ctx context.Context, c *cache.Cache, q upstream.Question, terms upstream.Terms) (upstream.Answer, error) {
	if answer, err, ok := c.Kept(ctx, q, terms); ok {
		return answer, err
	}
	if terms.OnlyIfCached {
		return upstream.Answer{}, failure(upstream.NotCached)
	}
	return c.Get(ctx, q, terms)
}

// wants asks and compares value and state.
func wants(t *testing.T, c *cache.Cache, q upstream.Question, terms upstream.Terms, value string, state upstream.State) upstream.Answer {
	t.Helper()
	answer, err := get(t.Context(), c, q, terms)
	if err != nil {
		t.Fatalf("got error %v, want %q", err, value)
	}
	if answer.Value != value || answer.Freshness.State != state {
		t.Fatalf("got %q %s, want %q %s", answer.Value, answer.Freshness.State, value, state)
	}
	return answer
}

// refused asks and wants an error of that kind.
func refused(t *testing.T, c *cache.Cache, q upstream.Question, terms upstream.Terms, kind upstream.Kind) {
	t.Helper()
	answer, err := get(t.Context(), c, q, terms)
	if !errors.Is(err, kind) {
		t.Fatalf("got %v and error %v, want error %q", answer, err, kind)
	}
}

func (s *crm) wantCalls(t *testing.T, want int64) {
	t.Helper()
	if got := s.calls.Load(); got != want {
		t.Fatalf("the CRM was called %d times, want %d", got, want)
	}
}

func ptr[T any](v T) *T { return &v }
