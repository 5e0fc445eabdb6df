package front_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestEveryRequestGetsItsOwnAnswer over TCP, with requests of either kind and of all sizes, quick
// ones and slow ones, by clients of which some go away.
func TestEveryRequestGetsItsOwnAnswer(t *testing.T) {
	t.Parallel()
	const clients, each = 32, 60
	f := newFront(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client has gone
		}
		query := r.URL.Query()
		if query.Has("slow") {
			select {
			case <-time.After(15 * time.Millisecond):
			case <-r.Context().Done():
			}
		}
		if query.Has("flush") {
			w.(http.Flusher).Flush()
		}
		_, _ = fmt.Fprintf(w, "%s %s %s", r.Method, r.URL, body)
	})
	address := start(t, f)
	methods := []string{http.MethodGet, http.MethodPost, http.MethodPost, http.MethodPost, http.MethodPut}
	flags := []string{"", "slow", "flush", "", "slow&flush", "", ""}
	var running sync.WaitGroup
	for number := range clients {
		running.Go(func() {
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			for n := range each {
				method, body := methods[n%len(methods)], ""
				if n < each/2 {
					method = methods[n%4] // on the other way all stay who have been there
				}
				if method != http.MethodGet {
					body = strings.Repeat("x", n*n*number)
				}
				target := fmt.Sprintf("/%d/%d?%s", number, n, flags[n%len(flags)])
				req, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+target, strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				if n%17 == 16 { // goes away
					conn := dial(t, address)
					_ = req.Write(conn)
					_ = conn.Close()
				}
				req.Body, _ = req.GetBody()
				resp, err := transport.RoundTrip(req)
				if err != nil {
					t.Errorf("%s %s: %v", method, target, err)
					return
				}
				got, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if want := method + " " + target + " " + body; err != nil || string(got) != want {
					t.Errorf("got %.100q (%v), want %.100q", got, err, want)
				}
			}
		})
	}
	running.Wait()
	if plain := f.Plain(); plain < clients*each/4 {
		t.Errorf("plain requests: got %d, want a good part of %d", plain, clients*each)
	}
}
