package middleware_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/middleware"
)

func TestWriteError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		status  int
		code    string
		message string
		want    answer
	}{
		{
			name: "the client's fault", status: http.StatusBadRequest, code: middleware.CodeBadUserInput, message: `A "quoted" sentence.`,
			want: answer{http.StatusBadRequest, `{"errors":[{"message":"A \"quoted\" sentence.","extensions":{"code":"BAD_USER_INPUT"}}]}`},
		},
		{
			name: "the server's fault, with the request id", status: http.StatusInternalServerError, code: middleware.CodeInternal, message: "Failed.",
			want: answer{http.StatusInternalServerError, `{"errors":[{"message":"Failed.","extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"abc"}}]}`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			handler := middleware.RequestID(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				middleware.WriteError(w, r, test.status, test.code, test.message)
			}))
			rec := send(t, handler, http.MethodGet, "/", nil, http.Header{"X-Request-Id": {"abc"}})
			if diff := cmp.Diff(test.want, seen(rec)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if got, want := rec.Header().Get("Content-Type"), "application/graphql-response+json; charset=utf-8"; got != want {
				t.Errorf("Content-Type: got %q, want %q", got, want)
			}
		})
	}
}

func TestWriteLimitError(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
		middleware.WriteLimitError(w, http.StatusTooManyRequests, middleware.CodeRateLimitExceeded, "Too much.", 10, 11)
	})
	rec := send(t, handler, http.MethodGet, "/", nil, nil)
	want := answer{http.StatusTooManyRequests, `{"errors":[{"message":"Too much.","extensions":{"code":"RATE_LIMIT_EXCEEDED","limit":10,"value":11}}]}`}
	if diff := cmp.Diff(want, seen(rec)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if got, want := rec.Header().Get("Cache-Control"), "no-store"; got != want {
		t.Errorf("Cache-Control of an error: got %q, want %q", got, want)
	}
}
