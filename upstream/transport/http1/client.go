package http1

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/socket"
)

// ErrHTTP2 is the error of a request to a server that chose HTTP/2. Nothing of the request
// was sent, but its body was read and closed.
var ErrHTTP2 = errors.New("http1: the server speaks HTTP/2")

// Options are the settings of a Client. Dial and TLS are required.
type Options struct {
	// Dial opens connections.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS is the configuration for https. HTTP/2 is offered, so that ErrHTTP2 can tell of a
	// server that prefers it.
	TLS *tls.Config
	// HandshakeTimeout is how long a TLS handshake may take; 0 for as long as the request.
	HandshakeTimeout time.Duration
	// MaxIdle is the number of idle connections that are kept for one server.
	MaxIdle int
	// IdleTimeout is how long one is kept.
	IdleTimeout time.Duration
}

// Client is an http.RoundTripper for the requests that Serves accepts. It asks for gzip and
// decompresses it, as net/http does. It is safe for concurrent use; the body of an answer
// is read and closed by one goroutine.
type Client struct {
	opts Options
	pool *pool
}

// New returns a Client.
func New(opts Options) *Client {
	opts.TLS = opts.TLS.Clone()
	opts.TLS.NextProtos = []string{"h2", "http/1.1"}
	return &Client{opts: opts, pool: newPool(opts.MaxIdle, opts.IdleTimeout)}
}

// RoundTrip sends one request. The connection is used again once the answer's body was
// read to its end. A request that cannot do harm twice is sent again, over a new
// connection, when it met one that the server has just closed.
func (c *Client) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchange{ctx: req.Context(), req: req, closes: req.Close, inflates: asksForGzip(req.Header), limit: nothing}
	if err := x.ctx.Err(); err != nil {
		closeBody(req)
		return nil, err
	}
	message := messages.Get().(*[]byte)
	defer recycle(message)
	var err error
	*message, err = appendRequest((*message)[:0], req)
	closeBody(req)
	if err != nil {
		return nil, err
	}
	x.message, x.replayable = *message, replayable(req.Method, req.Header)
	return c.send(&x, req.URL)
}

// Exchange is RoundTrip for one who wants nothing of most answers but their bodies. That of an
// answer with status 200 and a plain head, which is neither compressed nor larger than limit, is
// in memory then, which is asked for room when the head has come; there is no response. Every
// other answer is one; it knows of no request.
func (c *Client) Exchange(ctx context.Context, req *Request, memory Memory, limit int64) (*http.Response, error) {
	x := exchange{ctx: ctx, replayable: req.replayable(), inflates: true, limit: limit, memory: memory}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	message := messages.Get().(*[]byte)
	defer recycle(message)
	var err error
	*message, err = req.append((*message)[:0])
	if err != nil {
		return nil, err
	}
	x.message = *message
	return c.send(&x, req.Server)
}

func (c *Client) send(x *exchange, to *url.URL) (*http.Response, error) {
	server := c.pool.server(to)
	if kept := c.pool.take(server); kept != nil {
		resp, err := kept.roundTrip(x)
		if err == nil || !kept.silent || !x.replayable || x.ctx.Err() != nil {
			return resp, err
		}
	}
	callcontext.Block(x.ctx)
	fresh, err := c.dial(x.ctx, server)
	if err != nil {
		return nil, err
	}
	return fresh.roundTrip(x)
}

// CloseIdleConnections closes the connections that carry no request.
func (c *Client) CloseIdleConnections() { c.pool.closeAll() }

// dial opens a connection to a server.
func (c *Client) dial(ctx context.Context, server *server) (*conn, error) {
	dialed, err := c.opts.Dial(ctx, "tcp", server.address)
	if err != nil {
		return nil, err
	}
	lean := socket.New(dialed)
	if server.scheme == "http" {
		return newConn(lean, lean, c.pool, server), nil
	}
	secured, err := c.handshake(ctx, lean, server)
	if err != nil {
		_ = lean.Close()
		return nil, err
	}
	return newConn(secured, lean, c.pool, server), nil
}

func (c *Client) handshake(ctx context.Context, socket net.Conn, server *server) (*tls.Conn, error) {
	config := c.opts.TLS
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(server.address)
		if err != nil {
			return nil, err
		}
		config = config.Clone()
		config.ServerName = host
	}
	if c.opts.HandshakeTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.opts.HandshakeTimeout)
		defer cancel()
	}
	secured := tls.Client(socket, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	if secured.ConnectionState().NegotiatedProtocol == "h2" {
		return nil, ErrHTTP2
	}
	return secured, nil
}
