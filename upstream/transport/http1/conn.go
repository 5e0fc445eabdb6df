package http1

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"crmgraph/upstream/callcontext"
)

const (
	// readBuffer takes head and body of most answers in one system call. What is larger goes
	// straight to whoever reads the body.
	readBuffer = 16 << 10
	// maxHead is the largest head of an answer, in bytes, with all 1xx before it.
	maxHead = 256 << 10
	// unlimited is more than any body has.
	unlimited = 1<<63 - 1
)

var (
	errHeadTooLarge = errors.New("http1: the head of the answer is too large")
	errSwitched     = errors.New("http1: the server switches protocols unasked")
)

// conn is a connection to a server. It carries one request at a time.
type conn struct {
	stream    net.Conn // what requests are written to: socket, or TLS over it
	socket    net.Conn
	pool      *pool
	server    *server
	reader    *bufio.Reader
	look      look                 // into the socket
	idleSince time.Duration        // by the clock of the pool
	headLeft  int64                // bytes that may still be read of the head, or unlimited
	silent    bool                 // the server has sent nothing since the last request
	watch     callcontext.Watching // of the request's context
}

func newConn(stream, socket net.Conn, p *pool, server *server) *conn {
	c := &conn{stream: stream, socket: socket, pool: p, server: server, look: newLook(socket)}
	c.reader = bufio.NewReaderSize((*source)(c), readBuffer)
	return c
}

// source is what the reader of a connection reads.
type source conn

func (s *source) Read(p []byte) (int, error) {
	if s.headLeft <= 0 {
		return 0, errHeadTooLarge
	}
	n, err := s.stream.Read(p)
	s.headLeft -= int64(n)
	if n > 0 {
		s.silent = false
	}
	return n, err
}

// close gives up the connection, without the farewell of TLS: to write it could mean to
// wait for a server that has stopped reading.
func (c *conn) close() { _ = c.socket.Close() }

// ContextEnded makes reads and writes that are under way fail.
func (c *conn) ContextEnded() { _ = c.socket.SetDeadline(time.Unix(1, 0)) }

// part ends the use of the connection by a request. One that is being aborted, or holds bytes
// nobody asked for, is of no more use.
func (c *conn) part(keep bool) {
	if c.watch.Stop() && keep && c.reader.Buffered() == 0 {
		c.pool.put(c)
	} else {
		c.close()
	}
}

// roundTrip sends a request and reads the head of its answer. The connection is the
// answer's then, or closed. There is no answer where all of it was read at once.
func (c *conn) roundTrip(x *exchange) (*http.Response, error) {
	c.watch = callcontext.Watch(x.ctx, c)
	resp, err := c.exchange(x)
	switch {
	case err != nil:
		c.part(false)
		if cause := x.ctx.Err(); cause != nil {
			err = cause
		}
		return nil, err
	case resp == nil:
		c.part(true)
		return nil, nil
	}
	// net/http keeps no connection after a status below 200 either.
	keep := !resp.Close && !x.closes && resp.StatusCode >= http.StatusOK
	body := &body{source: resp.Body, conn: c, ctx: x.ctx, keep: keep}
	resp.Body = body
	if resp.ContentLength == 0 {
		body.end(io.EOF, true)
	}
	if x.inflates {
		decompress(resp)
	}
	return resp, nil
}

func (c *conn) exchange(x *exchange) (*http.Response, error) {
	c.silent = true
	_, writeErr := c.stream.Write(x.message)
	if writeErr == nil {
		callcontext.Yield(x.ctx, c)
		return c.receive(x)
	}
	// A server that refuses a request may answer before it has read all of it.
	x.limit = nothing
	resp, err := c.receive(x)
	if err != nil {
		return nil, writeErr
	}
	resp.Close = true
	return resp, nil
}

// receive reads the head of an answer, or all of it where that may be done at once.
func (c *conn) receive(x *exchange) (*http.Response, error) {
	c.headLeft = maxHead
	if _, err := c.reader.Peek(1); err == nil {
		if h, ok := plainHead(c.reader); ok {
			c.headLeft = unlimited
			if x.takes(&h) {
				return nil, c.readBody(x, &h)
			}
			if resp, ok := c.respond(&h, x.req); ok {
				return resp, nil
			}
			c.headLeft = maxHead
		}
	}
	for {
		resp, err := http.ReadResponse(c.reader, x.req)
		switch {
		case err != nil:
			return nil, err
		case resp.StatusCode == http.StatusSwitchingProtocols:
			return nil, errSwitched
		case resp.StatusCode < http.StatusContinue || resp.StatusCode >= http.StatusOK:
			c.headLeft = unlimited
			return resp, nil
		}
	}
}

// readBody reads the body of a plain answer.
func (c *conn) readBody(x *exchange, h *head) error {
	_, _ = c.reader.Discard(h.size()) // it is in the buffer
	_, err := io.ReadFull(c.reader, x.memory.Make(int(h.length)))
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}
