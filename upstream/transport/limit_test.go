package transport_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream/transport"
)

// roundTripFunc answers requests without a network.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func newRequest(ctx context.Context, t *testing.T) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://crm.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func answer(body string) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body))}
}

func TestLimitHoldsSlotUntilBodyIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := make(chan struct{}, 2)
		limited := transport.Limit(roundTripFunc(func(*http.Request) (*http.Response, error) {
			sent <- struct{}{}
			return answer("{}"), nil
		}), 1)

		first, err := limited.RoundTrip(newRequest(t.Context(), t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(first.Body); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			second, err := limited.RoundTrip(newRequest(t.Context(), t))
			if err == nil {
				err = second.Body.Close()
			}
			done <- err
		}()
		synctest.Wait()
		if got, want := len(sent), 1; got != want {
			t.Errorf("requests sent while the first body is open: got %d, want %d", got, want)
		}
		// Closing twice must not give back two slots.
		for range 2 {
			if err := first.Body.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if got, want := len(sent), 2; got != want {
			t.Errorf("requests sent after the first body is closed: got %d, want %d", got, want)
		}
	})
}

func TestLimitGivesSlotBackAfterFailure(t *testing.T) {
	t.Parallel()
	refused := errors.New("connection refused")
	limited := transport.Limit(roundTripFunc(func(*http.Request) (*http.Response, error) {
		return nil, refused
	}), 1)
	for range 3 {
		resp, err := limited.RoundTrip(newRequest(t.Context(), t))
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, refused) {
			t.Fatalf("error: got %v, want %v", err, refused)
		}
	}
}

func TestLimitWaitsNoLongerThanTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limited := transport.Limit(roundTripFunc(func(*http.Request) (*http.Response, error) {
			return answer("{}"), nil
		}), 1)
		held, err := limited.RoundTrip(newRequest(t.Context(), t))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		resp, err := limited.RoundTrip(newRequest(ctx, t))
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error: got %v, want %v", err, context.DeadlineExceeded)
		}
		if got, want := time.Since(start), 2*time.Second; got != want {
			t.Errorf("waited: got %v, want %v", got, want)
		}
		if err := held.Body.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
