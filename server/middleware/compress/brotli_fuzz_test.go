package compress_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"crmgraph/server/middleware/compress"
)

// compressing returns a client of one middleware, which has any body sent compressed.
func compressing(tb testing.TB, accept string) func(testing.TB, []byte) *httptest.ResponseRecorder {
	tb.Helper()
	middleware, err := compress.New(compress.Options{MinSize: 1})
	if err != nil {
		tb.Fatal(err)
	}
	return func(tb testing.TB, body []byte) *httptest.ResponseRecorder {
		tb.Helper()
		whole := answering(string(body), 0, map[string]string{"Content-Type": "text/plain", "Content-Length": strconv.Itoa(len(body))})
		r := httptest.NewRequestWithContext(tb.Context(), http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", accept)
		rec := httptest.NewRecorder()
		middleware(whole).ServeHTTP(rec, r)
		return rec
	}
}

// FuzzBrotli has what one encoder compresses, one text after the other, read by a decoder.
func FuzzBrotli(f *testing.F) {
	f.Add([]byte(list(3000)), []byte(list(70_000)))
	f.Add([]byte(strings.Repeat("a", 2000)), []byte(strings.Repeat("\x00", 2000)))
	ask := compressing(f, "br")
	f.Fuzz(func(t *testing.T, first, second []byte) {
		for _, body := range [][]byte{first, second, first} {
			if rec := ask(t, body); unpacked(t, rec) != string(body) {
				t.Fatalf("a body of %d bytes came back as another", len(body))
			}
		}
	})
}
