package middleware_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"crmgraph/server/middleware"
)

func TestRequestID(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		sent string
		kept bool
	}{
		{"none", "", false},
		{"sane", "gateway-7_a.B", true},
		{"64 characters", strings.Repeat("x", 64), true},
		{"65 characters", strings.Repeat("x", 65), false},
		{"line break", "a\nb", false},
		{"space", "a b", false},
		{"quote", `a"b`, false},
		{"not ASCII", "идентификатор", false},
	}
	made := regexp.MustCompile(`^[A-Z2-7]{26}$`)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var inContext string
			handler := middleware.RequestID(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				inContext = middleware.RequestIDFrom(r.Context())
			}))
			rec := send(t, handler, http.MethodGet, "/", nil, http.Header{"X-Request-Id": {test.sent}})
			got := rec.Header().Get("X-Request-Id")
			if got != inContext {
				t.Errorf("id in the response: got %q, want %q as in the context", got, inContext)
			}
			if test.kept && got != test.sent {
				t.Errorf("id: got %q, want %q as sent", got, test.sent)
			}
			if !test.kept && !made.MatchString(got) {
				t.Errorf("id: got %q, want a new one", got)
			}
		})
	}
}

func TestRequestIDsDiffer(t *testing.T) {
	t.Parallel()
	handler := middleware.RequestID(http.NotFoundHandler())
	first := send(t, handler, http.MethodGet, "/", nil, nil).Header().Get("X-Request-Id")
	second := send(t, handler, http.MethodGet, "/", nil, nil).Header().Get("X-Request-Id")
	if first == second {
		t.Errorf("ids of two requests: got %q twice, want two", first)
	}
}

func TestRequestIDFromOutsideOfARequest(t *testing.T) {
	t.Parallel()
	if got := middleware.RequestIDFrom(t.Context()); got != "" {
		t.Errorf("id: got %q, want none", got)
	}
}
