package graphqlstream

import (
	"context"
	"net/http"
)

type lifetimeKey struct{}

// Outlive is middleware that lets subscriptions outlive the deadline that a middleware behind
// it gives to requests. They end when the client leaves.
func Outlive(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, lifetimeKey{}, ctx)))
	})
}

// outliving returns a context with the values of a request's that ends when the client leaves.
func outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	lifetime, ok := ctx.Value(lifetimeKey{}).(context.Context)
	if !ok {
		return context.WithCancel(ctx)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(lifetime, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}
