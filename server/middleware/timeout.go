package middleware

import (
	"context"
	"net/http"
	"time"
)

// Timeout gives the context of each request a deadline d from its arrival. What runs
// past it is told through the context; the answer remains the handler's.
func Timeout(d time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), d)
			defer cancel()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}
