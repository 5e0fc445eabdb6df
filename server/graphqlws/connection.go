package graphqlws

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/go-faster/jx"

	"crmgraph/graph"
)

// connection is one socket. Its messages are read in the goroutine of its request; another
// keeps its times, and each operation has one.
type connection struct {
	transport *Transport
	opts      *Options
	socket    *websocket.Conn
	exec      graphql.GraphExecutor
	upgrade   http.Header

	initialised chan time.Time // connection_init is there: zero, and once acked when its token ends
	acked       bool           // of the reader alone
	ended       chan struct{}  // Shutdown may have nothing to wait for any more
	caller      graph.Caller   // once acked
	header      http.Header    // once acked
	expiresAt   time.Time      // once acked; zero for never
	cancel      context.CancelFunc
	closeOnce   sync.Once
	operations  operations
	pings       sync.WaitGroup
}

func newConnection(t *Transport, socket *websocket.Conn, r *http.Request, exec graphql.GraphExecutor) *connection {
	socket.SetReadLimit(int64(t.opts.MaxMessage))
	return &connection{
		transport:   t,
		opts:        &t.opts,
		socket:      socket,
		exec:        exec,
		upgrade:     upgradeHeader(r, t.opts.Credentials),
		initialised: make(chan time.Time, 2),
		ended:       make(chan struct{}, 1),
		operations:  operations{byID: map[string]*operation{}},
	}
}

// serve reads messages until the connection ends, and returns when nothing of it runs.
func (c *connection) serve(ctx context.Context) {
	ctx, c.cancel = context.WithCancel(ctx)
	var timekeeper sync.WaitGroup
	timekeeper.Go(func() { c.keepTime(ctx) })
	for {
		text, err := c.read() //nolint:contextcheck // the end of ctx is no end of a message
		if err != nil {
			break
		}
		if why := c.take(ctx, text); why != nil {
			c.close(why)
			break
		}
	}
	c.cancel()
	c.operations.running.Wait()
	timekeeper.Wait()
	// The library or close has told the client why, if it could be told.
	_ = c.socket.CloseNow()
	// Nobody reads answers to pings any more; the wait for one ends with the connection.
	c.pings.Wait()
}

// read returns the next message.
func (c *connection) read() ([]byte, error) {
	// Ending this context would end the connection without a word; it ends in another way.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	kind, r, err := c.socket.Reader(ctx)
	if err != nil {
		return nil, err
	}
	late := time.AfterFunc(c.opts.ReadTimeout, cancel)
	defer late.Stop()
	text, err := io.ReadAll(r)
	if err == nil && kind != websocket.MessageText {
		text = nil // which is no message of the protocol
	}
	return text, err
}

// take does what a message asks for. It returns why the connection is closed, nil if it goes
// on.
func (c *connection) take(ctx context.Context, text []byte) *closing {
	m, err := readMessage(text)
	if err != nil {
		return &closing{closeInvalid, "Invalid message received"}
	}
	switch m.kind {
	case typeInit:
		return c.initialise(ctx, m.payload)
	case typePing:
		return c.pong(ctx, m.payload)
	case typeSubscribe:
		if !c.acked {
			return &closing{closeNoAck, "Unauthorized"}
		}
		return c.subscribe(ctx, m)
	case typeComplete:
		c.operations.stop(m.id)
	}
	return nil
}

// initialise answers connection_init: with an acknowledgement, unless there is a token and
// it is not good.
func (c *connection) initialise(ctx context.Context, payload jx.Raw) *closing {
	if c.acked {
		return &closing{closeInitTwice, "Too many initialisation requests"}
	}
	c.initialised <- time.Time{}
	token, ok := tokenOf(payload)
	if !ok {
		return &closing{closeForbidden, "Forbidden"}
	}
	c.header = headerOf(c.upgrade, token)
	c.caller = c.opts.Caller(c.header)
	if isBearer(c.header) {
		viewer, err := c.authenticate(ctx)
		if err != nil {
			return turnedAway(err)
		}
		c.expiresAt = viewer.ExpiresAt
	}
	c.acked = true
	c.initialised <- c.expiresAt
	if c.write(ctx, append(appendHead(nil, typeAck, ""), '}')) != nil {
		return &closing{websocket.StatusGoingAway, ""}
	}
	return nil
}

func (c *connection) authenticate(ctx context.Context) (*graph.Viewer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.OperationTimeout)
	defer cancel()
	return c.caller.Authenticate(ctx)
}

// pong answers a ping, with the payload it had.
func (c *connection) pong(ctx context.Context, payload jx.Raw) *closing {
	answer := appendHead(nil, typePong, "")
	if payload != nil {
		answer = append(append(answer, `,"payload":`...), payload...)
	}
	if c.write(ctx, append(answer, '}')) != nil {
		return &closing{websocket.StatusGoingAway, ""}
	}
	return nil
}

// isExpired reports whether the token has ended: nothing is sent then but the close.
func (c *connection) isExpired() bool {
	return !c.expiresAt.IsZero() && !time.Now().Before(c.expiresAt)
}

// write sends a message. One that is not taken in time ends the connection.
func (c *connection) write(ctx context.Context, text []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// The end of ctx must not tear a message, and the connection with it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.opts.WriteTimeout)
	defer cancel()
	return c.socket.Write(ctx, websocket.MessageText, text)
}

// close ends all operations and closes the connection, once.
func (c *connection) close(why *closing) {
	c.closeOnce.Do(func() {
		c.cancel()
		// A client that has gone does not answer the close; there is nobody to tell.
		_ = c.socket.Close(why.code, why.reason)
	})
}
