package sandbox

import (
	"context"
	"sync"
	"time"
)

// requestContext is the context of a request. It ends when the client leaves, when the
// sandbox closes, and when the request is answered. Only a handler that asks for its end
// has the client watched, which takes a goroutine. It is safe for concurrent use.
type requestContext struct {
	context.Context // of the connection

	connection *connection

	mu       sync.Mutex
	done     chan struct{} // nil until somebody asks for it
	err      error
	bodyRead bool
	watching chan struct{} // closed when the watch is over; nil without one
}

// Done is part of context.Context.
func (c *requestContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.err != nil {
			close(c.done)
		}
		c.watch()
	}
	return c.done
}

// Err is part of context.Context.
func (c *requestContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// bodyEnded says that nobody reads from the connection any more.
func (c *requestContext) bodyEnded() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodyRead = true
	c.watch()
}

// watch waits for the client to leave, if somebody wants to know and nobody reads. A client
// that sends its next request stays, and is not watched any longer.
func (c *requestContext) watch() {
	if c.done == nil || c.err != nil || !c.bodyRead || c.watching != nil {
		return
	}
	c.watching = make(chan struct{})
	go func() {
		defer close(c.watching)
		if _, err := c.connection.reader.Peek(1); err != nil {
			c.cancel()
		}
	}()
}

func (c *requestContext) cancel() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = context.Canceled
	if c.done != nil {
		close(c.done)
	}
}

// end ends the context, and with it the watch: the connection can be read again.
func (c *requestContext) end() {
	c.cancel()
	if c.watching == nil {
		return
	}
	_ = c.connection.socket.SetReadDeadline(time.Unix(1, 0))
	<-c.watching
	_ = c.connection.socket.SetReadDeadline(time.Time{})
}
