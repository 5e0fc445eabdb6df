package middleware

import (
	"container/list"
	"errors"
	"net"
	"net/http"
	"sync"
)

// Connections bounds how many connections a server has at a time. When there are that many,
// the one that has been idle longest makes room for the next; where all are at work, who
// comes waits in the system's queue. It is safe for concurrent use.
//
// Listener wraps what the server listens on, and State is its http.Server.ConnState.
type Connections struct {
	limit int

	mu     sync.Mutex
	room   *sync.Cond // that there is, or that a connection is idle, or that a listener is closed
	open   int
	idle   list.List // of *boundConn, the longest idle first
	closed int64     // to make room
}

// NewConnections returns a bound of limit connections, which must be positive.
func NewConnections(limit int) (*Connections, error) {
	if limit <= 0 {
		return nil, errors.New("the limit of connections must be positive")
	}
	c := &Connections{limit: limit}
	c.room = sync.NewCond(&c.mu)
	return c, nil
}

// MadeRoom returns how many idle connections were closed for others.
func (c *Connections) MadeRoom() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// Listener returns a listener that accepts no connection before there is room for it.
func (c *Connections) Listener(listener net.Listener) net.Listener {
	return &boundListener{Listener: listener, connections: c}
}

// State notes which connections are idle.
func (c *Connections) State(conn net.Conn, state http.ConnState) {
	bound, ok := conn.(*boundConn)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy(bound)
	if state == http.StateIdle {
		bound.idle = c.idle.PushBack(bound)
		c.room.Broadcast()
	}
}

// busy takes a connection out of those that are idle. The lock is held.
func (c *Connections) busy(conn *boundConn) {
	if conn.idle != nil {
		c.idle.Remove(conn.idle)
		conn.idle = nil
	}
}

// take waits for room and reports whether there was some before listener was closed.
func (c *Connections) take(listener *boundListener) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.open >= c.limit && !listener.closed {
		longest := c.idle.Front()
		if longest == nil {
			c.room.Wait()
			continue
		}
		conn := longest.Value.(*boundConn)
		c.busy(conn)
		c.closed++
		c.mu.Unlock()
		// It has nothing to say any more, also not that closing it failed.
		_ = conn.Close()
		c.mu.Lock()
	}
	if listener.closed {
		return false
	}
	c.open++
	return true
}

func (c *Connections) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	c.room.Broadcast()
}

type boundListener struct {
	net.Listener
	connections *Connections
	closed      bool // under the lock of connections
}

func (l *boundListener) Accept() (net.Conn, error) {
	if !l.connections.take(l) {
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		l.connections.leave()
		return nil, err
	}
	return &boundConn{Conn: conn, connections: l.connections}, nil
}

func (l *boundListener) Close() error {
	l.connections.mu.Lock()
	l.closed = true
	l.connections.room.Broadcast()
	l.connections.mu.Unlock()
	return l.Listener.Close()
}

// boundConn counts until it is closed, by whomever.
type boundConn struct {
	net.Conn
	connections *Connections
	idle        *list.Element // nil while it is at work; under the lock of connections
	left        sync.Once
}

func (c *boundConn) Close() error {
	err := c.Conn.Close()
	c.left.Do(func() {
		c.connections.mu.Lock()
		c.connections.busy(c)
		c.connections.mu.Unlock()
		c.connections.leave()
	})
	return err
}

// CloseWrite sends the end of what is written and lets the other side finish. net/http ends a
// connection like that when it has not read all that was sent: closed at once, it would be
// reset, and the response might never be read.
func (c *boundConn) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	return half.CloseWrite()
}
