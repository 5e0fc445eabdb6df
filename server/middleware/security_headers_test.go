package middleware_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/middleware"
)

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	handler := middleware.SecurityHeaders(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	want := http.Header{
		"X-Content-Type-Options":  {"nosniff"},
		"X-Frame-Options":         {"DENY"},
		"Referrer-Policy":         {"no-referrer"},
		"Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"},
	}
	if diff := cmp.Diff(want, send(t, handler, http.MethodGet, "/", nil, nil).Header()); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}
