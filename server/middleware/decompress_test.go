package middleware_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/middleware"
)

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

func TestDecompress(t *testing.T) {
	t.Parallel()
	const limit = 100
	text := strings.Repeat("x", limit)
	refused := func(status int, message, code string) answer {
		return answer{status, `{"errors":[{"message":"` + message + `","extensions":{"code":"` + code + `"}}]}`}
	}
	tooLarge := answer{
		Status: http.StatusRequestEntityTooLarge,
		Body:   `{"errors":[{"message":"The request body is too large.","extensions":{"code":"BODY_TOO_LARGE","limit":100,"value":101}}]}`,
	}
	unreadable := refused(http.StatusBadRequest, "The request body could not be read.", "BAD_USER_INPUT")
	unsupported := refused(http.StatusUnsupportedMediaType, "Send the body as it is, or with Content-Encoding: gzip.", "UNSUPPORTED_CONTENT_ENCODING")
	packed := zip(t, []byte(text))
	tests := []struct {
		name     string
		encoding []string
		body     []byte
		want     answer
	}{
		{"plain", nil, []byte(text), answer{http.StatusOK, text}},
		{"identity", []string{"identity"}, []byte(text), answer{http.StatusOK, text}},
		{"gzip", []string{"gzip"}, packed, answer{http.StatusOK, text}},
		{"GZIP", []string{"GZIP"}, packed, answer{http.StatusOK, text}},
		{"two members", []string{"gzip"}, append(zip(t, []byte("ab")), zip(t, []byte("cd"))...), answer{http.StatusOK, "abcd"}},
		{"one byte too many", []string{"gzip"}, zip(t, []byte(text+"x")), tooLarge},
		{"too many members", []string{"gzip"}, bytes.Repeat(packed, 2), tooLarge},
		{"broken off", []string{"gzip"}, packed[:len(packed)-4], unreadable},
		{"no gzip", []string{"gzip"}, []byte("{}"), unreadable},
		{"something behind", []string{"gzip"}, append(bytes.Clone(zip(t, []byte("{}"))), "xx"...), unreadable},
		{"zstd", []string{"zstd"}, packed, unsupported},
		{"br", []string{"br"}, packed, unsupported},
		{"gzip twice", []string{"gzip, gzip"}, zip(t, packed), unsupported},
		{"gzip in two lines", []string{"gzip", "gzip"}, zip(t, packed), unsupported},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			handler := middleware.Decompress(limit)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil || int64(len(body)) != r.ContentLength {
					t.Errorf("body: got %d bytes, %v, want the %d announced", len(body), err, r.ContentLength)
				}
				if _, err := w.Write(body); err != nil {
					t.Error(err)
				}
			}))
			rec := send(t, handler, http.MethodPost, "/", bytes.NewReader(test.body), http.Header{"Content-Encoding": test.encoding})
			if diff := cmp.Diff(test.want, seen(rec)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if rec.Code == http.StatusUnsupportedMediaType && rec.Header().Get("Accept-Encoding") != "gzip" {
				t.Errorf("Accept-Encoding of the refusal: got %q, want gzip", rec.Header().Get("Accept-Encoding"))
			}
		})
	}
}

// TestDecompressHoldsNoBomb: a gigabyte of zeros in a megabyte costs a few times the limit.
func TestDecompressHoldsNoBomb(t *testing.T) {
	const limit = 1 << 20
	member := zip(t, make([]byte, 8<<20))
	bomb := bytes.Repeat(member, 128)
	handler := middleware.Decompress(limit)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the bomb was served") }))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(bomb))
	r.Header.Set("Content-Encoding", "gzip")
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, r)
	runtime.ReadMemStats(&after)
	if got, want := rec.Code, http.StatusRequestEntityTooLarge; got != want {
		t.Errorf("status: got %d, want %d", got, want)
	}
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(16*limit); got > most {
		t.Errorf("allocated for a bomb of %d bytes: got %d, want at most %d", len(bomb), got, most)
	}
}
