package rawhttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"crmgraph/bench/rawhttp"
)

// TestReceive reads answers of every form that net/http gives them, from one connection
// into one memory.
func TestReceive(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Долгий ответ. ", 10_000)
	mux := http.NewServeMux()
	mux.HandleFunc("/length", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("short")) })
	mux.HandleFunc("/chunks", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(long)) })
	mux.HandleFunc("/flushed", func(w http.ResponseWriter, _ *http.Request) {
		for part := range 3 {
			_, _ = fmt.Fprintf(w, "part %d;", part)
			_ = http.NewResponseController(w).Flush()
		}
	})
	mux.HandleFunc("/none", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := httptest.NewServer(mux)
	defer server.Close()
	conn, err := rawhttp.Dial(t.Context(), server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()

	var response rawhttp.Response
	for _, tt := range []struct {
		path   string
		status int
		body   string
	}{
		{"/length", http.StatusOK, "short"},
		{"/chunks", http.StatusOK, long},
		{"/flushed", http.StatusOK, "part 0;part 1;part 2;"},
		{"/none", http.StatusNoContent, ""},
		{"/length", http.StatusOK, "short"},
		{"/nowhere", http.StatusNotFound, "404 page not found\n"},
	} {
		if err := conn.Send([]byte("GET " + tt.path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		if err := conn.Receive(&response); err != nil {
			t.Fatalf("%s: %v", tt.path, err)
		}
		if response.Status != tt.status || string(response.Body) != tt.body {
			t.Errorf("%s answers %d with %d bytes %.40q, want %d with %d bytes %.40q",
				tt.path, response.Status, len(response.Body), response.Body, tt.status, len(tt.body), tt.body)
		}
	}
}

func TestReceiveFromServerThatLeaves(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	conn, err := rawhttp.Dial(t.Context(), server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Send([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	var response rawhttp.Response
	if err := conn.Receive(&response); err == nil {
		t.Errorf("an answer that was cut off is taken for %q", response.Body)
	}
}
