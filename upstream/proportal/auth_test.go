package proportal

import (
	"io"
	"net/http"
	"testing"

	"crmgraph/upstream"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	var got []request
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, request{Method: r.Method, URI: r.URL.RequestURI(), Header: r.Header})
		if _, err := io.WriteString(w, sample(t, "login_token.json")); err != nil {
			t.Error(err)
		}
	})
	header := http.Header{"Cookie": {"sso=1"}, "Authorization": {"Negotiate abc"}, "User-Agent": {"test"}}
	token, _, err := newClient(t, base, Options{}).Login(t.Context(), header)
	if err != nil {
		t.Fatal(err)
	}
	want := "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwOlwvXC9sb2NhbGhvc3Q6ODA4OFwvYXV0aFwvbG9naW4iLCJpYXQiOjE1NDgxODg2NjUsImV4cCI6MTU0ODE5MjI2NSwibmJmIjoxNTQ4MTg4NjY1LCJqdGkiOiJXUDh6YWMyaW82dW5oZ0FxIiwic3ViIjoyLCJwcnYiOiIyM2JkNWM4OTQ5ZjYwMGFkYjM5ZTcwMWM0MDA4NzJkYjdhNTk3NmY3In0.votfJ6YGtVZy0-CddkjWv4lXceyk2uzjV8n5619LNA8"
	if token != want {
		t.Errorf("got %q, want %q", token, want)
	}
	equal(t, got, []request{{Method: http.MethodGet, URI: "/auth/login", Header: http.Header{
		"Accept":          {"application/json"},
		"Accept-Encoding": {"gzip"},
		"Authorization":   {"Negotiate abc"},
		"Cookie":          {"sso=1"},
		"User-Agent":      {"test"},
	}}})
	equal(t, header, http.Header{"Cookie": {"sso=1"}, "Authorization": {"Negotiate abc"}, "User-Agent": {"test"}})
}

func TestLoginFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		kind   upstream.Kind
		field  string
	}{
		{"unknown user", 404, `["user_not_found"]`, upstream.Unauthenticated, ""},
		{"unknown user behind a byte order mark", 404, "\ufeff" + `["user_not_found"]`, upstream.Unauthenticated, ""},
		{"missing page", 404, htmlPage, upstream.NotFound, ""},
		{"expired token", 500, `["token_expired"]`, upstream.Unauthenticated, ""},
		{"invalid token", 500, `["token_invalid"]`, upstream.Unauthenticated, ""},
		{"absent token", 500, `{"token_absent":"Token not provided"}`, upstream.Unauthenticated, ""},
		{"another error", 500, `["database_down"]`, upstream.Unavailable, ""},
		{"a word in another place", 500, `{"message":"token_expired"}`, upstream.Unavailable, ""},
		{"error page", 500, htmlPage, upstream.Unavailable, ""},
		{"broken JSON", 500, `["token_expired"`, upstream.Unavailable, ""},
		{"unauthorized", 401, `Unauthorized.`, upstream.Unauthenticated, ""},
		{"no token", 200, `{}`, upstream.Malformed, "token"},
		{"empty token", 200, `{"token":""}`, upstream.Malformed, "token"},
		{"null token", 200, `{"token":null}`, upstream.Malformed, "token"},
		{"token of another kind", 200, `{"token":5}`, upstream.Malformed, "token"},
		{"token that is no header value", 200, `{"token":"a\r\nb"}`, upstream.Malformed, "token"},
		{"bare token", 200, `"abc"`, upstream.Malformed, ""},
		{"empty list", 200, `[]`, upstream.Malformed, ""},
		{"login page", 200, htmlPage, upstream.Malformed, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				if _, err := io.WriteString(w, test.body); err != nil {
					t.Error(err)
				}
			})
			token, _, err := newClient(t, base, Options{}).Login(t.Context(), nil)
			if token != "" {
				t.Errorf("got the token %q beside an error", token)
			}
			equal(t, failureOf(t, err), failure{Call: LoginCall, Kind: test.kind, Status: test.status, Field: test.field})
		})
	}
}
