package middleware_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/middleware"
)

// corsHeaders are those of a response that browsers and caches go by.
func corsHeaders(header http.Header) map[string]string {
	got := map[string]string{}
	for name := range header {
		if name == "Vary" || strings.HasPrefix(name, "Access-Control-") {
			got[name] = strings.Join(header.Values(name), " | ")
		}
	}
	return got
}

func TestCORS(t *testing.T) {
	t.Parallel()
	const exposed = "ETag, Age, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
	listed := middleware.CORSOptions{Origins: []string{"https://app.example.com", "http://localhost:3000"}}
	withCookies := listed
	withCookies.Credentials = true
	everyone := middleware.CORSOptions{Origins: []string{"*"}}
	tests := []struct {
		name   string
		opts   middleware.CORSOptions
		origin string
		want   map[string]string
	}{
		{"off", middleware.CORSOptions{}, "https://app.example.com", map[string]string{}},
		{"no browser", listed, "", map[string]string{"Vary": "Origin"}},
		{"listed", listed, "http://localhost:3000", map[string]string{
			"Vary": "Origin", "Access-Control-Allow-Origin": "http://localhost:3000", "Access-Control-Expose-Headers": exposed,
		}},
		{"with cookies", withCookies, "https://app.example.com", map[string]string{
			"Vary": "Origin", "Access-Control-Allow-Origin": "https://app.example.com",
			"Access-Control-Allow-Credentials": "true", "Access-Control-Expose-Headers": exposed,
		}},
		{"another port", listed, "http://localhost:3001", map[string]string{"Vary": "Origin"}},
		{"a longer name", listed, "https://app.example.com.evil.example", map[string]string{"Vary": "Origin"}},
		{"a name below", listed, "https://x.app.example.com", map[string]string{"Vary": "Origin"}},
		{"no origin at all", listed, "null", map[string]string{"Vary": "Origin"}},
		{"everyone", everyone, "https://other.example", map[string]string{
			"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": exposed,
		}},
		{"everyone, through a cache that asked for no page", everyone, "", map[string]string{
			"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": exposed,
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cors, err := middleware.CORS(test.opts)
			if err != nil {
				t.Fatal(err)
			}
			header := http.Header{}
			if test.origin != "" {
				header.Set("Origin", test.origin)
			}
			rec := send(t, cors(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })), http.MethodGet, "/graphql", nil, header)
			if rec.Code != http.StatusTeapot {
				t.Errorf("status: got %d, want the handler's", rec.Code)
			}
			if diff := cmp.Diff(test.want, corsHeaders(rec.Header())); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCORSPreflight(t *testing.T) {
	t.Parallel()
	cors, err := middleware.CORS(middleware.CORSOptions{
		Origins: []string{"https://app.example.com"}, Headers: []string{"X-Trace"}, MaxAge: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	handler := cors(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	ask := func(origin, method string) (int, http.Header) {
		rec := send(t, handler, http.MethodOptions, "/graphql", nil, http.Header{
			"Origin": {origin}, "Access-Control-Request-Method": {method}, "Access-Control-Request-Headers": {"content-type,x-trace"},
		})
		return rec.Code, rec.Header()
	}
	status, header := ask("https://app.example.com", "POST")
	if status != http.StatusNoContent {
		t.Errorf("status: got %d, want 204", status)
	}
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://app.example.com", "Access-Control-Allow-Methods": "GET, HEAD, POST",
		"Access-Control-Max-Age": "3600", "Vary": "Origin",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	allowed := strings.Split(strings.ToLower(header.Get("Access-Control-Allow-Headers")), ", ")
	for _, want := range []string{"authorization", "content-type", "if-none-match", "x-request-timeout", "apollo-require-preflight", "x-trace"} {
		if !strings.Contains(" "+strings.Join(allowed, " ")+" ", " "+want+" ") {
			t.Errorf("Access-Control-Allow-Headers: got %v, want %s among them", allowed, want)
		}
	}
	status, header = ask("https://evil.example", "POST")
	if status != http.StatusForbidden || header.Get("Access-Control-Allow-Origin") != "" || header.Get("Vary") != "Origin" {
		t.Errorf("of another origin: got %d %v, want 403, no permission and Vary", status, header)
	}
	if status, _ = ask("https://app.example.com", ""); status != http.StatusTeapot {
		t.Errorf("OPTIONS that is no preflight: got %d, want the handler's", status)
	}
}

func TestCORSRefusesWhatAllowsTooMuch(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]middleware.CORSOptions{
		"everyone with cookies": {Origins: []string{"*"}, Credentials: true},
		"everyone and one more": {Origins: []string{"*", "https://app.example.com"}},
		"a path":                {Origins: []string{"https://app.example.com/"}},
		"a pattern":             {Origins: []string{"app.example.com"}},
		"null":                  {Origins: []string{"null"}},
		"upper case":            {Origins: []string{"https://App.example.com"}},
		"a negative age":        {Origins: []string{"*"}, MaxAge: -1},
	} {
		if _, err := middleware.CORS(opts); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}
