package middleware

import "net/http"

// SecurityHeaders keeps browsers from guessing content types, from framing answers,
// from sending the address on, from running anything an answer might contain, and, like any
// other cache, from keeping it. A page that needs more sets its own Content-Security-Policy, an
// answer that may be kept its own Cache-Control. Strict-Transport-Security is the business of
// whoever holds the certificate in front of this server.
func SecurityHeaders(next http.Handler) http.Handler {
	// All responses share the values: Set and Add of a header replace them, and change none.
	fields := []struct {
		name   string
		values []string
	}{
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"X-Frame-Options", []string{"DENY"}},
		{"Referrer-Policy", []string{"no-referrer"}},
		{"Content-Security-Policy", []string{"default-src 'none'; frame-ancestors 'none'"}},
		{"Cache-Control", []string{"no-store"}},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		for _, field := range fields {
			header[field.name] = field.values
		}
		next.ServeHTTP(w, r)
	})
}
