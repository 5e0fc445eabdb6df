package middleware_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"crmgraph/server/middleware"
)

// bounded is a server with few connections, whose requests for /wait take until release.
type bounded struct {
	address     string
	connections *middleware.Connections
	arrived     chan struct{}
	release     chan struct{}
}

func serveBounded(t *testing.T, limit int) *bounded {
	t.Helper()
	connections, err := middleware.NewConnections(limit)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &bounded{listener.Addr().String(), connections, make(chan struct{}, 8), make(chan struct{})}
	server := &http.Server{
		ReadHeaderTimeout: time.Minute,
		ConnState:         connections.State,
		Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/wait" {
				b.arrived <- struct{}{}
				<-b.release
			}
		}),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(connections.Listener(listener)) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return b
}

// client is one connection.
type client struct {
	net.Conn
	answers *bufio.Reader
}

func (b *bounded) dial(t *testing.T) *client {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &client{conn, bufio.NewReader(conn)}
}

func (c *client) ask(t *testing.T, path string) {
	t.Helper()
	if _, err := c.Write([]byte("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
}

func (c *client) answered() error {
	resp, err := http.ReadResponse(c.answers, nil)
	if err == nil {
		err = resp.Body.Close()
	}
	return err
}

// TestConnectionsMakeRoom: those that are idle go first, the longest idle before all.
func TestConnectionsMakeRoom(t *testing.T) {
	t.Parallel()
	b := serveBounded(t, 2)
	first, second, third := b.dial(t), b.dial(t), b.dial(t)
	for _, c := range []*client{first, second, third} {
		c.ask(t, "/")
		if err := c.answered(); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.answered(); err == nil {
		t.Error("the connection that was idle longest: got an answer, want it closed")
	}
	if got := b.connections.MadeRoom(); got == 0 {
		t.Error("closed to make room: got 0, want the idle ones")
	}
}

// TestConnectionsWait: nobody who is at work is cut off, and who waits is served then.
func TestConnectionsWait(t *testing.T) {
	t.Parallel()
	b := serveBounded(t, 1)
	working, waiting := b.dial(t), b.dial(t)
	working.ask(t, "/wait")
	<-b.arrived
	waiting.ask(t, "/wait")
	served := make(chan error, 1)
	go func() { served <- waiting.answered() }()
	select {
	case <-b.arrived:
		t.Fatal("the second connection was served beside the first, want one at a time")
	default:
	}
	b.release <- struct{}{}
	if err := working.answered(); err != nil {
		t.Errorf("the connection at work: got %v, want its answer", err)
	}
	<-b.arrived
	b.release <- struct{}{}
	if err := <-served; err != nil {
		t.Errorf("the connection that waited: got %v, want its answer", err)
	}
}

// TestConnectionsEndAWaitingListener: a shutdown while all are at work is not held up.
func TestConnectionsEndAWaitingListener(t *testing.T) {
	t.Parallel()
	connections, err := middleware.NewConnections(1)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := connections.Listener(inner)
	conn, err := (&net.Dialer{}).DialContext(context.WithoutCancel(t.Context()), "tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := listener.Accept(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := listener.Accept()
		ended <- err
	}()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("the waiting Accept: got %v, want %v", err, net.ErrClosed)
	}
}

func TestConnectionsNeedALimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, -1} {
		if _, err := middleware.NewConnections(limit); err == nil {
			t.Errorf("a limit of %d: got no error, want one", limit)
		}
	}
}

// A client that sends more than is read gets its answer all the same: the connection must not
// be reset while the answer is on its way.
func TestConnectionsLetRefusalsArrive(t *testing.T) {
	t.Parallel()
	b := serveBounded(t, 4)
	way := &http.Transport{}
	defer way.CloseIdleConnections()
	for range 10 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+b.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Long", strings.Repeat("x", 2*http.DefaultMaxHeaderBytes))
		resp, err := way.RoundTrip(req)
		if err != nil {
			t.Fatalf("the answer did not arrive: %v", err)
		}
		if _, err := io.ReadAll(resp.Body); err != nil { // to the end of the connection
			t.Errorf("the answer broke off: %v", err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if got, want := resp.StatusCode, http.StatusRequestHeaderFieldsTooLarge; got != want {
			t.Errorf("status: got %d, want %d", got, want)
		}
	}
}
