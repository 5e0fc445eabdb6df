package graphiql_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/graphiql"
)

func newHandler(t *testing.T, token func() string) http.Handler {
	t.Helper()
	handler, err := graphiql.New(graphiql.Options{Endpoint: "/graphql", Assets: "/graphiql/", Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

func get(t *testing.T, handler http.Handler, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	if header != nil {
		req.Header = header
	}
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, req)
	return rec
}

// settings reads what the page tells its script.
func settings(t *testing.T, page string) map[string]any {
	t.Helper()
	match := regexp.MustCompile(`(?s)<script id="settings" type="application/json">(.*?)</script>`).FindStringSubmatch(page)
	if match == nil {
		t.Fatalf("no settings in the page:\n%s", page)
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(match[1]), &out); err != nil {
		t.Fatalf("settings: %v\n%s", err, match[1])
	}
	return out
}

func TestPageTellsItsSettings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		token   func() string
		headers string
	}{
		{name: "real CRMs", token: nil, headers: ""},
		{
			name:    "sandbox, with a token that tries to end the script",
			token:   func() string { return "</script>&a" },
			headers: "{\n  \"Authorization\": \"Bearer \\u003c/script\\u003e\\u0026a\"\n}",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rec := get(t, newHandler(t, test.token), "/", nil)
			got := settings(t, rec.Body.String())
			examples, ok := got["examples"].([]any)
			if !ok || len(examples) != 5 {
				t.Errorf("examples: got %v, want five", got["examples"])
			}
			delete(got, "examples")
			want := map[string]any{"endpoint": "/graphql", "headers": test.headers}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPageMintsATokenPerLoad(t *testing.T) {
	t.Parallel()
	minted := 0
	handler := newHandler(t, func() string { minted++; return "t" })
	for range 3 {
		get(t, handler, "/", nil)
	}
	if got, want := minted, 3; got != want {
		t.Errorf("tokens minted for three loads: got %d, want %d", got, want)
	}
}

// TestPageRunsNothingFromElsewhere holds the policy and the page together: scripts are
// files of this server, and the page names no other host.
func TestPageRunsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	handler := newHandler(t, nil)
	rec := get(t, handler, "/", nil)
	policy := rec.Header().Get("Content-Security-Policy")
	nonce := regexp.MustCompile(`script-src 'nonce-([A-Z2-7]{26})'; style-src 'nonce-([A-Z2-7]{26})';`).FindStringSubmatch(policy)
	if nonce == nil || nonce[1] != nonce[2] {
		t.Fatalf("Content-Security-Policy: got %q, want one nonce for scripts and styles", policy)
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("Content-Security-Policy: got %q, want nothing unsafe in it", policy)
	}
	// Six files, and none of the settings, which are no script.
	if got, want := strings.Count(rec.Body.String(), `nonce="`+nonce[1]+`"`), 6; got != want {
		t.Errorf("elements with the nonce: got %d, want %d", got, want)
	}
	if again := get(t, handler, "/", nil).Header().Get("Content-Security-Policy"); again == policy {
		t.Errorf("Content-Security-Policy of two pages: got %q twice, want another nonce", policy)
	}
	for _, want := range []string{"default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("Content-Security-Policy: got %q, want it to contain %q", policy, want)
		}
	}
	if got, want := rec.Header().Get("Cache-Control"), "no-store"; got != want {
		t.Errorf("Cache-Control: got %q, want %q", got, want)
	}
	links := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(rec.Body.String(), -1)
	if got, want := len(links), 7; got != want {
		t.Errorf("links in the page: got %d, want %d", got, want)
	}
	for _, link := range links {
		if link[1] == "data:," {
			continue
		}
		if got := get(t, handler, link[1], nil).Code; got != http.StatusOK {
			t.Errorf("GET %s: got status %d, want 200", link[1], got)
		}
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	handler := newHandler(t, nil)
	tests := []struct {
		path        string
		status      int
		contentType string
	}{
		{"/graphiql/page.js", http.StatusOK, "text/javascript; charset=utf-8"},
		{"/graphiql/graphiql.min.css", http.StatusOK, "text/css; charset=utf-8"},
		{"/graphiql/", http.StatusNotFound, "text/plain; charset=utf-8"},
		{"/graphiql/graphiql.go", http.StatusNotFound, "text/plain; charset=utf-8"},
		{"/graphiql/vendored/README.md", http.StatusNotFound, "text/plain; charset=utf-8"},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			t.Parallel()
			rec := get(t, handler, test.path, nil)
			if got, want := rec.Code, test.status; got != want {
				t.Errorf("status: got %d, want %d", got, want)
			}
			if got, want := rec.Header().Get("Content-Type"), test.contentType; got != want {
				t.Errorf("Content-Type: got %q, want %q", got, want)
			}
		})
	}
}

func TestAssetsAreNotSentTwice(t *testing.T) {
	t.Parallel()
	handler := newHandler(t, nil)
	tag := get(t, handler, "/graphiql/page.js", nil).Header().Get("ETag")
	rec := get(t, handler, "/graphiql/page.js", http.Header{"If-None-Match": {tag}})
	if got, want := rec.Code, http.StatusNotModified; got != want {
		t.Errorf("status with If-None-Match: %s: got %d, want %d", tag, got, want)
	}
	if got := rec.Body.Len(); got != 0 {
		t.Errorf("bytes sent: got %d, want 0", got)
	}
}
