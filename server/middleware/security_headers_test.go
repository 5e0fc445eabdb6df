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
		"Cache-Control":           {"no-store"},
	}
	if diff := cmp.Diff(want, send(t, handler, http.MethodGet, "/", nil, nil).Header()); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

// TestSecurityHeadersOfOneAnswerOnly: a page that changes its headers changes no other's.
func TestSecurityHeadersOfOneAnswerOnly(t *testing.T) {
	t.Parallel()
	handler := middleware.SecurityHeaders(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/page" {
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			w.Header().Add("Referrer-Policy", "origin")
			w.Header().Del("X-Frame-Options")
		}
	}))
	want := send(t, handler, http.MethodGet, "/", nil, nil).Header()
	send(t, handler, http.MethodGet, "/page", nil, nil)
	if diff := cmp.Diff(want, send(t, handler, http.MethodGet, "/", nil, nil).Header()); diff != "" {
		t.Errorf("headers after those of a page (-want +got):\n%s", diff)
	}
}
