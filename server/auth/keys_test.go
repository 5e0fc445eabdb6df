package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/server/auth"
	"crmgraph/upstream"
)

// checkVerdict verifies a token and compares the error; nil means that it is accepted.
func checkVerdict(t *testing.T, j *auth.JWKS, token string, want error) {
	t.Helper()
	if _, err := j.Verify(t.Context(), token); !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

func TestKeyRotation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		older, newer, i := newEd25519(), newEd25519(), new(issuer)
		i.publish(older.published("1"))
		j := newJWKS(t, i)
		byOlder, byNewer := older.token("1", issued()), newer.token("2", issued())
		checkVerdict(t, j, byOlder, nil)
		checkVerdict(t, j, byNewer, upstream.Unauthenticated)

		// The new key is known as soon as a token names it, the old one forgotten with that.
		pass(10 * time.Minute)
		i.publish(newer.published("2"))
		checkVerdict(t, j, byOlder, nil)
		checkVerdict(t, j, byNewer, nil)
		checkVerdict(t, j, byOlder, upstream.Unauthenticated)
		if got := i.times(); got != 2 {
			t.Errorf("the issuer was asked %d times, want 2", got)
		}
	})
}

// TestKeysAreLoadedEveryHour, so that a key that was withdrawn does not serve for ever.
func TestKeysAreLoadedEveryHour(t *testing.T) {
	t.Parallel()
	for every, want := range map[time.Duration]int{0: 25, 6 * time.Hour: 5} {
		t.Run(every.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				withdrawn, kept, i := newEd25519(), newEd25519(), new(issuer)
				i.publish(withdrawn.published("1"), kept.published("2"))
				j := newJWKSWith(t, auth.JWKSOptions{Transport: i, Now: now, RefreshInterval: every})
				checkVerdict(t, j, withdrawn.token("1", issued()), nil)
				i.publish(kept.published("2"))
				pass(24*time.Hour + time.Minute)
				if got := i.times(); got != want {
					t.Errorf("in a day the issuer was asked %d times, want %d", got, want)
				}
				checkVerdict(t, j, withdrawn.token("1", issued()), upstream.Unauthenticated)
				checkVerdict(t, j, kept.token("2", issued()), nil)
			})
		})
	}
}

// TestInventedKeys: whoever makes up names of keys does not make the gateway ask for each.
func TestInventedKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		es, i := newEd25519(), new(issuer)
		i.publish(es.published("1"))
		j := newJWKS(t, i)
		for n := range 6000 {
			checkVerdict(t, j, es.token(fmt.Sprint("invented-", n), issued()), upstream.Unauthenticated)
			pass(10 * time.Millisecond)
		}
		if got := i.times(); got > 13 {
			t.Errorf("in a minute the issuer was asked %d times, want every five seconds at most", got)
		}
	})
}

func TestIssuerThatIsDownAtTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		es, i := newEd25519(), new(issuer)
		i.answer(down)
		j := newJWKS(t, i)
		token := es.token("1", issued())
		for range 3600 {
			checkVerdict(t, j, token, upstream.Unavailable)
			checkVerdict(t, j, "no token", upstream.Unauthenticated)
			pass(time.Second)
		}
		// Every five seconds for those who ask, and a few times more at first.
		if got := i.times(); got > 730 {
			t.Errorf("in an hour the issuer was asked %d times, want 730 at most", got)
		}
		i.publish(es.published("1"))
		pass(5 * time.Second)
		checkVerdict(t, j, token, nil)
	})
}

// TestIssuerIsTriedAgain though nobody asks.
func TestIssuerIsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := new(issuer)
		i.answer(down)
		newJWKS(t, i)
		synctest.Wait()
		for n, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
			if got := i.times(); got != n+1 {
				t.Errorf("got %d attempts, want %d", got, n+1)
			}
			pass(wait * time.Second)
			synctest.Wait()
		}
	})
}

func TestIssuerThatGoesDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		es, i := newEd25519(), new(issuer)
		i.publish(es.published("1"))
		j := newJWKS(t, i)
		checkVerdict(t, j, es.token("1", issued()), nil)
		i.answer(down)
		pass(48 * time.Hour)
		checkVerdict(t, j, es.token("1", issued()), nil)
		// It may be the key that the issuer has signed with since.
		checkVerdict(t, j, es.token("2", issued()), upstream.Unavailable)
	})
}

// TestStateOfKeys: it tells whether there are any, of when, and why no newer ones.
func TestStateOfKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i, begun := new(issuer), time.Now()
		i.answer(down)
		j := newJWKS(t, i)
		synctest.Wait()
		if got := j.Keys(); got.Err == nil || !got.LoadedAt.IsZero() {
			t.Errorf("while the issuer has always been down: got %+v, want an error and no time", got)
		}
		i.publish(newEd25519().published("1"))
		pass(time.Second)
		synctest.Wait()
		loaded := auth.KeysState{LoadedAt: begun.Add(time.Second)}
		if got := j.Keys(); got != loaded {
			t.Errorf("after a load: got %+v, want %+v", got, loaded)
		}
		i.answer(down)
		pass(auth.DefaultRefreshInterval)
		synctest.Wait()
		if got := j.Keys(); got.Err == nil || got.LoadedAt != loaded.LoadedAt {
			t.Errorf("after a load that failed: got %+v, want an error and %v", got, loaded.LoadedAt)
		}
	})
}

func TestIssuerThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		es, i := newEd25519(), new(issuer)
		i.answer(hang)
		begun := time.Now()
		j := newJWKS(t, i)
		if took := time.Since(begun); took != 0 {
			t.Errorf("the start took %v, want no time", took)
		}
		token := es.token("1", issued())
		hurried, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := j.Verify(hurried, token); !errors.Is(err, upstream.Timeout) {
			t.Errorf("a hurried caller: got error %v, want %v", err, upstream.Timeout)
		}
		gone, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		if _, err := j.Verify(gone, token); !errors.Is(err, upstream.Canceled) {
			t.Errorf("a caller who left: got error %v, want %v", err, upstream.Canceled)
		}
		checkVerdict(t, j, token, upstream.Unavailable)
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("the load took %v, want ten seconds", took)
		}
		j.Close()
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("Close waited until %v, want no time", took)
		}
	})
}

func TestAllWhoWaitShareOneLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		es, i := newEd25519(), new(issuer)
		i.answer(func(r *http.Request) (*http.Response, error) {
			pass(3 * time.Second)
			return response(http.StatusOK, `{"keys":[`+es.published("1")+`]}`)(r)
		})
		j := newJWKS(t, i)
		token := es.token("1", issued())
		var callers sync.WaitGroup
		for range 1000 {
			callers.Go(func() { checkVerdict(t, j, token, nil) })
		}
		callers.Wait()
		if got := i.times(); got != 1 {
			t.Errorf("the issuer was asked %d times, want 1", got)
		}
	})
}

// TestAnswersThatAreNoKeys change nothing about the keys that are known, and are told
// without an address.
func TestAnswersThatAreNoKeys(t *testing.T) {
	t.Parallel()
	encryption := rsaSigner().published("1", "use", "enc")
	for name, answer := range map[string]reply{
		"unreachable":     down,
		"slow":            hang,
		"error":           response(http.StatusInternalServerError, `{"keys":[]}`),
		"redirect":        response(http.StatusFound, ""),
		"page":            response(http.StatusOK, "<html>"),
		"nothing":         response(http.StatusOK, ""),
		"no set":          response(http.StatusOK, "{}"),
		"no key":          response(http.StatusOK, `{"keys":[]}`),
		"no key to check": response(http.StatusOK, `{"keys":[`+encryption+`,{"kty":"oct","kid":"1","k":"AQAB"}]}`),
		"no name":         response(http.StatusOK, `{"keys":[`+newEd25519().published("")+`]}`),
		"cut off":         response(http.StatusOK, `{"keys":[`+newEd25519().published("1")),
		"too large":       response(http.StatusOK, `{"keys":[`+newEd25519().published("1")+`]`+strings.Repeat(" ", 1<<20)+`}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				es, i := newEd25519(), new(issuer)
				i.publish(es.published("1"))
				var told []error
				j := newJWKSWith(t, auth.JWKSOptions{Transport: i, Now: now, Loaded: func(err error) { told = append(told, err) }})
				token := es.token("1", issued())
				checkVerdict(t, j, token, nil)
				i.answer(answer)
				pass(time.Hour + time.Second/2)
				checkVerdict(t, j, es.token("2", issued()), upstream.Unavailable)
				checkVerdict(t, j, token, nil)
				if len(told) < 2 || told[0] != nil || told[1] == nil || strings.Contains(told[1].Error(), "example") {
					t.Errorf("got told %v, want one success and then errors without an address", told)
				}
			})
		})
	}
}

func TestKeysEndWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := new(issuer)
		i.publish(newEd25519().published("1"))
		ctx, cancel := context.WithCancel(t.Context())
		j, err := auth.NewJWKS(ctx, auth.JWKSOptions{URL: keysURL, Issuer: issuerName, Audience: audience, Transport: i})
		if err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		cancel()
		pass(24 * time.Hour)
		if got := i.times(); got != 1 {
			t.Errorf("the issuer was asked %d times, want 1", got)
		}
		j.Close()
	})
}
