package middleware_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/middleware"
)

func TestAccessLog(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		target string
		handle http.HandlerFunc
		want   map[string]any
	}{
		{
			name:   "status, bytes and viewer; no query, header or body",
			target: "/graphql?query=secret-query",
			handle: func(w http.ResponseWriter, r *http.Request) {
				middleware.SetViewer(r.Context(), "2")
				w.WriteHeader(http.StatusTeapot)
				_, _ = io.WriteString(w, "secret-answer")
			},
			want: map[string]any{
				"level": "INFO", "msg": "request", "method": "POST", "path": "/graphql",
				"status": 418.0, "bytes": 13.0, "request_id": "abc", "viewer": "2",
			},
		},
		{
			name:   "status that is never written out",
			target: "/",
			handle: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") },
			want: map[string]any{
				"level": "INFO", "msg": "request", "method": "POST", "path": "/",
				"status": 200.0, "bytes": 2.0, "request_id": "abc",
			},
		},
		{
			name:   "an early hint is not the status",
			target: "/",
			handle: func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusEarlyHints)
				w.WriteHeader(http.StatusNoContent)
			},
			want: map[string]any{
				"level": "INFO", "msg": "request", "method": "POST", "path": "/",
				"status": 204.0, "bytes": 0.0, "request_id": "abc",
			},
		},
		{
			name:   "quiet path",
			target: "/healthz",
			handle: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) },
			want: map[string]any{
				"level": "DEBUG", "msg": "request", "method": "POST", "path": "/healthz",
				"status": 200.0, "bytes": 0.0, "request_id": "abc",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			logger, lines := newLog(t)
			handler := middleware.Chain(test.handle, middleware.RequestID, middleware.AccessLog(logger, "/healthz"))
			header := http.Header{"X-Request-Id": {"abc"}, "Authorization": {"Bearer secret-token"}}
			send(t, handler, http.MethodPost, test.target, strings.NewReader("secret-body"), header)
			if diff := cmp.Diff([]map[string]any{test.want}, lines()); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAccessLogLogsAPanic(t *testing.T) {
	t.Parallel()
	logger, lines := newLog(t)
	handler := middleware.AccessLog(logger)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	func() {
		defer func() {
			if got, want := recover(), "boom"; got != want {
				t.Errorf("panic that comes out: got %v, want %v", got, want)
			}
		}()
		send(t, handler, http.MethodGet, "/", nil, nil)
	}()
	if got, want := len(lines()), 1; got != want {
		t.Errorf("log lines: got %d, want %d", got, want)
	}
}

func TestSetViewerOutsideOfALoggedRequest(t *testing.T) {
	t.Parallel()
	defer func() {
		if value := recover(); value != nil {
			t.Errorf("got panic %v, want none", value)
		}
	}()
	middleware.SetViewer(t.Context(), "2")
}
