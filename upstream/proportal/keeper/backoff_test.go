package keeper_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal/keeper"
)

// TestFailingLogins: from one to sixty seconds apart, with the error at once in between.
func TestFailingLogins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{delay: time.Second, fail: func(int) error { return failure(upstream.Unavailable) }}
		k := newKeeper(t, keeper.Options{Login: p.login})
		var waits []time.Duration
		for login := range int64(9) {
			_, err := k.Token(t.Context())
			checkFailure(t, err, upstream.Unavailable, time.Second, time.Minute)
			wait := time.Until(k.State().RetryAt)
			waits = append(waits, wait)
			pass(wait - time.Millisecond)
			asked := time.Now()
			_, err = k.Token(t.Context())
			checkFailure(t, err, upstream.Unavailable, time.Millisecond, time.Millisecond)
			if waited := time.Since(asked); waited != 0 {
				t.Errorf("during the back-off a caller waited %v, want an error at once", waited)
			}
			checkLogins(t, p, login+1)
			pass(time.Millisecond)
		}
		for i, most := range []time.Duration{2, 4, 8, 16, 32, 60, 60, 60, 60} {
			if got := waits[i]; got < most*time.Second/2 || got > most*time.Second {
				t.Errorf("wait %d: got %v, want between half of %d seconds and all", i+1, got, most)
			}
		}
		want := keeper.Stats{Failures: 9}
		if diff := cmp.Diff(want, k.Stats()); diff != "" {
			t.Errorf("stats (-want +got):\n%s", diff)
		}
	})
}

func TestBackoffEndsWithASuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := true
		p := &portal{fail: func(int) error {
			if down {
				return failure(upstream.Unavailable)
			}
			return nil
		}}
		k := newKeeper(t, keeper.Options{Login: p.login})
		for range 8 {
			_, err := k.Token(t.Context())
			checkFailure(t, err, upstream.Unavailable, time.Second, time.Minute)
			pass(time.Minute)
		}
		if state := k.State(); state.Err == nil || !state.ExpiresAt.IsZero() {
			t.Errorf("state: got %+v, want an error and no token", state)
		}
		down = false
		token(t, k)
		if state := k.State(); state.Err != nil || !state.RetryAt.IsZero() {
			t.Errorf("state after a success: got %+v, want no error", state)
		}
		down = true
		pass(2 * time.Hour)
		_, err := k.Token(t.Context())
		checkFailure(t, err, upstream.Unavailable, time.Second, 2*time.Second)
	})
}

// TestFailingRenewal: the token serves to its end.
func TestFailingRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{fail: func(login int) error {
			if login > 1 {
				return failure(upstream.Unavailable)
			}
			return nil
		}}
		k := newKeeper(t, keeper.Options{Login: p.login})
		first := token(t, k)
		for time.Until(first.ExpiresAt) > time.Second {
			if got := token(t, k); got.Text != first.Text {
				t.Fatal("got another token")
			}
			pass(time.Second)
		}
		// A minute apart at most, in the last quarter or tenth of an hour.
		if got := p.logins.Load(); got < 8 || got > 36 {
			t.Errorf("logins: got %d, want 8 to 36", got)
		}
		pass(time.Second)
		_, err := k.Token(t.Context())
		checkFailure(t, err, upstream.Unavailable, time.Millisecond, time.Minute)
	})
}

func TestRetryAfterOfALogin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ asked, from, to time.Duration }{
		"more than the back-off": {30 * time.Second, 30 * time.Second, 30 * time.Second},
		"less":                   {time.Millisecond, time.Second, 2 * time.Second},
		"hours":                  {5 * time.Hour, time.Minute, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &portal{fail: func(int) error {
					limited := failure(upstream.RateLimited)
					limited.RetryAfter = test.asked
					return limited
				}}
				_, err := newKeeper(t, keeper.Options{Login: p.login}).Token(t.Context())
				checkFailure(t, err, upstream.RateLimited, test.from, test.to)
			})
		})
	}
}

// TestKindsOfFailedLogins: whoever asked for data is not to blame, and a login page that is
// not there must not pass for an object that is not there.
func TestKindsOfFailedLogins(t *testing.T) {
	t.Parallel()
	for kind, want := range map[upstream.Kind]upstream.Kind{
		upstream.Unauthenticated: upstream.Rejected,
		upstream.Forbidden:       upstream.Rejected,
		upstream.NotFound:        upstream.Rejected,
		upstream.Invalid:         upstream.Rejected,
		upstream.Rejected:        upstream.Rejected,
		upstream.Canceled:        upstream.Unavailable,
		upstream.Unavailable:     upstream.Unavailable,
		upstream.Timeout:         upstream.Timeout,
		upstream.RateLimited:     upstream.RateLimited,
		upstream.Malformed:       upstream.Malformed,
		upstream.Overloaded:      upstream.Overloaded,
	} {
		p := &portal{fail: func(int) error { return failure(kind) }}
		_, err := newKeeper(t, keeper.Options{Login: p.login}).Token(t.Context())
		checkFailure(t, err, want, time.Second/2, 2*time.Second)
	}
}
