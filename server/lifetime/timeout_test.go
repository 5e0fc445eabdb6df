package lifetime_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/server/lifetime"
	"crmgraph/server/middleware"
)

// send has a handler answer a request with a header.
func send(t *testing.T, handler http.Handler, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header = header
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, r)
	return rec
}

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
				handler := lifetime.Timeout(30 * time.Second)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					<-r.Context().Done()
					if got, want := r.Context().Err(), context.DeadlineExceeded; !errors.Is(got, want) {
						t.Errorf("context: got %v, want %v", got, want)
					}
				}))
				header := http.Header{}
				if test.asked != "" {
					header.Set(middleware.TimeoutHeader, test.asked)
				}
				send(t, handler, header)
				if got := time.Since(start); got != test.want {
					t.Errorf("ran for: got %v, want %v", got, test.want)
				}
			})
		})
	}
}

func TestTimeoutRefusesWhatIsNoTime(t *testing.T) {
	t.Parallel()
	handler := lifetime.Timeout(time.Second)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the request was served")
	}))
	for _, asked := range []string{"0", "-1", "1.5", "1s", "soon", "99999999999999999999"} {
		got := send(t, handler, http.Header{middleware.TimeoutHeader: {asked}})
		if got.Code != http.StatusBadRequest {
			t.Errorf("%q: got status %d, want %d", asked, got.Code, http.StatusBadRequest)
		}
	}
}

// TestRequestEndsWithItsClient: who leaves waits for nothing.
func TestRequestEndsWithItsClient(t *testing.T) {
	t.Parallel()
	client, leave := context.WithCancel(t.Context())
	handler := lifetime.Timeout(time.Hour)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		leave()
		<-r.Context().Done()
		if got := r.Context().Err(); !errors.Is(got, context.Canceled) {
			t.Errorf("got %v, want %v", got, context.Canceled)
		}
	}))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(client, http.MethodGet, "/", nil))
}

// TestRequestEndsWithAnEarlierDeadline: that of whoever stands before.
func TestRequestEndsWithAnEarlierDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		handler := lifetime.Timeout(time.Hour)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		}))
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(client, http.MethodGet, "/", nil))
		if got := time.Since(start); got != time.Second {
			t.Errorf("ran for %v, want %v", got, time.Second)
		}
	})
}

// TestOfClient: what outlives the deadline of a request ends when the client leaves.
func TestOfClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, leave := context.WithCancel(t.Context())
		handler := lifetime.Timeout(time.Second)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			ctx, cancel := lifetime.OfClient(r.Context())
			defer cancel()
			<-r.Context().Done()
			<-time.After(time.Hour)
			if err := ctx.Err(); err != nil {
				t.Errorf("past the deadline: got %v, want a context that has not ended", err)
			}
			leave()
			<-ctx.Done()
		}))
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(client, http.MethodGet, "/", nil))
	})
}
