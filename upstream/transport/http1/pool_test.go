package http1_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream/transport/http1"
)

// numbered answers with the number of the connection.
func numbered(p *peer) { p.answerAll(ok(strconv.Itoa(int(p.number)))) }

// openAtOnce makes n requests that are under way at the same time, and ends them in the
// order of their connections.
func openAtOnce(t *testing.T, client *http1.Client, url string, n int) {
	t.Helper()
	answers := make([]*http.Response, n)
	for i := range answers {
		resp, err := client.RoundTrip(newRequest(t.Context(), t, http.MethodGet, url, "")) //nolint:bodyclose // Closed below.
		if err != nil {
			t.Fatal(err)
		}
		answers[i] = resp
	}
	for _, resp := range answers {
		_, err := io.Copy(io.Discard, resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPoolKeepsNoMoreThanMaxIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		crm := newPipes(t, numbered)
		client := newClient(t, http1.Options{Dial: crm.dial, MaxIdle: 2})
		openAtOnce(t, client, crm.url, 5)
		if got, want := crm.open.Load(), int32(2); got != want {
			t.Errorf("connections kept: got %d, want %d", got, want)
		}
	})
}

func TestPoolTakesTheConnectionUsedLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		crm := newPipes(t, numbered)
		client := newClient(t, http1.Options{Dial: crm.dial})
		openAtOnce(t, client, crm.url, 3)
		for range 2 {
			if got, want := mustGet(t, client, crm.url), "3"; got != want {
				t.Errorf("connection: got %s, want %s", got, want)
			}
		}
	})
}

func TestPoolClosesWhatIsIdleForTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		crm := newPipes(t, numbered)
		client := newClient(t, http1.Options{Dial: crm.dial, IdleTimeout: time.Minute})
		start := time.Now()
		// left waits until some time after the start and counts the connections.
		left := func(after time.Duration) int32 {
			<-time.After(time.Until(start.Add(after)))
			synctest.Wait()
			return crm.open.Load()
		}
		openAtOnce(t, client, crm.url, 3)
		if got, want := left(40*time.Second), int32(3); got != want {
			t.Errorf("connections after 40 s: got %d, want %d", got, want)
		}
		mustGet(t, client, crm.url)
		if got, want := left(59*time.Second), int32(3); got != want {
			t.Errorf("connections after 59 s: got %d, want %d", got, want)
		}
		if got, want := left(60*time.Second), int32(1); got != want {
			t.Errorf("connections after 60 s, one used after 40 s: got %d, want %d", got, want)
		}
		if got, want := left(99*time.Second), int32(1); got != want {
			t.Errorf("connections after 99 s: got %d, want %d", got, want)
		}
		if got, want := left(100*time.Second), int32(0); got != want {
			t.Errorf("connections after 100 s: got %d, want %d", got, want)
		}
		// The clock is set again for what comes after a quiet time.
		mustGet(t, client, crm.url)
		if got, want := left(159*time.Second), int32(1); got != want {
			t.Errorf("connections after 159 s: got %d, want %d", got, want)
		}
		if got, want := left(160*time.Second), int32(0); got != want {
			t.Errorf("connections after 160 s: got %d, want %d", got, want)
		}
	})
}

func TestPoolKeepsServersApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		crm := newPipes(t, numbered)
		client := newClient(t, http1.Options{Dial: crm.dial, MaxIdle: 1})
		first := mustGet(t, client, "http://a.test/")
		second := mustGet(t, client, "http://a.test:8080/")
		if first == second {
			t.Errorf("connections of two ports: both %s, want different ones", first)
		}
		if got := mustGet(t, client, "http://a.test:80/"); got != first {
			t.Errorf("connection of the default port: got %s, want %s", got, first)
		}
	})
}

func TestCloseIdleConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		crm := newPipes(t, numbered)
		client := newClient(t, http1.Options{Dial: crm.dial})
		openAtOnce(t, client, crm.url, 3)
		busy, err := client.RoundTrip(newRequest(t.Context(), t, http.MethodGet, crm.url, ""))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = busy.Body.Close() }()
		client.CloseIdleConnections()
		if got, want := crm.open.Load(), int32(1); got != want {
			t.Errorf("connections left: got %d, want %d", got, want)
		}
		if body, err := io.ReadAll(busy.Body); err != nil || string(body) != "3" {
			t.Errorf("body of the request under way: got %q (%v), want %q", body, err, "3")
		}
		if got, want := mustGet(t, client, crm.url), "3"; got != want {
			t.Errorf("connection of the next request: got %s, want %s", got, want)
		}
		<-time.After(time.Minute)
		synctest.Wait()
		if got := crm.open.Load(); got != 0 {
			t.Errorf("connections after a minute: got %d, want 0", got)
		}
	})
}
