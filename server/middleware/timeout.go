package middleware

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// TimeoutHeader is how long a client will wait for its answer, in milliseconds.
const TimeoutHeader = "X-Request-Timeout"

// Share of the time that is left for writing the answer once its deadline has passed.
const (
	writingShare = 10
	maxWriting   = 50 * time.Millisecond
)

// Timeout gives the context of each request a deadline: what the client asks for in
// X-Request-Timeout, limit at most, from its arrival, less a little time to write what there is
// by then. What runs past it is told through the context; the answer remains the
// handler's. A header that is no number of milliseconds is answered with status 400.
func Timeout(limit time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			timeout := limit
			if asked := r.Header.Get(TimeoutHeader); asked != "" {
				milliseconds, err := strconv.ParseUint(asked, 10, 63)
				if err != nil || milliseconds == 0 {
					WriteError(w, r, http.StatusBadRequest, CodeBadUserInput,
						fmt.Sprintf("%s is a whole number of milliseconds, 1 or more.", TimeoutHeader))
					return
				}
				timeout = time.Duration(min(milliseconds, uint64(limit.Milliseconds()))) * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(r.Context(), timeout-min(timeout/writingShare, maxWriting))
			defer cancel()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}
