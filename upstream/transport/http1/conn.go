package http1

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
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
	server    origin
	reader    *bufio.Reader
	look      look // into the socket
	idleSince time.Time
	headLeft  int64 // bytes that may still be read of the head, or unlimited
	silent    bool  // the server has sent nothing since the last request
}

func newConn(stream, socket net.Conn, p *pool, server origin) *conn {
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

// abort makes reads and writes that are under way fail.
func (c *conn) abort() { _ = c.socket.SetDeadline(time.Unix(1, 0)) }

// roundTrip sends a request and reads the head of its answer. The connection is the
// answer's then, or closed.
func (c *conn) roundTrip(req *http.Request, message []byte) (*http.Response, error) {
	ctx := req.Context()
	stopWatch := context.AfterFunc(ctx, c.abort)
	resp, err := c.exchange(req, message)
	if err != nil {
		stopWatch()
		c.close()
		if cause := ctx.Err(); cause != nil {
			err = cause
		}
		return nil, err
	}
	// net/http keeps no connection after a status below 200 either.
	keep := !resp.Close && !req.Close && resp.StatusCode >= http.StatusOK
	body := &body{source: resp.Body, conn: c, stopWatch: stopWatch, ctx: ctx, keep: keep}
	resp.Body = body
	if resp.ContentLength == 0 {
		body.end(io.EOF, true)
	}
	decompress(resp, req)
	return resp, nil
}

func (c *conn) exchange(req *http.Request, message []byte) (*http.Response, error) {
	c.silent = true
	_, writeErr := c.stream.Write(message)
	// A server that refuses a request may answer before it has read all of it.
	resp, err := c.receive(req)
	switch {
	case writeErr == nil:
		return resp, err
	case err != nil:
		return nil, writeErr
	default:
		resp.Close = true
		return resp, nil
	}
}

// receive reads the head of an answer.
func (c *conn) receive(req *http.Request) (*http.Response, error) {
	c.headLeft = maxHead
	if _, err := c.reader.Peek(1); err == nil {
		if resp, ok := plainHead(c.reader, req); ok {
			c.headLeft = unlimited
			return resp, nil
		}
	}
	for {
		resp, err := http.ReadResponse(c.reader, req)
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
