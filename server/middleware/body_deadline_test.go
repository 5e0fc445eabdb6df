package middleware_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"crmgraph/server/middleware"
)

// startServer serves handler with a read timeout, as a real server does.
func startServer(t *testing.T, handler http.Handler, readTimeout time.Duration) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ReadTimeout = readTimeout
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// TestBodyDeadlineGivesUpASlowBody: whoever sends a byte at a time is told so and cut off.
func TestBodyDeadlineGivesUpASlowBody(t *testing.T) {
	t.Parallel()
	chain := middleware.Chain(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("half a body was served") }),
		middleware.BodyDeadline(middleware.BodyDeadlineOptions{Timeout: 50 * time.Millisecond, Rate: 1 << 20}),
		middleware.BodyLimit(1<<10),
	)
	server := startServer(t, chain, time.Hour)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(conn)
	resp, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(body), `"code":"REQUEST_BODY_TIMEOUT"`) {
		t.Errorf("answer: got %d %s, want 408 with REQUEST_BODY_TIMEOUT", resp.StatusCode, body)
	}
	if rest, err := io.ReadAll(answers); err != nil || len(rest) > 0 {
		t.Errorf("after the answer: got %q, %v, want the connection closed", rest, err)
	}
}

// TestBodyDeadlineLeavesLongAnswersAlone: it is over when the body is there.
func TestBodyDeadlineLeavesLongAnswersAlone(t *testing.T) {
	t.Parallel()
	const timeout = 200 * time.Millisecond
	chain := middleware.Chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
			w.WriteHeader(http.StatusGone)
		case <-time.After(2 * timeout):
		}
	}), middleware.BodyDeadline(middleware.BodyDeadlineOptions{Timeout: timeout}), middleware.BodyLimit(100))
	server := startServer(t, chain, time.Hour)
	for name, body := range map[string]io.Reader{
		"a length": strings.NewReader("{}"),
		"chunks":   io.MultiReader(strings.NewReader("{}")),
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got, want := resp.StatusCode, http.StatusOK; got != want {
			t.Errorf("%s: got status %d, want %d", name, got, want)
		}
	}
}

// TestBodyDeadlineWaitsForAFairBody: a body that keeps coming takes longer than the timeout.
func TestBodyDeadlineWaitsForAFairBody(t *testing.T) {
	t.Parallel()
	const timeout = 100 * time.Millisecond
	chain := middleware.Chain(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
		middleware.BodyDeadline(middleware.BodyDeadlineOptions{Timeout: timeout, Rate: 1}), // a second for every byte
		middleware.BodyLimit(100),
	)
	server := startServer(t, chain, time.Hour)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n12345678"); err != nil {
		t.Fatal(err)
	}
	<-time.After(2 * timeout)
	if _, err := io.WriteString(conn, "9"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if got, want := resp.StatusCode, http.StatusOK; got != want {
		t.Errorf("status: got %d, want %d", got, want)
	}
}
