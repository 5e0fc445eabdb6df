package middleware_test

import (
	"net/http"
	"strings"
	"testing"

	"crmgraph/server/middleware"
)

func TestCSRF(t *testing.T) {
	t.Parallel()
	protect, err := middleware.CSRF("https://app.example.com")
	if err != nil {
		t.Fatal(err)
	}
	const (
		form     = "application/x-www-form-urlencoded"
		jsonType = "application/json"
	)
	tests := []struct {
		name, method string
		header       map[string]string
		served       bool
	}{
		{"curl or a CDN gets", "GET", nil, true},
		{"curl posts", "POST", map[string]string{"Content-Type": jsonType}, true},
		{"an app posts with an empty origin", "POST", map[string]string{"Content-Type": jsonType, "Origin": ""}, true},
		{"the explorer", "POST", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "https://example.com", "Content-Type": jsonType}, true},
		{"a typed address", "GET", map[string]string{"Sec-Fetch-Site": "none"}, true},
		{"this origin, of an older browser", "POST", map[string]string{"Origin": "https://example.com", "Content-Type": jsonType}, true},
		{"a trusted origin", "POST", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://app.example.com", "Content-Type": jsonType}, true},
		{"a trusted origin gets", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://app.example.com"}, true},
		{"a preflight", "OPTIONS", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, true},

		{"a form of another site", "POST", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example", "Content-Type": form}, false},
		{"a form of another site, of an older browser", "POST", map[string]string{"Origin": "https://evil.example", "Content-Type": form}, false},
		{"a form in a sandboxed frame", "POST", map[string]string{"Origin": "null", "Content-Type": "text/plain"}, false},
		{"JSON of another site", "POST", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example", "Content-Type": jsonType}, false},
		{"a neighbour on the same site", "POST", map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://blog.example.com", "Content-Type": form}, false},
		{"an image of another site", "GET", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		{"a script of another site", "GET", map[string]string{"Origin": "https://evil.example"}, false},
		{"its HEAD", "HEAD", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},

		{"with a header of Apollo's", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "X-Apollo-Operation-Name": "Board"}, true},
		{"with an empty header of Apollo's", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "X-Apollo-Operation-Name": ""}, false},
		{"with Apollo-Require-Preflight", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Apollo-Require-Preflight": "true"}, true},
		{"with GraphQL-Require-Preflight", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "GraphQL-Require-Preflight": "1"}, true},
		{"with X-Requested-With", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "X-Requested-With": "XMLHttpRequest"}, true},
		{"with a bearer token", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Authorization": "bearer t"}, true},
		{"with a password the browser remembers", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Authorization": "Basic dTpw"}, false},
		{"with JSON for its type", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Content-Type": jsonType}, true},
		{"with text for its type", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Content-Type": "Text/Plain; charset=utf-8"}, false},
		{"with a type that cannot be read", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain; a"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			served := false
			handler := protect(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served = true }))
			header := http.Header{}
			for name, value := range test.header {
				header.Set(name, value)
			}
			rec := send(t, handler, test.method, "https://example.com/graphql", nil, header)
			if served != test.served {
				t.Fatalf("served: got %t, want %t", served, test.served)
			}
			if !served && (rec.Code != http.StatusForbidden || !strings.Contains(rec.Body.String(), `"code":"CROSS_SITE_REQUEST"`)) {
				t.Errorf("refusal: got %d %s, want 403 with CROSS_SITE_REQUEST", rec.Code, rec.Body)
			}
		})
	}
}

// TestCSRFOfAnyOrigin: where CORS allows everybody, browsers still have to ask first.
func TestCSRFOfAnyOrigin(t *testing.T) {
	t.Parallel()
	protect, err := middleware.CSRF("*")
	if err != nil {
		t.Fatal(err)
	}
	handler := protect(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for contentType, want := range map[string]int{
		"application/json": http.StatusNoContent, "text/plain": http.StatusForbidden, "": http.StatusForbidden,
	} {
		header := http.Header{"Origin": {"https://other.example"}, "Sec-Fetch-Site": {"cross-site"}, "Content-Type": {contentType}}
		if got := send(t, handler, http.MethodPost, "https://example.com/graphql", nil, header).Code; got != want {
			t.Errorf("POST of another origin with %q: got %d, want %d", contentType, got, want)
		}
	}
}

func TestCSRFRefusesOriginsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{"app.example.com", "https://app.example.com/", "https://app.example.com?x", "null"} {
		if _, err := middleware.CSRF(origin); err == nil {
			t.Errorf("trusted origin %q: got no error, want one", origin)
		}
	}
}
