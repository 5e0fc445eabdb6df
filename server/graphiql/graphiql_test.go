package graphiql_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"crmgraph/server/graphiql"
)

func newHandler(t *testing.T, token func() string) http.Handler {
	t.Helper()
	handler, err := graphiql.New(graphiql.Options{Endpoint: "/graphql", Assets: "/graphiql/", Token: token, Compress: true})
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
			want := map[string]any{"endpoint": "graphql", "headers": test.headers}
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
		if got := get(t, handler, "/"+link[1], nil).Code; got != http.StatusOK {
			t.Errorf("GET %s: got status %d, want 200", link[1], got)
		}
	}
}

// A proxy may have the whole server below a path of its own.
func TestPageBelowAPath(t *testing.T) {
	t.Parallel()
	body := get(t, newHandler(t, nil), "/", nil).Body.String()
	links := []string{fmt.Sprint(settings(t, body)["endpoint"])}
	for _, link := range regexp.MustCompile(`(?:src|href)="([^":]*)"`).FindAllStringSubmatch(body, -1) {
		links = append(links, link[1])
	}
	page := url.URL{Scheme: "https", Host: "example.com", Path: "/crm/"}
	for _, link := range links {
		if target, err := page.Parse(link); err != nil || !strings.HasPrefix(target.Path, page.Path) {
			t.Errorf("a page at %s leads to %v, %v", &page, target, err)
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

// decoders read what is sent in an encoding.
var decoders = map[string]func(io.Reader) (io.Reader, error){
	"":     func(r io.Reader) (io.Reader, error) { return r, nil },
	"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	"zstd": func(r io.Reader) (io.Reader, error) {
		decoder, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(8<<20)) // the largest that clients must have
		if err != nil {
			return nil, err
		}
		return decoder.IOReadCloser(), nil
	},
}

// TestAssetsAreCompressed: each browser gets the file itself, in the encoding that it takes.
func TestAssetsAreCompressed(t *testing.T) {
	t.Parallel()
	handler := newHandler(t, nil)
	want, err := os.ReadFile("vendored/graphiql.min.js")
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string]string{}
	for _, test := range []struct{ accept, encoding string }{
		{"gzip, deflate, br, zstd", "zstd"}, {"gzip, deflate, br", "br"}, {"gzip", "gzip"}, {"", ""},
	} {
		rec := get(t, handler, "/graphiql/graphiql.min.js", http.Header{"Accept-Encoding": {test.accept}})
		header, sent := rec.Header(), rec.Body.Len()
		if header.Get("Content-Encoding") != test.encoding || header.Get("Vary") != "Accept-Encoding" || header.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("Accept-Encoding: %s: got %v, want the encoding %q of a script", test.accept, header, test.encoding)
		}
		if got := header.Get("Content-Length"); got != strconv.Itoa(sent) {
			t.Errorf("Accept-Encoding: %s: Content-Length is %s, and %d bytes are sent", test.accept, got, sent)
		}
		if test.encoding != "" && sent > len(want)*2/5 {
			t.Errorf("Accept-Encoding: %s: %d of %d bytes are sent, want two fifths at most", test.accept, sent, len(want))
		}
		reader, err := decoders[test.encoding](rec.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(reader); err != nil || string(got) != string(want) {
			t.Errorf("Accept-Encoding: %s: got %d bytes, %v, want the %d of the file", test.accept, len(got), err, len(want))
		}
		if other, taken := tags[header.Get("ETag")]; taken {
			t.Errorf("ETag of %q: got that of %q, %s", test.encoding, other, header.Get("ETag"))
		}
		tags[header.Get("ETag")] = test.encoding
	}
}

func TestAssetsAsTheyAre(t *testing.T) {
	t.Parallel()
	handler, err := graphiql.New(graphiql.Options{Endpoint: "/graphql", Assets: "/graphiql/"})
	if err != nil {
		t.Fatal(err)
	}
	rec := get(t, handler, "/graphiql/graphiql.min.css", http.Header{"Accept-Encoding": {"gzip, br, zstd"}})
	if got := rec.Header(); got.Get("Content-Encoding") != "" || got.Get("Vary") != "" {
		t.Errorf("not to be compressed: got %v, want no encoding", got)
	}
}

func TestAssetsAreNotSentTwice(t *testing.T) {
	t.Parallel()
	handler := newHandler(t, nil)
	for _, accept := range []string{"", "gzip", "gzip, deflate, br"} {
		header := http.Header{"Accept-Encoding": {accept}}
		tag := get(t, handler, "/graphiql/graphiql.min.css", header).Header().Get("ETag")
		header.Set("If-None-Match", tag)
		rec := get(t, handler, "/graphiql/graphiql.min.css", header)
		if got, want := rec.Code, http.StatusNotModified; got != want {
			t.Errorf("status with If-None-Match: %s: got %d, want %d", tag, got, want)
		}
		if got := rec.Header(); rec.Body.Len() != 0 || got.Get("Content-Length") != "" || got.Get("Content-Encoding") != "" || got.Get("ETag") != tag {
			t.Errorf("with If-None-Match: %s: got %d bytes and %v, want none, and the tag", tag, rec.Body.Len(), got)
		}
	}
}
