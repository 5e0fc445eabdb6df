package http1_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmgraph/upstream/transport/http1"
)

// newClient returns a client over TCP. Options that a test leaves out are filled in.
func newClient(t testing.TB, opts http1.Options) *http1.Client {
	t.Helper()
	if opts.Dial == nil {
		opts.Dial = new(net.Dialer).DialContext
	}
	if opts.TLS == nil {
		opts.TLS = new(tls.Config)
	}
	if opts.MaxIdle == 0 {
		opts.MaxIdle = 100
	}
	if opts.IdleTimeout == 0 {
		opts.IdleTimeout = time.Minute
	}
	client := http1.New(opts)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// crm is a server that answers byte by byte as a test says.
type crm struct {
	url         string
	connections atomic.Int32
	requests    atomic.Int32
}

// peer is the server's end of a connection.
type peer struct {
	net.Conn
	t      testing.TB
	crm    *crm
	reader *bufio.Reader
	number int32 // of the connection, from 1
}

// request reads the next request, with its body; it is nil when the client has gone.
func (p *peer) request() *http.Request {
	req, err := http.ReadRequest(p.reader)
	if err != nil {
		return nil
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil
	}
	p.crm.requests.Add(1)
	req.Body = io.NopCloser(strings.NewReader(string(body)))
	return req
}

// answer writes bytes; a client that is gone already does not get them.
func (p *peer) answer(text string) { _, _ = io.WriteString(p, text) }

// answerAll answers every request alike until the client has gone.
func (p *peer) answerAll(text string) {
	for p.request() != nil {
		p.answer(text)
	}
}

// handle runs one connection.
func (s *crm) handle(t testing.TB, conn net.Conn, script func(*peer)) {
	defer func() { _ = conn.Close() }()
	script(&peer{Conn: conn, t: t, crm: s, reader: bufio.NewReader(conn), number: s.connections.Add(1)})
}

// serve starts a server over TCP that runs script for each connection.
func serve(t testing.TB, script func(*peer)) *crm {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &crm{url: "http://" + listener.Addr().String() + "/"}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { s.handle(t, conn, script) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		running.Wait()
	})
	return s
}

// pipes is a server without a network: its connections end in a synctest bubble.
type pipes struct {
	crm

	t      testing.TB
	script func(*peer)
	open   atomic.Int32
}

func newPipes(t testing.TB, script func(*peer)) *pipes {
	return &pipes{crm: crm{url: "http://crm.test/"}, t: t, script: script}
}

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	go p.handle(p.t, server, p.script)
	p.open.Add(1)
	return &countedConn{Conn: client, gone: sync.OnceFunc(func() { p.open.Add(-1) })}, nil
}

// countedConn tells when it is closed.
type countedConn struct {
	net.Conn
	gone func()
}

func (c *countedConn) Close() error {
	c.gone()
	return c.Conn.Close()
}

func newRequest(ctx context.Context, t testing.TB, method, url, body string) *http.Request {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// exchange sends a request and returns status and body of its answer.
func exchange(rt http.RoundTripper, req *http.Request) (int, string, error) {
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	body, err := io.ReadAll(resp.Body)
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	return resp.StatusCode, string(body), err
}

// mustGet sends a GET and returns the body of its answer.
func mustGet(t testing.TB, rt http.RoundTripper, url string) string {
	t.Helper()
	_, body, err := exchange(rt, newRequest(t.Context(), t, http.MethodGet, url, ""))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// ok is an answer whose connection can be used again.
func ok(body string) string {
	return "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// dialFunc opens connections.
type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)
