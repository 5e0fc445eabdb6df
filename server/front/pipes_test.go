package front_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
)

// pipes is a listener without a network, whose connections can live in a synctest bubble.
type pipes struct {
	server  server
	sockets chan net.Conn
	closed  chan struct{}
	close   func()
}

func newPipes() *pipes {
	p := &pipes{sockets: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case socket := <-p.sockets:
		return socket, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close()
	return nil
}

func (*pipes) Addr() net.Addr { return &net.TCPAddr{} }

// client is the client's end of a connection.
type client struct {
	net.Conn
	t       *testing.T
	answers *bufio.Reader
}

func (p *pipes) dial(t *testing.T) *client {
	t.Helper()
	ours, theirs := net.Pipe()
	p.sockets <- theirs
	return &client{ours, t, bufio.NewReader(ours)}
}

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Errorf("send: %v", err)
	}
}

// answer returns the body of the next answer, and what stands in the way of it.
func (c *client) answer() (string, error) {
	resp, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return string(body), err
}

func (c *client) wantAnswer(want string) {
	c.t.Helper()
	if got, err := c.answer(); err != nil || got != want {
		c.t.Errorf("answer: got %q (%v), want %q", got, err, want)
	}
}

// rest waits for the end of the connection and returns what comes before it.
func (c *client) rest() string {
	c.t.Helper()
	rest, err := io.ReadAll(c.answers)
	if err != nil {
		c.t.Errorf("the end of the connection: %v", err)
	}
	return string(rest)
}

// wantEnd waits for the end of the connection, before which nothing more comes.
func (c *client) wantEnd() {
	c.t.Helper()
	if rest := c.rest(); rest != "" {
		c.t.Errorf("got %q, want the end of the connection", rest)
	}
}

// bubble runs a test in which time is told by the tests alone, with a server of pipes.
func bubble(t *testing.T, s server, test func(*testing.T, *pipes)) {
	t.Helper()
	p := newPipes()
	p.server = s
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(p) }()
	test(t, p)
	_ = s.Close()
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("Serve: got %v, want %v", err, http.ErrServerClosed)
	}
	synctest.Wait()
}
