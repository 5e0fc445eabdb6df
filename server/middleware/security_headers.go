package middleware

import (
	"maps"
	"net/http"
)

// SecurityHeaders keeps browsers from guessing content types, from framing answers,
// from sending the address on, and from running anything an answer might contain. A
// page that needs more sets its own Content-Security-Policy.
func SecurityHeaders(next http.Handler) http.Handler {
	// All responses share the values: Set and Add of a header replace them, and change none.
	values := http.Header{
		"X-Content-Type-Options":  {"nosniff"},
		"X-Frame-Options":         {"DENY"},
		"Referrer-Policy":         {"no-referrer"},
		"Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), values)
		next.ServeHTTP(w, r)
	})
}
