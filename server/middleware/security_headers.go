package middleware

import (
	"maps"
	"net/http"
)

// SecurityHeaders keeps browsers from guessing content types, from framing answers,
// from sending the address on, from running anything an answer might contain, and, like any
// other cache, from keeping it. A page that needs more sets its own Content-Security-Policy, an
// answer that may be kept its own Cache-Control. Strict-Transport-Security is the business of
// whoever holds the certificate in front of this server.
func SecurityHeaders(next http.Handler) http.Handler {
	// All responses share the values: Set and Add of a header replace them, and change none.
	values := http.Header{
		"X-Content-Type-Options":  {"nosniff"},
		"X-Frame-Options":         {"DENY"},
		"Referrer-Policy":         {"no-referrer"},
		"Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"},
		"Cache-Control":           {"no-store"},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), values)
		next.ServeHTTP(w, r)
	})
}
