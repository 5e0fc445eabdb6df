package middleware_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/middleware"
)

// answer is what a client sees of a response.
type answer struct {
	Status int
	Body   string
}

// send passes one request through handler and returns the response.
func send(t *testing.T, handler http.Handler, method, target string, body io.Reader, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, target, body)
	if header != nil {
		req.Header = header
	}
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, req)
	return rec
}

func seen(rec *httptest.ResponseRecorder) answer {
	return answer{Status: rec.Code, Body: rec.Body.String()}
}

// newLog returns a logger without times and durations, and what reads its lines.
func newLog(t *testing.T) (*slog.Logger, func() []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
			if attr.Key == slog.TimeKey || attr.Key == "duration_ms" {
				return slog.Attr{}
			}
			return attr
		},
	}))
	return logger, func() []map[string]any {
		var lines []map[string]any
		for line := range strings.Lines(out.String()) {
			var fields map[string]any
			if err := json.Unmarshal([]byte(line), &fields); err != nil {
				t.Fatalf("log line %q: %v", line, err)
			}
			lines = append(lines, fields)
		}
		return lines
	}
}

func TestChainPutsTheFirstOutermost(t *testing.T) {
	t.Parallel()
	var order []string
	note := func(name string) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				order = append(order, name)
				next.ServeHTTP(w, r)
			})
		}
	}
	last := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { order = append(order, "handler") })
	send(t, middleware.Chain(last, note("first"), note("second")), http.MethodGet, "/", nil, nil)
	if diff := cmp.Diff([]string{"first", "second", "handler"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
