package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"crmgraph/server/middleware"
	"crmgraph/server/middleware/compress"
	"crmgraph/server/ratelimit"
	"crmgraph/upstream/sandbox"
)

// edgeMaxBody is the largest body of the servers in these tests.
const edgeMaxBody = 64 << 10

// withEdge puts everything between browsers and a gateway in front of it, limits apart.
func withEdge(tb testing.TB, gateway http.Handler, limits ratelimit.Options) http.Handler {
	tb.Helper()
	const origin = "https://app.example.com"
	must := func(wrap func(http.Handler) http.Handler, err error) func(http.Handler) http.Handler {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return wrap
	}
	limiter, err := ratelimit.New(limits)
	if err != nil {
		tb.Fatal(err)
	}
	return middleware.Chain(gateway,
		must(compress.New(compress.Options{})),
		must(middleware.CORS(middleware.CORSOptions{Origins: []string{origin}})),
		must(middleware.CSRF(origin)),
		limiter.Middleware,
		middleware.BodyDeadline(middleware.BodyDeadlineOptions{Timeout: 200 * time.Millisecond, Rate: 1 << 30}),
		middleware.BodyLimit(edgeMaxBody),
		middleware.Decompress(edgeMaxBody),
	)
}

// edge is a gateway behind it on a real listener, with little patience.
type edge struct {
	*gateway
	address string
}

func startEdge(t *testing.T, configure func(*http.Server)) *edge {
	t.Helper()
	g := newGateway(t, sandbox.Options{Customers: 40, Tasks: 60, Projects: 100}, false)
	server := newServer(withEdge(t, g.handler, ratelimit.Options{}), time.Minute, slog.New(slog.DiscardHandler))
	server.ReadHeaderTimeout = 200 * time.Millisecond
	if configure != nil {
		configure(server)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // ErrServerClosed
	}()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return &edge{g, listener.Addr().String()}
}

// dial returns a connection on which a test writes what no HTTP client would.
func (e *edge) dial(t *testing.T) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", e.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn, bufio.NewReader(conn)
}

func write(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

// read reads one response.
func read(t *testing.T, answers *bufio.Reader) (status int, header http.Header, body string) {
	t.Helper()
	resp, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

// post is a request for a query as it goes over the wire.
func (e *edge) post(query string) string {
	body := bodyOf(query)
	return fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n%s",
		e.authorization, len(body), body)
}

// TestSlowHeadersAreGivenUp: whoever sends a header for ever is cut off, without an answer.
func TestSlowHeadersAreGivenUp(t *testing.T) {
	t.Parallel()
	conn, answers := startEdge(t, nil).dial(t)
	write(t, conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	// Ends only when the server hangs up.
	rest, _ := io.ReadAll(answers)
	if strings.Contains(string(rest), " 200 ") {
		t.Errorf("half a header: got %q, want no answer to it", rest)
	}
}

func TestSlowBodiesAreGivenUp(t *testing.T) {
	t.Parallel()
	conn, answers := startEdge(t, nil).dial(t)
	write(t, conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	status, _, body := read(t, answers)
	if status != http.StatusRequestTimeout || !strings.Contains(body, `"REQUEST_BODY_TIMEOUT"`) {
		t.Errorf("half a body: got %d %s, want 408 with REQUEST_BODY_TIMEOUT", status, body)
	}
	if rest, err := io.ReadAll(answers); err != nil || len(rest) > 0 {
		t.Errorf("after the answer: got %q, %v, want the end", rest, err)
	}
}

func TestLargeHeadersAreRefused(t *testing.T) {
	t.Parallel()
	conn, answers := startEdge(t, nil).dial(t)
	// The server may answer and hang up before it has got everything.
	_, _ = io.WriteString(conn, "GET /graphql HTTP/1.1\r\nHost: x\r\nX-Large: "+strings.Repeat("x", 2*maxHeaderBytes)+"\r\n\r\n")
	line, err := answers.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 431 ") {
		t.Errorf("a header of %d bytes: got %q, %v, want status 431", 2*maxHeaderBytes, line, err)
	}
}

// TestPipelinedRequests: they are answered in order, each with its own answer.
func TestPipelinedRequests(t *testing.T) {
	t.Parallel()
	e := startEdge(t, nil)
	conn, answers := e.dial(t)
	write(t, conn, e.post("{ a: __typename }")+e.post("{ viewer { id } }")+e.post("{ c: __typename }"))
	for _, want := range []string{`{"data":{"a":"Query"}}`, `{"data":{"viewer":{"id":"`, `{"data":{"c":"Query"}}`} {
		if status, _, body := read(t, answers); status != http.StatusOK || !strings.HasPrefix(body, want) {
			t.Errorf("got %d %s, want 200 %s…", status, body, want)
		}
	}
}

func TestExpectContinue(t *testing.T) {
	t.Parallel()
	e := startEdge(t, nil)
	const head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
	conn, answers := e.dial(t)
	body := bodyOf("{ __typename }")
	write(t, conn, fmt.Sprintf(head, len(body)))
	if line, err := answers.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("before the body: got %q, %v, want 100 Continue", line, err)
	}
	if _, err := answers.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	write(t, conn, body)
	if status, _, text := read(t, answers); status != http.StatusOK {
		t.Errorf("after the body: got %d %s, want 200", status, text)
	}
	// Whoever would send too much is told so before it does.
	conn, answers = e.dial(t)
	write(t, conn, fmt.Sprintf(head, edgeMaxBody+1))
	if status, _, text := read(t, answers); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body announced: got %d %s, want 413 at once", status, text)
	}
}

func TestCompressedBothWays(t *testing.T) {
	t.Parallel()
	e := startEdge(t, nil)
	ask := func(encoding string, body []byte) (status int, header http.Header, answer []byte) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+e.address+"/graphql", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", e.authorization)
		r.Header.Set("Content-Encoding", encoding)
		r.Header.Set("Accept-Encoding", "gzip")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		answer, err = io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, resp.Header, answer
	}
	status, header, answer := ask("gzip", zip(t, []byte(bodyOf("{ projects(first: 100) { nodes { id name price } } }"))))
	if vary := strings.Join(header.Values("Vary"), ", "); status != http.StatusOK || header.Get("Content-Encoding") != "gzip" ||
		!strings.Contains(vary, "Accept-Encoding") || !strings.Contains(vary, "Authorization") {
		t.Fatalf("got %d %v, want a compressed answer that says what it depends on", status, header)
	}
	zipped, err := gzip.NewReader(bytes.NewReader(answer))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zipped)
	if err != nil || !strings.HasPrefix(string(text), `{"data":{"projects":{"nodes":[{"id":`) {
		t.Errorf("answer: got %.60s, %v", text, err)
	}
	if status, _, _ := ask("br", []byte("{}")); status != http.StatusUnsupportedMediaType {
		t.Errorf("an encoding that is not read: got %d, want 415", status)
	}
}

func zip(tb testing.TB, body []byte) []byte {
	tb.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(body); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return packed.Bytes()
}

// TestBombsLeaveMemoryFlat: bodies that would be 32 MiB each are given up at the limit.
func TestBombsLeaveMemoryFlat(t *testing.T) {
	g := newGateway(t, sandbox.Options{}, false)
	handler := withEdge(t, g.handler, ratelimit.Options{})
	bomb := zip(t, make([]byte, 32<<20))
	if len(bomb) > edgeMaxBody {
		t.Fatalf("the bomb has %d bytes, want fewer than a body may have", len(bomb))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const bombs = 20
	for range bombs {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(bomb))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Content-Encoding", "gzip")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge {
			t.Fatalf("a bomb: got status %d, want 413", w.Code)
		}
	}
	runtime.ReadMemStats(&after)
	if got, most := (after.TotalAlloc-before.TotalAlloc)/bombs, uint64(16*edgeMaxBody); got > most {
		t.Errorf("allocated for a bomb: got %d bytes, want at most %d", got, most)
	}
}

func TestHTTP2WithoutTLS(t *testing.T) {
	t.Parallel()
	e := startEdge(t, func(server *http.Server) {
		server.Protocols = new(http.Protocols)
		server.Protocols.SetHTTP1(true)
		server.Protocols.SetUnencryptedHTTP2(true)
	})
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: &protocols}
	t.Cleanup(transport.CloseIdleConnections)
	r := newRequest(t, bodyOf("{ viewer { id } }"), e.authorization)
	r.URL.Scheme, r.URL.Host = "http", e.address
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.ProtoMajor != 2 || !strings.HasPrefix(string(body), `{"data":{"viewer":`) {
		t.Errorf("got %s %d %s, %v, want an answer over HTTP/2", resp.Proto, resp.StatusCode, body, err)
	}
	conn, answers := e.dial(t)
	write(t, conn, e.post("{ __typename }"))
	if status, _, body := read(t, answers); status != http.StatusOK {
		t.Errorf("over HTTP/1.1 beside it: got %d %s, want 200", status, body)
	}
}

// TestNoSharedCacheKeepsAnything: whatever is answered, refusals and the page with a token too.
func TestNoSharedCacheKeepsAnything(t *testing.T) {
	t.Parallel()
	g := newGateway(t, sandbox.Options{}, false)
	handler := withEdge(t, g.handler, ratelimit.Options{})
	tests := []struct {
		name, method, target, body string
		header                     http.Header
	}{
		{"an answer", "POST", "/graphql", bodyOf("{ viewer { id } }"), http.Header{"Authorization": {g.authorization}}},
		{"an answer of a CRM", "POST", "/graphql", bodyOf("{ portfolio(first: 1) { totalCount } }"), http.Header{"Authorization": {g.authorization}}},
		{"an answer by GET", "GET", "/graphql?query=%7Bviewer%7Bid%7D%7D", "", http.Header{"Authorization": {g.authorization}}},
		{"no token", "POST", "/graphql", bodyOf("{ viewer { id } }"), nil},
		{"a broken token", "GET", "/graphql?query=%7Bviewer%7Bid%7D%7D", "", http.Header{"Authorization": {"Bearer x"}}},
		{"no query", "GET", "/graphql", "", nil},
		{"broken JSON", "POST", "/graphql", "{", nil},
		{"a method that is none", "DELETE", "/graphql", "", nil},
		{"another site", "POST", "/graphql", bodyOf("{ viewer { id } }"), http.Header{"Origin": {"https://evil.example"}}},
		{"its preflight", "OPTIONS", "/graphql", "", http.Header{"Origin": {"https://evil.example"}, "Access-Control-Request-Method": {"POST"}}},
		{"too large", "POST", "/graphql", strings.Repeat(" ", edgeMaxBody+1), nil},
		{"the page", "GET", "/", "", nil},
		{"nothing", "GET", "/nothing", "", nil},
		{"readiness", "GET", "/readyz", "", nil},
		{"liveness", "GET", "/healthz", "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), test.method, test.target, strings.NewReader(test.body))
			if test.header != nil {
				r.Header = test.header.Clone()
			}
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			kept := w.Header().Get("Cache-Control")
			if kept != "no-store" && !strings.HasPrefix(kept, "private, ") {
				t.Errorf("Cache-Control of %d: got %q, want no-store or private", w.Code, kept)
			}
		})
	}
}

// TestRefusedByTheEdge: a browser that another site uses is told so, and the gateway does not
// hear of it.
func TestRefusedByTheEdge(t *testing.T) {
	t.Parallel()
	heard := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the gateway was asked") })
	handler := withEdge(t, heard, ratelimit.Options{})
	for name, header := range map[string]http.Header{
		"a form":  {"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}, "Content-Type": {"text/plain"}},
		"a fetch": {"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}, "Content-Type": {"application/json"}},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader("{}"))
		r.Header = header
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: got %d %v, want 403 that the page cannot read", name, w.Code, w.Header())
		}
	}
}

// BenchmarkEdge is what stands between net/http and the gateway, a request.
func BenchmarkEdge(b *testing.B) {
	answer := bytes.Repeat([]byte(`{"id":"UHJvamVjdDox","price":"17.50"},`), 500) // 19 KB
	gateway := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{"application/json; charset=utf-8"}
		w.Header()["Content-Length"] = []string{fmt.Sprint(len(answer))}
		_, _ = w.Write(answer)
	})
	body := bodyOf("{ projects(first: 100) { nodes { id price } } }")
	limits := ratelimit.Allowances{Requests: 600_000, Calls: 600_000}
	bare := middleware.Chain(gateway, middleware.BodyLimit(edgeMaxBody))
	limited := withEdge(b, gateway, ratelimit.Options{Client: limits, Viewer: limits})
	for _, bench := range []struct {
		name, accept string
		handler      http.Handler
	}{
		{"none", "", bare},
		{"identity", "", withEdge(b, gateway, ratelimit.Options{})},
		{"identity, limits", "", limited},
		{"gzip", "gzip", withEdge(b, gateway, ratelimit.Options{})},
		{"zstd", "zstd", withEdge(b, gateway, ratelimit.Options{})},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := newRequest(b, body, "Bearer t")
				r.RemoteAddr = "203.0.113.7:4711"
				if bench.accept != "" {
					r.Header["Accept-Encoding"] = []string{bench.accept}
				}
				w := &answerCounter{header: make(http.Header)}
				bench.handler.ServeHTTP(w, r)
				if w.status != http.StatusOK && w.status != 0 {
					b.Fatalf("got status %d", w.status)
				}
			}
		})
	}
}
