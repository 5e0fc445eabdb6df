package middleware

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// AccessLog logs each request when it is answered: method, path, status, bytes and
// duration and, where RequestID stands in front, the request's id and the viewer that
// SetViewer was told. Query strings, headers and bodies may hold secrets and are never
// logged. Requests of the quiet paths are logged at debug level.
func AccessLog(logger *slog.Logger, quiet ...string) func(http.Handler) http.Handler {
	level := make(map[string]slog.Level, len(quiet))
	for _, path := range quiet {
		level[path] = slog.LevelDebug
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			recorded := record(w)
			// Deferred, so that a request that panics is logged as well.
			defer func() { logRequest(logger.Handler(), level[r.URL.Path], r, recorded, start) }()
			next.ServeHTTP(recorded, r)
		})
	}
}

// logRequest makes the record itself: a Logger would look for the line that calls it, which
// is always the same.
func logRequest(handler slog.Handler, level slog.Level, r *http.Request, answered *recorder, start time.Time) {
	ctx := r.Context()
	if !handler.Enabled(ctx, level) {
		return
	}
	end := time.Now()
	line := slog.NewRecord(end, level, "request", 0)
	line.AddAttrs(
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.Int("status", answered.status),
		slog.Int64("bytes", answered.bytes),
		slog.Float64("duration_ms", float64(end.Sub(start).Microseconds())/1000),
		slog.String("request_id", RequestIDFrom(ctx)),
		viewerAttr(ctx),
	)
	// Nobody can be told that the log cannot be written.
	_ = handler.Handle(ctx, line)
}

// viewerAttr is the viewer of a request, or an empty Attr, which a handler leaves out.
func viewerAttr(ctx context.Context) slog.Attr {
	if known := requestFrom(ctx); known != nil {
		if id := known.viewer.Load(); id != nil {
			return slog.String("viewer", *id)
		}
	}
	return slog.Attr{}
}

// SetViewer tells the access log on whose behalf the request of ctx runs; outside of a
// request with an id it does nothing. It is safe for concurrent use.
func SetViewer(ctx context.Context, id string) {
	if known := requestFrom(ctx); known != nil {
		known.viewer.Store(&id)
	}
}
