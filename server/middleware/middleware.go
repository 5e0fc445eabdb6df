// Package middleware holds what every request of the server passes through before it
// is answered. Each file has one func(http.Handler) http.Handler.
package middleware

import "net/http"

// Chain wraps handler in middleware, the first outermost.
func Chain(handler http.Handler, middleware ...func(http.Handler) http.Handler) http.Handler {
	for i := len(middleware) - 1; i >= 0; i-- {
		handler = middleware[i](handler)
	}
	return handler
}
