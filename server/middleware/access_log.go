package middleware

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

type viewerKey struct{}

// AccessLog logs each request when it is answered: method, path, status, bytes,
// duration, request id and, where SetViewer was called, the viewer. Query strings,
// headers and bodies may hold secrets and are never logged. Requests of the quiet
// paths are logged at debug level.
func AccessLog(logger *slog.Logger, quiet ...string) func(http.Handler) http.Handler {
	level := make(map[string]slog.Level, len(quiet))
	for _, path := range quiet {
		level[path] = slog.LevelDebug
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			var viewer atomic.Pointer[string]
			recorded := &recorder{ResponseWriter: w}
			ctx := context.WithValue(r.Context(), viewerKey{}, &viewer)
			// Deferred, so that a request that panics is logged as well.
			defer func() {
				attrs := []slog.Attr{
					slog.String("method", r.Method),
					slog.String("path", r.URL.Path),
					slog.Int("status", recorded.status),
					slog.Int64("bytes", recorded.bytes),
					slog.Float64("duration_ms", float64(time.Since(start).Microseconds())/1000),
					slog.String("request_id", RequestIDFrom(ctx)),
				}
				if id := viewer.Load(); id != nil {
					attrs = append(attrs, slog.String("viewer", *id))
				}
				logger.LogAttrs(ctx, level[r.URL.Path], "request", attrs...)
			}()
			next.ServeHTTP(recorded, r.WithContext(ctx))
		})
	}
}

// SetViewer tells the access log on whose behalf the request of ctx runs; outside of a
// logged request it does nothing. It is safe for concurrent use.
func SetViewer(ctx context.Context, id string) {
	if viewer, ok := ctx.Value(viewerKey{}).(*atomic.Pointer[string]); ok {
		viewer.Store(&id)
	}
}
