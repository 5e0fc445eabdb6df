package middleware

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
)

// Recover answers a request whose handler panics with status 500 and a masked error.
// The log gets the type of the panic's value and the stack; the value itself could hold
// a secret. An answer that was already begun is cut off, so that it is not taken as whole.
func Recover(logger *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			recorded := record(w)
			defer func() {
				if value := recover(); value != nil {
					answerPanic(recorded, r, logger, value)
				}
			}()
			next.ServeHTTP(recorded, r)
		})
	}
}

func answerPanic(w *recorder, r *http.Request, logger *slog.Logger, value any) {
	if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}
	logger.ErrorContext(r.Context(), "panic",
		slog.String("type", fmt.Sprintf("%T", value)),
		slog.String("stack", string(debug.Stack())),
		slog.String("request_id", RequestIDFrom(r.Context())))
	if w.status != 0 {
		panic(http.ErrAbortHandler)
	}
	WriteError(w, r, http.StatusInternalServerError, CodeInternal, "The server failed to answer. The request id tells the operator why.")
}
