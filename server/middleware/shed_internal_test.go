package middleware

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestShedder feeds it the waits that a server has which is overloaded for a while.
func TestShedder(t *testing.T) {
	t.Parallel()
	shedder := NewShedder(ShedOptions{Target: 100 * time.Millisecond, Interval: time.Second})
	handler := shedder.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	refused := func() (refused int) {
		for range 1000 {
			rec := httptest.NewRecorder()
			handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil))
			switch rec.Code {
			case http.StatusNoContent:
			case http.StatusServiceUnavailable:
				refused++
				if got := rec.Header().Get("Retry-After"); got != "1" {
					t.Fatalf("Retry-After of a request that is shed: got %q, want 1", got)
				}
			default:
				t.Fatalf("got status %d", rec.Code)
			}
		}
		return refused
	}
	now, above := time.Now(), time.Time{}
	waits := func(wait, lasting time.Duration) {
		for end := now.Add(lasting); now.Before(end); {
			now = now.Add(shedPeriod + wait)
			above = shedder.observe(now, wait, above)
		}
	}
	waits(time.Millisecond, 5*time.Second)
	if got := refused(); got != 0 {
		t.Errorf("of a server at rest: got %d of 1000 refused, want none", got)
	}
	waits(300*time.Millisecond, 600*time.Millisecond)
	if got := refused(); got != 0 {
		t.Errorf("in a short burst: got %d of 1000 refused, want none", got)
	}
	waits(300*time.Millisecond, 1500*time.Millisecond)
	soon := refused()
	if soon == 0 {
		t.Error("of a server that has been overloaded for two seconds: got none refused, want some")
	}
	waits(300*time.Millisecond, 30*time.Second)
	if got := refused(); got <= soon || got > 900 {
		t.Errorf("of a server that stays overloaded: got %d of 1000 refused, want more than %d and at most 900", got, soon)
	}
	waits(time.Millisecond, time.Second)
	if got := refused(); got != 0 {
		t.Errorf("a second after the overload: got %d of 1000 refused, want none", got)
	}
}
