package front_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"crmgraph/server/front"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is what the tests compare: the front, or net/http alone.
type server interface {
	Serve(listener net.Listener) error
	Shutdown(ctx context.Context) error
	Close() error
}

// newServer returns a silent server of net/http.
func newServer(handler http.HandlerFunc) *http.Server {
	return &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
}

func newFront(handler http.HandlerFunc) *front.Server { return front.New(newServer(handler)) }

// serve serves until the test ends.
func serve(t testing.TB, s server, listener net.Listener) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(listener) }()
	t.Cleanup(func() {
		_ = s.Close() // may have been closed by the test
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: got %v, want %v", err, http.ErrServerClosed)
		}
	})
}

// start serves on a port of its own until the test ends and returns the address.
func start(t testing.TB, s server) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, s, listener)
	return listener.Addr().String()
}

func dial(t testing.TB, address string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(context.WithoutCancel(t.Context()), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
