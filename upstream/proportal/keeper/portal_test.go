package keeper_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/proportal/keeper"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// portal is a ProPortal that one account may log in to.
type portal struct {
	lifetime time.Duration // of its tokens; an hour when 0
	delay    time.Duration // of a login
	skew     time.Duration // how far its clock is ahead
	noDate   bool
	fail     func(login int) error // nil, or the error of the n-th login, from 1
	token    func() string         // nil, or what logins give

	logins   atomic.Int64
	current  atomic.Int64 // logins under way
	together atomic.Int64 // the most there ever were
}

func (p *portal) login(ctx context.Context) (string, time.Time, error) {
	n := p.logins.Add(1)
	current := p.current.Add(1)
	defer p.current.Add(-1)
	p.together.Store(max(p.together.Load(), current))
	if p.delay > 0 {
		select {
		case <-time.After(p.delay):
		case <-ctx.Done():
			return "", time.Time{}, failure(upstream.Timeout)
		}
	}
	if p.fail != nil {
		if err := p.fail(int(n)); err != nil {
			return "", time.Time{}, err
		}
	}
	date := time.Now().Add(p.skew)
	text := sign(jwt.MapClaims{"sub": 2, "exp": date.Add(p.lives()).Unix(), "jti": strconv.FormatInt(n, 10)})
	if p.token != nil {
		text = p.token()
	}
	if p.noDate {
		date = time.Time{}
	}
	return text, date, nil
}

func (p *portal) lives() time.Duration {
	if p.lifetime == 0 {
		return time.Hour
	}
	return p.lifetime
}

// sign returns a token; whose key it is, only ProPortal can tell.
func sign(claims jwt.MapClaims) string {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte("a key nobody knows here"))
	if err != nil {
		panic(err)
	}
	return token
}

func failure(kind upstream.Kind) *upstream.Error {
	return &upstream.Error{Call: proportal.LoginCall, Kind: kind}
}

// newKeeper returns a Keeper that the test closes.
func newKeeper(t *testing.T, opts keeper.Options) *keeper.Keeper {
	t.Helper()
	k, err := keeper.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

// token returns a token; an error fails the test.
func token(t *testing.T, k *keeper.Keeper) keeper.Token {
	t.Helper()
	got, err := k.Token(t.Context())
	if err != nil {
		t.Fatalf("Token: %v", err)
	}
	return got
}

// pass lets time go by, in a bubble.
func pass(d time.Duration) { <-time.After(d) }

// tokens has n callers ask at the same time and returns what they got.
func tokens(n int, ask func() (keeper.Token, error)) (texts map[string]int, failures []error) {
	var mu sync.Mutex
	var callers sync.WaitGroup
	texts = map[string]int{}
	for range n {
		callers.Go(func() {
			got, err := ask()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failures = append(failures, err)
				return
			}
			texts[got.Text]++
		})
	}
	callers.Wait()
	return texts, failures
}

// checkFailure compares an error's kind and how long it asks to wait.
func checkFailure(t *testing.T, err error, kind upstream.Kind, from, to time.Duration) {
	t.Helper()
	var got *upstream.Error
	if !errors.As(err, &got) || got.Kind != kind {
		t.Fatalf("got error %v, want %s", err, kind)
	}
	if got.RetryAfter < from || got.RetryAfter > to {
		t.Errorf("got retry after %v, want %v to %v", got.RetryAfter, from, to)
	}
}

// checkLogins compares how often anybody logged in.
func checkLogins(t *testing.T, p *portal, want int64) {
	t.Helper()
	if got := p.logins.Load(); got != want {
		t.Errorf("logins: got %d, want %d", got, want)
	}
}
