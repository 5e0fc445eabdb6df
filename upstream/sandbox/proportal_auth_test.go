package sandbox_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

func TestProPortalWantsAToken(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 5, Tasks: 5})
	other := start(t, sandbox.Options{Customers: 5, Tasks: 5, JWTSecret: "another"})
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + strings.Split(s.Token(2), ".")[1] + "."
	tests := map[string]struct {
		authorization string
		want          int
	}{
		"none":            {"", http.StatusUnauthorized},
		"good":            {"Bearer " + s.Token(2), http.StatusOK},
		"small letters":   {"bearer " + s.Token(2), http.StatusOK},
		"nearly over":     {"Bearer " + s.TokenValidFor(2, time.Minute), http.StatusOK},
		"expired":         {"Bearer " + s.TokenValidFor(2, -time.Second), http.StatusUnauthorized},
		"unknown manager": {"Bearer " + s.Token(77), http.StatusUnauthorized},
		"another key":     {"Bearer " + other.Token(2), http.StatusUnauthorized},
		"unsigned":        {"Bearer " + unsigned, http.StatusUnauthorized},
		"no token":        {"Bearer", http.StatusUnauthorized},
		"basic":           {"Basic " + base64.StdEncoding.EncodeToString([]byte("2:x")), http.StatusUnauthorized},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRequest(t, http.MethodGet, s.ProPortalURL()+workspace+"tasks", "")
			r.Header.Set("Authorization", test.authorization)
			got := send(t, r)
			if got.status != test.want {
				t.Fatalf("got %d, want %d", got.status, test.want)
			}
			if test.want == http.StatusUnauthorized && string(got.body) != "Unauthorized." {
				t.Errorf("got body %q, want the bare text", got.body)
			}
		})
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Managers: 2, Customers: 5, Tasks: 5})
	basic := func(user string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":any")) }
	tests := map[string]struct {
		authorization, cookie string
		status                int
		// subject is whose token is given; body is the answer where none is.
		subject int64
		body    string
	}{
		"cookie":          {cookie: "sandbox_sso=3", status: 200, subject: 3},
		"basic":           {authorization: basic("2"), status: 200, subject: 2},
		"older token":     {authorization: "Bearer " + s.Token(3), status: 200, subject: 3},
		"cookie first":    {cookie: "sandbox_sso=3", authorization: basic("2"), status: 200, subject: 3},
		"nobody":          {status: 404, body: `["user_not_found"]`},
		"unknown cookie":  {cookie: "sandbox_sso=99", status: 404, body: `["user_not_found"]`},
		"senseless basic": {authorization: basic("ivan"), status: 404, body: `["user_not_found"]`},
		"expired":         {authorization: "Bearer " + s.TokenValidFor(2, -time.Hour), status: 500, body: `["token_expired"]`},
		"broken":          {authorization: "Bearer x.y.z", status: 500, body: `["token_invalid"]`},
		"absent":          {authorization: "Bearer ", status: 500, body: `{"token_absent":"The token could not be parsed from the request"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRequest(t, http.MethodGet, s.ProPortalURL()+"/auth/login", "")
			if test.authorization != "" {
				r.Header.Set("Authorization", test.authorization)
			}
			if test.cookie != "" {
				r.Header.Set("Cookie", test.cookie)
			}
			got := send(t, r)
			if got.status != test.status {
				t.Fatalf("got %d %s, want %d", got.status, got.body, test.status)
			}
			if test.status != http.StatusOK {
				if string(got.body) != test.body {
					t.Errorf("got %s, want %s", got.body, test.body)
				}
				return
			}
			var answer struct{ Token string }
			if err := json.Unmarshal(got.body, &answer); err != nil {
				t.Fatal(err)
			}
			r = newRequest(t, http.MethodGet, s.ProPortalURL()+workspace+"groups", "")
			r.Header.Set("Authorization", "Bearer "+answer.Token)
			if got := send(t, r); got.status != http.StatusOK {
				t.Errorf("the token given is refused with %d", got.status)
			}
			if sub := tokenClaims(t, answer.Token)["sub"]; sub != float64(test.subject) {
				t.Errorf("sub is %v, want the number %d", sub, test.subject)
			}
		})
	}
}

func tokenClaims(t *testing.T, token string) map[string]any {
	t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestTokenClaims(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 5, Tasks: 5})
	got := tokenClaims(t, s.Token(2))
	issued, _ := got["iat"].(float64)
	if age := time.Since(time.Unix(int64(issued), 0)); age < 0 || age > time.Minute {
		t.Errorf("issued %v ago, want just now", age)
	}
	want := map[string]any{
		"iss": s.ProPortalURL() + "/auth/login", "iat": issued, "nbf": issued, "exp": issued + 3600,
		"jti": got["jti"], "sub": float64(2), "prv": "23bd5c8949f600adb39e701c400872db7a5976f7",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	if got["jti"] == "" || got["jti"] == tokenClaims(t, s.Token(3))["jti"] {
		t.Errorf("jti %v is not the token's own", got["jti"])
	}
}

func TestManagersAreApart(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Managers: 2, Customers: 30, Tasks: 60})
	if diff := cmp.Diff([]int64{2, 3}, s.ManagerIDs()); diff != "" {
		t.Fatalf("ManagerIDs (-want +got):\n%s", diff)
	}
	other := s.Data().Managers[1]
	paths := map[string]int64{"groups/": other.Groups[0].ID, "tasks/": other.Tasks[0].ID, "customers/": other.Customers[0].ID, "customers/group/": other.Groups[0].ID}
	for path, id := range paths {
		path := fmt.Sprint(workspace, path, id)
		if got := send(t, portalRequest(t, s, 3, path)); got.status != http.StatusOK {
			t.Errorf("%s: the owner gets %d", path, got.status)
		}
		got := send(t, portalRequest(t, s, 2, path))
		if got.status != http.StatusNotFound || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: another manager gets %d %s, want a 404 page", path, got.status, got.header.Get("Content-Type"))
		}
	}
	for _, path := range []string{"groups", "portfolio", "tasks?status=planned"} {
		mine := string(send(t, portalRequest(t, s, 2, workspace+path)).body)
		if !strings.Contains(mine, "Байкал") || strings.Contains(mine, other.Marker) {
			t.Errorf("%s: the first manager's answer is not recognisably the first manager's", path)
		}
	}
}
