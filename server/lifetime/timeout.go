package lifetime

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"crmgraph/server/middleware"
	"crmgraph/upstream/alarm"
)

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
	clock := &alarm.Clock{}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			timeout := limit
			if asked := middleware.First(r.Header, middleware.TimeoutHeader); asked != "" {
				milliseconds, err := strconv.ParseUint(asked, 10, 63)
				if err != nil || milliseconds == 0 {
					middleware.WriteError(w, r, http.StatusBadRequest, middleware.CodeBadUserInput,
						fmt.Sprintf("%s is a whole number of milliseconds, 1 or more.", middleware.TimeoutHeader))
					return
				}
				timeout = time.Duration(min(milliseconds, uint64(limit.Milliseconds()))) * time.Millisecond
			}
			ctx := begin(r.Context(), clock, timeout-min(timeout/writingShare, maxWriting))
			defer ctx.end()
			next.ServeHTTP(w, r.WithContext(ctx)) //nolint:contextcheck // the linter does not know contexts of one's own
		})
	}
}
