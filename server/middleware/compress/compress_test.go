package compress_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"crmgraph/server/middleware"
	"crmgraph/server/middleware/compress"
)

// answering sends body in parts of that size, all at once for 0, with the header given.
func answering(body string, part int, header map[string]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		if part == 0 {
			part = len(body)
		}
		for rest := body; rest != ""; {
			n := min(part, len(rest))
			_, _ = io.WriteString(w, rest[:n])
			rest = rest[n:]
		}
	})
}

func ask(tb testing.TB, handler http.Handler, method string, header http.Header) *httptest.ResponseRecorder {
	tb.Helper()
	middleware, err := compress.New(compress.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	r := httptest.NewRequestWithContext(tb.Context(), method, "/graphql", nil)
	r.Header = header
	w := httptest.NewRecorder()
	middleware(handler).ServeHTTP(w, r)
	return w
}

// unpacked returns the body as a client reads it.
func unpacked(t *testing.T, rec *httptest.ResponseRecorder) string {
	t.Helper()
	var reader io.Reader = rec.Body
	switch encoding := rec.Header().Get("Content-Encoding"); encoding {
	case "":
	case "gzip":
		zipped, err := gzip.NewReader(reader)
		if err != nil {
			t.Fatal(err)
		}
		reader = zipped
	case "zstd":
		// 8 MiB is the largest window that clients must have (RFC 9659).
		zipped, err := zstd.NewReader(reader, zstd.WithDecoderMaxWindow(8<<20))
		if err != nil {
			t.Fatal(err)
		}
		defer zipped.Close()
		reader = zipped
	case "br":
		reader = brotli.NewReader(reader)
	default:
		t.Fatalf("Content-Encoding: got %q", encoding)
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// list is a JSON text of about that many bytes.
func list(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `{"id":"UHJvamVjdDo%d","name":"Поставка оборудования %d","price":"%d.50"},`, i, i*7, i*i)
	}
	return b.String()
}

func TestEncodingIsNegotiated(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ accept, want string }{
		{"", ""},
		{"gzip", "gzip"},
		{"zstd", "zstd"},
		{"gzip, deflate, br, zstd", "zstd"}, // Chrome's and Firefox'
		{"gzip, deflate, br", "br"},         // Safari's
		{"gzip, deflate", "gzip"},
		{"GZip", "gzip"},
		{"br", "br"},
		{"br;q=0.9, gzip", "gzip"},
		{"br, zstd;q=0.9", "br"},
		{"*", "zstd"},
		{"*;q=0", ""},
		{"zstd;q=0, *", "br"},
		{"zstd;q=0, br;q=0, *", "gzip"},
		{"zstd;q=0.5, gzip;q=0.8", "gzip"},
		{"zstd;q=0.8, gzip;q=0.8", "zstd"},
		{"gzip;q=0", ""},
		{"gzip;q=0.001", "gzip"},
		{"gzip; Q=1.0", "gzip"},
		{"gzip;q=nonsense", ""},
		{"gzip;q=1.5", ""},
		{"identity, gzip;q=0.5", ""},
		{"identity;q=0.5, gzip", "gzip"},
		{"identity;q=0", ""},
		{"xgzip, gzipx", ""},
	} {
		t.Run(test.accept, func(t *testing.T) {
			t.Parallel()
			body := list(5000)
			whole := answering(body, 0, map[string]string{"Content-Type": "application/json", "Content-Length": strconv.Itoa(len(body))})
			rec := ask(t, whole, http.MethodGet, http.Header{"Accept-Encoding": {test.accept}})
			if got := rec.Header().Get("Content-Encoding"); got != test.want {
				t.Errorf("Content-Encoding: got %q, want %q", got, test.want)
			}
			if got := unpacked(t, rec); got != body {
				t.Errorf("body: got %d bytes, want the %d of the handler", len(got), len(body))
			}
			if got := rec.Header().Get("Vary"); got != "Accept-Encoding" {
				t.Errorf("Vary: got %q, want Accept-Encoding, whatever came of it", got)
			}
		})
	}
}

// TestPartsAreNotBrotli: its encoder could not send what it holds when the handler flushes.
func TestPartsAreNotBrotli(t *testing.T) {
	t.Parallel()
	body := list(5000)
	for accept, want := range map[string]string{"br": "", "gzip, deflate, br": "gzip", "br, zstd;q=0.5": "zstd", "br, identity;q=0.5, gzip;q=0.1": ""} {
		rec := ask(t, answering(body, 2000, map[string]string{"Content-Type": "application/json"}), http.MethodGet, http.Header{"Accept-Encoding": {accept}})
		if got := rec.Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding: %s: got %q, want %q", accept, got, want)
		}
		if got := unpacked(t, rec); got != body {
			t.Errorf("Accept-Encoding: %s: got a body of %d bytes, want the %d of the handler", accept, len(got), len(body))
		}
	}
}

func TestWhatIsCompressed(t *testing.T) {
	t.Parallel()
	jsonType := map[string]string{"Content-Type": "application/json; charset=utf-8"}
	with := func(name, value string) map[string]string {
		return map[string]string{"Content-Type": "application/json", name: value}
	}
	tests := []struct {
		name       string
		size, part int
		header     map[string]string
		compressed bool
	}{
		{"at the smallest size", 1024, 0, jsonType, true},
		{"below it", 1023, 0, jsonType, false},
		{"of a known length", 5000, 0, with("Content-Length", "5000"), true},
		{"of a known length, in parts", 5000, 100, with("Content-Length", "5000"), true},
		{"in parts", 5000, 2000, jsonType, true},
		{"in small parts of unknown length", 5000, 100, jsonType, false},
		{"the other type of GraphQL", 5000, 0, map[string]string{"Content-Type": "application/graphql-response+json"}, true},
		{"a script", 5000, 0, map[string]string{"Content-Type": "text/javascript; charset=utf-8"}, true},
		{"events", 5000, 0, map[string]string{"Content-Type": "text/event-stream"}, false},
		{"parts of a deferred answer", 5000, 0, map[string]string{"Content-Type": `multipart/mixed; boundary="-"`}, false},
		{"a picture", 5000, 0, map[string]string{"Content-Type": "image/png"}, false},
		{"compressed already", 5000, 0, with("Content-Encoding", "br"), false},
		{"not to be transformed", 5000, 0, with("Cache-Control", "private, no-transform"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := list(test.size)[:test.size]
			rec := ask(t, answering(body, test.part, test.header), http.MethodGet, http.Header{"Accept-Encoding": {"gzip"}})
			if got := rec.Header().Get("Content-Encoding") == "gzip"; got != test.compressed {
				t.Fatalf("compressed: got %t, want %t", got, test.compressed)
			}
			sent := rec.Body.Len()
			if !test.compressed {
				if rec.Body.String() != body {
					t.Errorf("body: got %d bytes, want the handler's %d", sent, len(body))
				}
				return
			}
			if got := unpacked(t, rec); got != body {
				t.Errorf("body: got %d bytes, want the handler's %d", len(got), len(body))
			}
			if length := rec.Header().Get("Content-Length"); length != "" && length != strconv.Itoa(sent) {
				t.Errorf("Content-Length: got %s, want the %d bytes sent", length, sent)
			}
		})
	}
}

// TestStatusesWithoutBody: nothing is added to what has none.
func TestStatusesWithoutBody(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method string
		status int
	}{{"GET", 204}, {"GET", 304}, {"HEAD", 200}} {
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "5000")
			w.WriteHeader(test.status)
		})
		rec := ask(t, handler, test.method, http.Header{"Accept-Encoding": {"gzip"}})
		if rec.Code != test.status || rec.Header().Get("Content-Encoding") != "" || rec.Body.Len() != 0 {
			t.Errorf("%s %d: got %d %v with %d bytes, want no encoding and no body", test.method, test.status, rec.Code, rec.Header(), rec.Body.Len())
		}
	}
}

// TestTagsOfCompressedBodies: a compressed body has the weak form of the tag, and whoever asks
// with that gets it back.
func TestTagsOfCompressedBodies(t *testing.T) {
	t.Parallel()
	const tag = `"v1"`
	body := list(5000)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(body))
	})
	tagged := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		handler(w, r)
	})
	first := ask(t, tagged, http.MethodGet, http.Header{"Accept-Encoding": {"gzip"}})
	if got, want := first.Header().Get("ETag"), "W/"+tag; got != want {
		t.Errorf("ETag, compressed: got %s, want %s", got, want)
	}
	plain := ask(t, tagged, http.MethodGet, http.Header{})
	if got := plain.Header().Get("ETag"); got != tag {
		t.Errorf("ETag, plain: got %s, want %s", got, tag)
	}
	for _, has := range []string{"W/" + tag, tag} {
		again := ask(t, tagged, http.MethodGet, http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {`"v0", ` + has}})
		if again.Code != http.StatusNotModified || again.Header().Get("ETag") != has {
			t.Errorf("If-None-Match: %s: got %d %s, want 304 with that tag", has, again.Code, again.Header().Get("ETag"))
		}
	}
	again := ask(t, tagged, http.MethodGet, http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {tag}})
	if got := again.Header().Get("Vary"); got != "Accept-Encoding" {
		t.Errorf("304: got Vary %q, want that of the response that it stands for", got)
	}
	part := ask(t, tagged, http.MethodGet, http.Header{"Accept-Encoding": {"gzip"}, "Range": {"bytes=0-1999"}})
	if part.Code != http.StatusPartialContent || part.Header().Get("Content-Encoding") != "" || part.Body.String() != body[:2000] {
		t.Errorf("a part: got %d %v, want it as it is", part.Code, part.Header())
	}
}

// TestHeadSaysWhatGetWould: a length that the body of GET does not have must not be told (RFC 9110,
// section 9.3.2), and a tag would be another one's.
func TestHeadSaysWhatGetWould(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		accept      string
		size        int
		length, tag string
	}{
		{"gzip", 5000, "", `W/"v1"`},
		{"br", 5000, "", `W/"v1"`},
		{"gzip", 500, "500", `"v1"`},
		{"identity", 5000, "5000", `"v1"`},
	} {
		for _, writes := range []bool{false, true} { // what the server leaves out then
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Content-Length", strconv.Itoa(test.size))
				w.Header().Set("ETag", `"v1"`)
				w.WriteHeader(http.StatusOK)
				if r.Method != http.MethodHead || writes {
					_, _ = io.WriteString(w, strings.Repeat("a", test.size))
				}
			})
			header := http.Header{"Accept-Encoding": {test.accept}}
			got := ask(t, handler, http.MethodHead, header).Header()
			if got.Get("Content-Length") != test.length || got.Get("ETag") != test.tag {
				t.Errorf("%+v: got length %q and tag %s", test, got.Get("Content-Length"), got.Get("ETag"))
			}
			if want := ask(t, handler, http.MethodGet, header).Header().Get("ETag"); got.Get("ETag") != want {
				t.Errorf("%+v: got tag %s, GET has %s", test, got.Get("ETag"), want)
			}
		}
	}
}

// TestHeadOverHTTP: net/http tells the length of a short body that a handler writes for HEAD, too.
func TestHeadOverHTTP(t *testing.T) {
	t.Parallel()
	compressed, err := compress.New(compress.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const size = 1500 // net/http keeps back 2 KiB
	server := httptest.NewServer(compressed(answering(list(size), 0, map[string]string{
		"Content-Type": "application/json", "Content-Length": strconv.Itoa(len(list(size))),
	})))
	t.Cleanup(server.Close)
	for accept, want := range map[string]string{"gzip": "", "identity": strconv.Itoa(len(list(size)))} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", accept)
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := resp.Header.Get("Content-Length"); got != want {
			t.Errorf("%s: got the length %q, want %q", accept, got, want)
		}
	}
}

// TestPanicsAreAnswered: an answer of which nothing was sent yet can still become an error.
func TestPanicsAreAnswered(t *testing.T) {
	t.Parallel()
	compressed, err := compress.New(compress.Options{})
	if err != nil {
		t.Fatal(err)
	}
	handler := middleware.Chain(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		panic("a fault")
	}), middleware.Recover(slog.New(slog.DiscardHandler)), compressed)
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	if got, want := rec.Code, http.StatusInternalServerError; got != want {
		t.Errorf("status: got %d, want %d", got, want)
	}
}

// TestStreamsAreFlushed: what waits in an encoder is sent, too.
func TestStreamsAreFlushed(t *testing.T) {
	t.Parallel()
	compressed, err := compress.New(compress.Options{})
	if err != nil {
		t.Fatal(err)
	}
	body := list(3000)
	rec := httptest.NewRecorder()
	handler := compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
		w.(http.Flusher).Flush()
		zipped, err := gzip.NewReader(bytes.NewReader(rec.Body.Bytes()))
		if err != nil {
			t.Error(err)
			return
		}
		sent := make([]byte, len(body))
		if _, err := io.ReadFull(zipped, sent); err != nil || string(sent) != body {
			t.Errorf("sent by then: got %.40q…, %v, want all that was written", sent, err)
		}
	}))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	handler.ServeHTTP(rec, r)
	if !rec.Flushed {
		t.Error("the server's own writer: got no Flush, want one")
	}
	if got := unpacked(t, rec); got != body {
		t.Errorf("body: got %d bytes, want %d", len(got), len(body))
	}
}

// TestEncodersAreUsedAgain holds that no answer gets parts of another.
func TestEncodersAreUsedAgain(t *testing.T) {
	t.Parallel()
	middleware, err := compress.New(compress.Options{})
	if err != nil {
		t.Fatal(err)
	}
	handler := middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := strings.Repeat(r.URL.Path, 500)
		answering(body, 0, map[string]string{"Content-Type": "text/plain", "Content-Length": strconv.Itoa(len(body))}).ServeHTTP(w, r)
	}))
	for i := range 20 {
		for _, accept := range []string{"gzip", "br", "zstd"} {
			path := fmt.Sprintf("/%d%s", i, accept)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			r.Header.Set("Accept-Encoding", accept)
			rec := httptest.NewRecorder()
			handler.ServeHTTP(rec, r)
			if got, want := unpacked(t, rec), strings.Repeat(path, 500); got != want {
				t.Fatalf("%s: got %.40s…, want %.40s…", path, got, want)
			}
		}
	}
}

func TestNegativeSizeIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := compress.New(compress.Options{MinSize: -1}); err == nil {
		t.Error("a negative size: got no error, want one")
	}
}

// BenchmarkCompress is what an answer costs on top of itself.
func BenchmarkCompress(b *testing.B) {
	for _, accept := range []string{"identity", "gzip", "br", "zstd"} {
		for _, size := range []int{20_000, 200_000} {
			b.Run(fmt.Sprintf("%s/%dKB", accept, size/1000), func(b *testing.B) { benchmark(b, accept, []byte(list(size))) })
		}
	}
}

// benchmark sends a body to a client that accepts an encoding.
func benchmark(b *testing.B, accept string, body []byte) {
	b.Helper()
	middleware, err := compress.New(compress.Options{})
	if err != nil {
		b.Fatal(err)
	}
	handler := middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
		_, _ = w.Write(body)
	}))
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", nil)
	r.Header.Set("Accept-Encoding", accept)
	w := &discard{header: http.Header{}}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		w.bytes = 0
		handler.ServeHTTP(w, r)
	}
	b.ReportMetric(100*float64(w.bytes)/float64(len(body)), "%size")
}

type discard struct {
	header http.Header
	bytes  int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(p []byte) (int, error) { d.bytes += len(p); return len(p), nil }
