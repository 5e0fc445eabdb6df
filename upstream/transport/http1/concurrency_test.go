package http1_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"crmgraph/upstream/transport/http1"
)

// TestEveryRequestGetsItsOwnAnswer has fewer idle connections than requests at once, so
// that connections come and go, with answers of every framing and size.
func TestEveryRequestGetsItsOwnAnswer(t *testing.T) {
	t.Parallel()
	const concurrent, each = 64, 50
	crm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if r.URL.Query().Has("chunked") {
			w.(http.Flusher).Flush()
		}
		if r.URL.Query().Has("close") {
			w.Header().Set("Connection", "close")
		}
		_, _ = fmt.Fprintf(w, "%s %s %s", r.Method, r.URL, body)
	}))
	t.Cleanup(crm.Close)
	client := newClient(t, http1.Options{MaxIdle: concurrent / 2})
	var running sync.WaitGroup
	for worker := range concurrent {
		running.Go(func() {
			for n := range each {
				method, body := http.MethodGet, ""
				if n%2 == 1 {
					method, body = http.MethodPost, strings.Repeat("x", 1+worker*n*10)
				}
				target := fmt.Sprintf("/%d/%d?", worker, n) + []string{"plain", "chunked", "close"}[n%3]
				status, got, err := exchange(client, newRequest(t.Context(), t, method, crm.URL+target, body))
				if want := method + " " + target + " " + body; err != nil || status != http.StatusOK || got != want {
					t.Errorf("got %d %.100q (%v), want 200 %.100q", status, got, err, want)
				}
			}
		})
	}
	running.Wait()
}
