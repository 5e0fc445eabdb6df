package sandbox_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"crmgraph/upstream/sandbox"
)

// logIn returns the token that ProPortal's login gives the first manager, and the Date of the answer.
func logIn(t *testing.T, s *sandbox.Sandbox) (token string, date time.Time) {
	t.Helper()
	r := newRequest(t, http.MethodGet, s.ProPortalURL()+"/auth/login", "")
	r.SetBasicAuth("2", "any")
	got := send(t, r)
	var answer struct{ Token string }
	if err := json.Unmarshal(got.body, &answer); err != nil || got.status != http.StatusOK {
		t.Fatalf("login: got %d, %v, want a token", got.status, err)
	}
	date, err := http.ParseTime(got.header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	return answer.Token, date
}

// statusWith returns the status of a request with a token.
func statusWith(t *testing.T, s *sandbox.Sandbox, token string) int {
	t.Helper()
	r := newRequest(t, http.MethodGet, s.ProPortalURL()+workspace+"groups", "")
	r.Header.Set("Authorization", "Bearer "+token)
	return send(t, r).status
}

func TestTokenLifetime(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 1, TokenLifetime: 5 * time.Minute})
	loggedIn, _ := logIn(t, s)
	for _, token := range []string{loggedIn, s.Token(2)} {
		claims := tokenClaims(t, token)
		if got := claims["exp"].(float64) - claims["iat"].(float64); got != 300 {
			t.Errorf("the token lives for %v seconds, want 300", got)
		}
	}
}

func TestProPortalSkew(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-3 * time.Hour, 3 * time.Hour} {
		s := start(t, sandbox.Options{Customers: 1, ProPortalSkew: skew})
		token, date := logIn(t, s)
		if got := time.Until(date) - skew; got.Abs() > time.Minute {
			t.Errorf("skew %v: Date is off by %v", skew, got)
		}
		issued, _ := tokenClaims(t, token)["iat"].(float64)
		if got := time.Unix(int64(issued), 0).Sub(date); got.Abs() > time.Minute {
			t.Errorf("skew %v: the token was issued %v after Date", skew, got)
		}
		if got := statusWith(t, s, token); got != http.StatusOK {
			t.Errorf("skew %v: ProPortal answers %d to its own token", skew, got)
		}
		if got := statusWith(t, s, s.TokenValidFor(2, -time.Second)); got != http.StatusUnauthorized {
			t.Errorf("skew %v: an expired token gets %d, want 401", skew, got)
		}
		solosDate, err := http.ParseTime(send(t, solosRequest(t, s, http.MethodGet, projects, "")).header.Get("Date"))
		if got := time.Until(solosDate); err != nil || got.Abs() > time.Minute {
			t.Errorf("skew %v: solOS's Date is off by %v, %v, want the real time", skew, got, err)
		}
	}
}

func TestRevokeTokens(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 1})
	first, _ := logIn(t, s)
	s.RevokeTokens()
	second, _ := logIn(t, s)
	if got := statusWith(t, s, first); got != http.StatusUnauthorized {
		t.Errorf("the revoked token gets %d, want 401", got)
	}
	if got := statusWith(t, s, second); got != http.StatusOK {
		t.Errorf("the token issued after that gets %d, want 200", got)
	}

	r := newRequest(t, http.MethodPost, s.ControlURL()+"/revoke-tokens", "")
	if got := send(t, r).status; got != http.StatusNoContent {
		t.Fatalf("revoke-tokens: got %d, want 204", got)
	}
	if got := statusWith(t, s, second); got != http.StatusUnauthorized {
		t.Errorf("the token revoked by request gets %d, want 401", got)
	}
}
