package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"runtime/debug"
	"time"
)

const (
	// maxHead bounds the head of a request, headTimeout the time from its first byte to its last.
	maxHead     = 1 << 20
	headTimeout = 10 * time.Second
	// lingerTimeout is how long a client that is still sending has to read why nobody listens.
	lingerTimeout = 500 * time.Millisecond
)

// connectionKey is the context key of a connection's number.
type connectionKey struct{}

// connection carries one request after the other.
type connection struct {
	socket  net.Conn
	context context.Context // of all requests, with the connection's number
	unread  io.LimitedReader
	reader  *bufio.Reader // of unread
	// header and message are those of the answer; they are kept for the memory.
	header   http.Header
	message  []byte
	hijacked bool
}

func newConnection(socket net.Conn, number int64) *connection {
	c := &connection{
		socket:  socket,
		context: context.WithValue(context.Background(), connectionKey{}, number),
		unread:  io.LimitedReader{R: socket},
		header:  make(http.Header),
	}
	c.reader = bufio.NewReader(&c.unread)
	return c
}

// serve answers requests until the connection ends. A handler that panics ends it too.
func (c *connection) serve(handler http.Handler) {
	defer func() {
		if cause := recover(); cause != nil && cause != any(http.ErrAbortHandler) {
			slog.Error("sandbox: handler panicked", "cause", cause, "stack", string(debug.Stack()))
		}
		if !c.hijacked {
			_ = c.socket.Close()
		}
	}()
	for {
		r, err := c.read()
		if err != nil {
			c.refuse(err)
			return
		}
		if !c.answer(handler, r) {
			return
		}
	}
}

// read reads the head of the next request, however long that takes to begin.
func (c *connection) read() (*http.Request, error) {
	c.unread.N = maxHead
	if _, err := c.reader.Peek(1); err != nil {
		return nil, err
	}
	// Setting a deadline costs more than to find that the head has come in one piece.
	if here, _ := c.reader.Peek(c.reader.Buffered()); !bytes.Contains(here, []byte("\r\n\r\n")) {
		_ = c.socket.SetReadDeadline(time.Now().Add(headTimeout))
		defer func() { _ = c.socket.SetReadDeadline(time.Time{}) }()
	}
	r, err := http.ReadRequest(c.reader)
	if c.unread.N == 0 {
		return nil, headError{status: http.StatusRequestHeaderFieldsTooLarge}
	}
	c.unread.N = math.MaxInt64
	if err != nil {
		return nil, err
	}
	return r, checkHead(r)
}

// answer has a request answered and reports whether the connection may carry another.
func (c *connection) answer(handler http.Handler, r *http.Request) bool {
	ctx := &requestContext{Context: c.context, connection: c}
	defer ctx.end()
	r = r.WithContext(ctx)
	body := takeBody(r, ctx)
	clear(c.header)
	w := &response{connection: c, request: r, context: ctx, body: body}
	if expect := r.Header.Get("Expect"); expect != "" && !expectsContinue(r) {
		c.header.Set("Connection", "close")
		w.WriteHeader(http.StatusExpectationFailed)
	} else {
		handler.ServeHTTP(w, r)
	}
	if c.hijacked {
		return false
	}
	keep := w.finish()
	if !keep && !body.ended {
		c.linger()
	}
	return keep
}

// refuse answers what cannot be read, unless nobody is there to hear it.
func (c *connection) refuse(err error) {
	var network *net.OpError
	if errors.Is(err, io.EOF) || errors.As(err, &network) {
		return
	}
	var reason headError
	if !errors.As(err, &reason) {
		reason.status = http.StatusBadRequest
	}
	text := reason.Error()
	_, _ = io.WriteString(c.socket, "HTTP/1.1 "+text+"\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"+text)
	c.linger()
}

// linger lets a client read the last answer. Closing at once would throw away what the
// client sends, which resets the connection and may cost the client that answer.
func (c *connection) linger() {
	half, ok := c.socket.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	_ = c.socket.SetReadDeadline(time.Now().Add(lingerTimeout))
	_, _ = io.Copy(io.Discard, c.socket)
}
