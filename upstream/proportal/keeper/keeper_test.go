package keeper_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal/keeper"
)

func TestNewRefusesImpossibleOptions(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]keeper.Options{
		"no login":         {},
		"negative timeout": {Login: new(portal).login, Timeout: -1},
	} {
		if k, err := keeper.New(opts); err == nil {
			t.Errorf("%s: got %v, want an error", name, k)
		}
	}
}

func TestAllWhoFindNoTokenShareOneLogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{delay: time.Second}
		k := newKeeper(t, keeper.Options{Login: p.login})
		ask := func() (keeper.Token, error) { return k.Token(t.Context()) }
		for login := range int64(3) {
			texts, failures := tokens(1000, ask)
			if len(texts) != 1 || len(failures) > 0 {
				t.Errorf("got %d tokens and %d errors, want one token for all", len(texts), len(failures))
			}
			checkLogins(t, p, login+1)
			pass(time.Hour)
		}
	})
}

func TestToken(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		p    *portal
		want time.Duration // for which the token is valid
	}{
		{"clocks agree", &portal{}, time.Hour},
		{"ProPortal's is ahead", &portal{skew: time.Hour}, time.Hour},
		{"ProPortal's is behind", &portal{skew: -time.Hour}, time.Hour},
		{"short-lived, and the clocks far apart", &portal{skew: -48 * time.Hour, lifetime: time.Minute}, time.Minute},
		{"no Date", &portal{noDate: true, lifetime: 20 * time.Minute}, 20 * time.Minute},
		{"no Date, and ProPortal's is ahead", &portal{noDate: true, skew: time.Hour}, 2 * time.Hour},
		{"never to expire", &portal{lifetime: 50 * 365 * 24 * time.Hour}, 24 * time.Hour},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				k := newKeeper(t, keeper.Options{Login: test.p.login})
				got := token(t, k)
				if got.Subject != "2" {
					t.Errorf("subject: got %q, want 2", got.Subject)
				}
				if left := time.Until(got.ExpiresAt); left != test.want {
					t.Errorf("valid for: got %v, want %v", left, test.want)
				}
				if state := k.State(); !state.ExpiresAt.Equal(got.ExpiresAt) || state.Err != nil {
					t.Errorf("state: got %+v, want one with the token's expiry", state)
				}
			})
		})
	}
}

// TestSlowLogin: a token's life begins with the answer, however long that took.
func TestSlowLogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{lifetime: 5 * time.Second, delay: 10 * time.Second}
		k := newKeeper(t, keeper.Options{Login: p.login})
		if left := time.Until(token(t, k).ExpiresAt); left != p.lifetime {
			t.Errorf("valid for: got %v, want %v", left, p.lifetime)
		}
	})
}

func TestSubjects(t *testing.T) {
	t.Parallel()
	for want, sub := range map[string]any{
		"9007199254740993": json.Number("9007199254740993"),
		"ivanov":           "ivanov",
	} {
		text := sign(jwt.MapClaims{"sub": sub, "exp": time.Now().Add(time.Hour).Unix()})
		p := &portal{token: func() string { return text }}
		if got := token(t, newKeeper(t, keeper.Options{Login: p.login})).Subject; got != want {
			t.Errorf("got subject %q, want %q", got, want)
		}
	}
}

func TestTokensThatAreNoGood(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no token":        "abc",
		"no expiry":       sign(jwt.MapClaims{"sub": 2}),
		"expiry as text":  sign(jwt.MapClaims{"sub": 2, "exp": "tomorrow"}),
		"expired":         sign(jwt.MapClaims{"sub": 2, "exp": 1000}),
		"no subject":      sign(jwt.MapClaims{"exp": 4102444800}),
		"empty subject":   sign(jwt.MapClaims{"exp": 4102444800, "sub": ""}),
		"subject a list":  sign(jwt.MapClaims{"exp": 4102444800, "sub": []int{2}}),
		"subject a truth": sign(jwt.MapClaims{"exp": 4102444800, "sub": true}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &portal{token: func() string { return text }}
			_, err := newKeeper(t, keeper.Options{Login: p.login}).Token(t.Context())
			checkFailure(t, err, upstream.Malformed, time.Second/2, 2*time.Second)
			if strings.Contains(err.Error(), text) {
				t.Errorf("the error %v quotes the token", err)
			}
		})
	}
}

// TestRenewal: callers keep their token while the next one is on its way.
func TestRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{delay: 5 * time.Second}
		k := newKeeper(t, keeper.Options{Login: p.login})
		first := token(t, k)
		issued := first.ExpiresAt.Add(-time.Hour)

		pass(time.Until(issued.Add(45*time.Minute - time.Second)))
		token(t, k)
		synctest.Wait()
		checkLogins(t, p, 1)

		pass(time.Until(issued.Add(54 * time.Minute)))
		before := time.Now()
		texts, failures := tokens(1000, func() (keeper.Token, error) { return k.Token(t.Context()) })
		if waited := time.Since(before); waited != 0 || len(failures) > 0 || texts[first.Text] != 1000 {
			t.Errorf("got %d tokens and %d errors after %v, want the old token at once", len(texts), len(failures), waited)
		}
		pass(p.delay)
		synctest.Wait()
		if got := token(t, k); got.Text == first.Text {
			t.Error("got the old token after the login, want the new one")
		}
		checkLogins(t, p, 2)
	})
}

// TestLastSeconds: a token that could end on its way to ProPortal is not used, if there is
// another.
func TestLastSeconds(t *testing.T) {
	t.Parallel()
	for lifetime, margin := range map[time.Duration]time.Duration{time.Hour: 30 * time.Second, 10 * time.Second: time.Second} {
		synctest.Test(t, func(t *testing.T) {
			p := &portal{lifetime: lifetime}
			k := newKeeper(t, keeper.Options{Login: p.login})
			first := token(t, k)
			pass(lifetime / 2)
			if got := token(t, k); got.Text != first.Text {
				t.Errorf("got a new token after half of %v, want the first", lifetime)
			}
			pass(time.Until(first.ExpiresAt) - margin)
			if got := token(t, k); got.Text == first.Text {
				t.Errorf("got a token with %v of %v left, want a new one", margin, lifetime)
			}
		})
	}
}

// TestIdleKeeper: nobody logs in for a gateway that nobody uses.
func TestIdleKeeper(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := new(portal)
		k := newKeeper(t, keeper.Options{Login: p.login})
		checkLogins(t, p, 0)
		token(t, k)
		pass(24 * time.Hour)
		checkLogins(t, p, 1)
		if state := k.State(); !state.ExpiresAt.IsZero() {
			t.Errorf("state: got a token valid until %v, want none", state.ExpiresAt)
		}
	})
}

func TestRefusedToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{delay: time.Second}
		k := newKeeper(t, keeper.Options{Login: p.login})
		first := token(t, k)
		replace := func() (keeper.Token, error) { return k.Replace(t.Context(), first) }
		texts, failures := tokens(1000, replace)
		if len(texts) != 1 || texts[first.Text] != 0 || len(failures) > 0 {
			t.Errorf("got %d tokens, the refused one %d times, and %d errors, want one new token for all", len(texts), texts[first.Text], len(failures))
		}
		checkLogins(t, p, 2)

		// Somebody whose call took longer comes with the same refused token.
		late, err := replace()
		if err != nil || texts[late.Text] != 1000 {
			t.Errorf("the late caller: got another token than the others, or error %v", err)
		}
		checkLogins(t, p, 2)
		want := keeper.Stats{Logins: 2, Replaced: 1}
		if diff := cmp.Diff(want, k.Stats()); diff != "" {
			t.Errorf("stats (-want +got):\n%s", diff)
		}
	})
}

// TestRefusedDuringRenewal: the login under way serves those whose token is refused.
func TestRefusedDuringRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{delay: time.Second}
		k := newKeeper(t, keeper.Options{Login: p.login})
		first := token(t, k)
		pass(55 * time.Minute)
		token(t, k)
		second, err := k.Replace(t.Context(), first)
		if err != nil || second.Text == first.Text {
			t.Errorf("got the refused token or error %v, want the renewed one", err)
		}
		checkLogins(t, p, 2)
	})
}

// TestAccountThatMayOnlyLogIn: where every token is refused, no call brings a login.
func TestAccountThatMayOnlyLogIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := new(portal)
		k := newKeeper(t, keeper.Options{Login: p.login})
		var last error
		for range 600 {
			if got, err := k.Token(t.Context()); err == nil {
				_, last = k.Replace(t.Context(), got)
			}
			pass(time.Second)
		}
		checkFailure(t, last, upstream.Rejected, time.Second, time.Minute)
		// Ten minutes at 1, 2, 4 … 60 seconds are at most 26 logins, and one a second were 600.
		if got := p.logins.Load(); got < 10 || got > 26 {
			t.Errorf("logins in ten minutes: got %d, want 10 to 26", got)
		}

		// Once tokens serve again, a single refusal is a revocation.
		pass(time.Minute)
		first := token(t, k)
		pass(time.Minute)
		if _, err := k.Replace(t.Context(), first); err != nil {
			t.Errorf("a token refused after a minute: got error %v, want another token", err)
		}
	})
}

// TestLoginThatGivesTheRefusedToken must not go round in circles.
func TestLoginThatGivesTheRefusedToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text := sign(jwt.MapClaims{"sub": 2, "exp": time.Now().Add(time.Hour).Unix()})
		p := &portal{token: func() string { return text }}
		k := newKeeper(t, keeper.Options{Login: p.login})
		_, err := k.Replace(t.Context(), token(t, k))
		checkFailure(t, err, upstream.Rejected, time.Second, 2*time.Second)
		checkLogins(t, p, 2)
	})
}

func TestCallersWaitNoLongerThanTheyWant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{delay: 14 * time.Second}
		k := newKeeper(t, keeper.Options{Login: p.login})
		begun := time.Now()
		hurried, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, err := k.Token(hurried)
		checkFailure(t, err, upstream.Timeout, 0, 0)
		if waited := time.Since(begun); waited != 2*time.Second {
			t.Errorf("waited %v, want two seconds", waited)
		}
		gone, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		_, err = k.Token(gone)
		checkFailure(t, err, upstream.Canceled, 0, 0)

		// The login goes on without those who began it.
		token(t, k)
		if waited := time.Since(begun); waited != p.delay {
			t.Errorf("the token came after %v, want %v", waited, p.delay)
		}
		checkLogins(t, p, 1)
	})
}

func TestWhoHasLeftBeginsNoLogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := new(portal)
		k := newKeeper(t, keeper.Options{Login: p.login})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := k.Token(ctx)
		checkFailure(t, err, upstream.Canceled, 0, 0)
		synctest.Wait()
		checkLogins(t, p, 0)
	})
}

func TestHangingLogin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ timeout, want time.Duration }{
		"by default": {0, 15 * time.Second},
		"as set":     {4 * time.Second, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &portal{delay: time.Hour}
				k := newKeeper(t, keeper.Options{Login: p.login, Timeout: test.timeout})
				begun := time.Now()
				_, err := k.Token(t.Context())
				checkFailure(t, err, upstream.Timeout, time.Second, 2*time.Second)
				if waited := time.Since(begun); waited != test.want {
					t.Errorf("the login lasted %v, want %v", waited, test.want)
				}
			})
		})
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{delay: time.Hour}
		k := newKeeper(t, keeper.Options{Login: p.login, Timeout: 2 * time.Hour})
		begun := time.Now()
		waiting := make(chan error, 1)
		go func() {
			_, err := k.Token(t.Context())
			waiting <- err
		}()
		synctest.Wait()
		k.Close()
		if lasted := time.Since(begun); lasted != 0 || p.current.Load() != 0 {
			t.Errorf("after %v there are %d logins under way, want none at once", lasted, p.current.Load())
		}
		if err := <-waiting; err == nil {
			t.Error("the caller who waited got no error")
		}
		_, err := k.Token(t.Context())
		checkFailure(t, err, upstream.Unavailable, 0, 0)
		checkLogins(t, p, 1)
	})
}

func TestHeader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := new(portal)
		k := newKeeper(t, keeper.Options{Login: p.login})
		headers := map[*upstream.Header]bool{}
		for range 3 {
			header, err := k.Header(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			headers[header] = true
		}
		if len(headers) != 1 {
			t.Errorf("got %d headers for one token, want one", len(headers))
		}
		for refused := range headers {
			for range 2 {
				renewed, err := k.Renew(t.Context(), refused)
				if err != nil || renewed == refused {
					t.Errorf("got the refused header or error %v, want another one", err)
				}
			}
		}
		checkLogins(t, p, 2)
	})
}

// TestTokensDoNotPrint: they must not reach a log by accident.
func TestTokensDoNotPrint(t *testing.T) {
	t.Parallel()
	secret := keeper.Token{Text: "canary", Subject: "canary", ExpiresAt: time.Now()}
	var out strings.Builder
	for _, verb := range []string{"%s", "%v", "%+v", "%#v", "%q", "%d", "%x"} {
		fmt.Fprintf(&out, verb+" ", secret)
		fmt.Fprintf(&out, verb+" ", &secret)
		fmt.Fprintf(&out, verb+"\n", struct{ Token keeper.Token }{secret})
	}
	encoded, err := json.Marshal(map[string]any{"token": secret})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	out.WriteString(secret.String())
	slog.New(slog.NewTextHandler(&out, nil)).Info("text", "token", secret)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "token", secret)
	if got := out.String(); strings.Contains(got, "canary") || strings.Contains(got, fmt.Sprintf("%x", "canary")) {
		t.Errorf("got a printed token:\n%s", got)
	}
}

// TestErrorsHoldNothingOfTheLogin: a login's own words may quote what was sent.
func TestErrorsHoldNothingOfTheLogin(t *testing.T) {
	t.Parallel()
	p := &portal{fail: func(int) error { return errors.New("canary") }}
	_, err := newKeeper(t, keeper.Options{Login: p.login}).Token(t.Context())
	checkFailure(t, err, upstream.Unavailable, time.Second/2, 2*time.Second)
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("got error %v, want one without the cause's text", err)
	}
}

// TestLoginThatPanics: it fails like any other, and the next may succeed.
func TestLoginThatPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{fail: func(login int) error {
			if login == 1 {
				panic("canary")
			}
			return nil
		}}
		k := newKeeper(t, keeper.Options{Login: p.login})
		if _, err := k.Token(t.Context()); !errors.Is(err, upstream.Malformed) || strings.Contains(err.Error(), "canary") {
			t.Errorf("got %v, want %v and nothing of the panic's text", err, upstream.Malformed)
		}
		time.Sleep(time.Minute)
		token(t, k)
	})
}
