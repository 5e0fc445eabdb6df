package sandbox

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener without a network, for tests in a synctest bubble: a goroutine that is
// left ends the bubble in a panic.
type pipes struct {
	waiting chan net.Conn
	closed  chan struct{}
	close   func()
}

func newPipes() *pipes {
	p := &pipes{waiting: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.waiting <- server
	return client
}

// Accept is part of net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.waiting:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close is part of net.Listener.
func (p *pipes) Close() error {
	p.close()
	return nil
}

// Addr is part of net.Listener.
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// left reports when a handler's context has ended.
type left chan error

// ServeHTTP answers nothing until the client leaves.
func (l left) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	done := r.Context().Done()
	_, _ = io.ReadAll(r.Body)
	<-done
	l <- r.Context().Err()
	panic(http.ErrAbortHandler)
}

func TestContextEndsWithTheClient(t *testing.T) {
	t.Parallel()
	requests := map[string]string{
		"no body": "GET /" + to + blank,
		"body":    "POST /" + to + "Content-Length: 3\r\n\r\nabc",
		"chunks":  "POST /" + to + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
	}
	leave := map[string]func(*net.TCPConn) error{
		"closes":      (*net.TCPConn).Close,
		"half-closes": (*net.TCPConn).CloseWrite,
		"resets": func(c *net.TCPConn) error {
			return errors.Join(c.SetLinger(0), c.Close())
		},
	}
	for request, text := range requests {
		for how, goes := range leave {
			t.Run(request+"/"+how, func(t *testing.T) {
				t.Parallel()
				ended := make(left, 1)
				conn := connect(t, serveTCP(t, ended)).(*net.TCPConn)
				if _, err := io.WriteString(conn, text); err != nil {
					t.Fatal(err)
				}
				if err := goes(conn); err != nil {
					t.Fatal(err)
				}
				if err := <-ended; !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want %v", err, context.Canceled)
				}
			})
		}
	}
}

func TestContextEndsWithTheAnswer(t *testing.T) {
	t.Parallel()
	contexts := make(chan context.Context, 2)
	conn := connect(t, serveTCP(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/watch" {
			_ = r.Context().Done()
		}
		contexts <- r.Context()
	})))
	reader := bufio.NewReader(conn)
	// The second request is read where the first one's client was watched.
	for _, path := range []string{"/watch", "/"} {
		if _, err := io.WriteString(conn, "GET "+path+to+blank); err != nil {
			t.Fatal(err)
		}
		if got, want := readReply(t, reader, http.MethodGet).Line, "HTTP/1.1 200 OK"; got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
		ctx := <-contexts
		<-ctx.Done()
		if err := ctx.Err(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want %v", path, err, context.Canceled)
		}
	}
}

// Nobody closes these connections but the server.
func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		listener := newPipes()
		ended := make(left, 1)
		s := serve(listener, ended, new(atomic.Int64))
		fresh, begun, hanging := listener.dial(), listener.dial(), listener.dial()
		for conn, text := range map[net.Conn]string{begun: "GET /", hanging: "GET /" + to + blank} {
			if _, err := io.WriteString(conn, text); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if err := s.close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if got, want := len(ended), 1; got != want {
			t.Errorf("handlers that have returned: got %d, want %d", got, want)
		}
		for name, conn := range map[string]net.Conn{"fresh": fresh, "begun": begun, "hanging": hanging} {
			if got, err := io.ReadAll(conn); len(got) > 0 || err != nil {
				t.Errorf("%s: got %q and %v, want the end", name, got, err)
			}
		}
	})
}

func TestHeadMustComeInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		listener := newPipes()
		s := serve(listener, http.NotFoundHandler(), new(atomic.Int64))
		defer func() { _ = s.close() }()
		conn := listener.dial()
		<-time.After(time.Hour) // an idle connection stays
		start := time.Now()
		for _, piece := range []string{"GET / HTTP/1.1\r\n", "Host: crm\r\n"} {
			if _, err := io.WriteString(conn, piece); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := io.ReadAll(conn); len(got) > 0 || err != nil {
			t.Errorf("got %q and %v, want the end", got, err)
		}
		if got, want := time.Since(start), 10*time.Second; got != want {
			t.Errorf("ended after %v, want %v", got, want)
		}
	})
}

// A handler that panics costs its connection, not the server.
func TestPanicEndsTheConnection(t *testing.T) {
	t.Parallel()
	address := serveTCP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			panic("on purpose")
		}
		answering(w, r)
	}))
	if got := (exchange{sent: "GET /panic" + to + blank}).run(t, address); len(got) > 0 {
		t.Errorf("got %v, want no answer", got)
	}
	if got := summaries(exchange{sent: end}.run(t, address)); len(got) != 1 || got[0] != endReply {
		t.Errorf("got %q, want %q", got, endReply)
	}
}

// What a client is still sending must not cost it the answer.
func TestRefusedUploadIsAnswered(t *testing.T) {
	t.Parallel()
	s, err := Start(Options{Customers: 1, Tasks: 1, Projects: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.SolosURL()+"/", &endless{n: 2 * maxRequestBody})
	if err != nil {
		t.Fatal(err)
	}
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	res, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusRequestEntityTooLarge || !res.Close {
		t.Errorf("got %s and close %t, want 413 and true", res.Status, res.Close)
	}
}

// endless is a body of n bytes.
type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	n := min(len(p), e.n)
	e.n -= n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
