package middleware_test

import (
	"net/http"
	"testing"

	"crmgraph/server/middleware"
)

// TestStreamsFlushThroughTheMiddleware: streaming transports ask the writer itself for
// an http.Flusher and do not know about http.ResponseController.
func TestStreamsFlushThroughTheMiddleware(t *testing.T) {
	t.Parallel()
	logger, _ := newLog(t)
	handler := middleware.Chain(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		flusher, ok := w.(http.Flusher)
		if !ok {
			t.Fatalf("writer: got %T, want an http.Flusher", w)
		}
		flusher.Flush()
	}), middleware.AccessLog(logger), middleware.Recover(logger))
	if rec := send(t, handler, http.MethodGet, "/", nil, nil); !rec.Flushed {
		t.Error("the server's own writer: got no Flush, want one")
	}
}
