package middleware_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/server/middleware"
)

func TestTimeoutIsADeadlineFromArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		handler := middleware.Timeout(30 * time.Second)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			if got, want := r.Context().Err(), context.DeadlineExceeded; !errors.Is(got, want) {
				t.Errorf("context: got %v, want %v", got, want)
			}
		}))
		send(t, handler, http.MethodGet, "/", nil, nil)
		if got, want := time.Since(start), 30*time.Second; got != want {
			t.Errorf("ran for: got %v, want %v", got, want)
		}
	})
}
