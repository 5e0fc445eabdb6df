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
	tests := []struct {
		name  string
		asked string // "" for nothing
		want  time.Duration
	}{
		{"the limit, with time to write", "", 29950 * time.Millisecond},
		{"less than the limit", "2000", 1950 * time.Millisecond},
		{"a tenth of a short time", "100", 90 * time.Millisecond},
		{"more than the limit", "60000", 29950 * time.Millisecond},
		{"more than any limit", "9223372036854775807", 29950 * time.Millisecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				handler := middleware.Timeout(30 * time.Second)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					<-r.Context().Done()
					if got, want := r.Context().Err(), context.DeadlineExceeded; !errors.Is(got, want) {
						t.Errorf("context: got %v, want %v", got, want)
					}
				}))
				header := http.Header{}
				if test.asked != "" {
					header.Set(middleware.TimeoutHeader, test.asked)
				}
				send(t, handler, http.MethodGet, "/", nil, header)
				if got := time.Since(start); got != test.want {
					t.Errorf("ran for: got %v, want %v", got, test.want)
				}
			})
		})
	}
}

func TestTimeoutRefusesWhatIsNoTime(t *testing.T) {
	t.Parallel()
	handler := middleware.Timeout(time.Second)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the request was served")
	}))
	for _, asked := range []string{"0", "-1", "1.5", "1s", "soon", "99999999999999999999"} {
		got := send(t, handler, http.MethodGet, "/", nil, http.Header{middleware.TimeoutHeader: {asked}})
		if got.Code != http.StatusBadRequest {
			t.Errorf("%q: got status %d, want %d", asked, got.Code, http.StatusBadRequest)
		}
	}
}
