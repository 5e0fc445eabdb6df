package front

import (
	"bytes"
	"errors"
	"net"
	"time"
)

// preface is what HTTP/2 begins with.
const preface = "PRI * HTTP/2.0"

// giveAway has net/http serve the connection from here on.
func (c *conn) giveAway() {
	if c.watch != nil {
		_ = c.socket.SetReadDeadline(longAgo)
		<-c.watch.done
		_ = c.endWatch() // whoever reads next finds out
		_ = c.socket.SetReadDeadline(time.Time{})
	}
	unread := c.input.unread()
	// HTTP/2 begins with the connection or not at all, and net/http would take this for the beginning.
	if c.carried && c.server.speaksHTTP2 && begins(unread, preface) {
		return
	}
	if !c.server.sweeper.leave(c) {
		return
	}
	// A copy, for a buffer is much memory to wait with for somebody who is slow.
	c.given = c.server.given.give(&givenConn{Conn: c.socket, unread: bytes.Clone(unread)})
}

// givenConn is a connection of which something was read already.
type givenConn struct {
	net.Conn
	unread []byte
}

func (c *givenConn) Read(p []byte) (int, error) {
	if len(c.unread) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.unread)
	if c.unread = c.unread[n:]; len(c.unread) == 0 {
		c.unread = nil // to have its memory back
	}
	return n, nil
}

// CloseWrite is what net/http ends a connection with on which more may come.
func (c *givenConn) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	return half.CloseWrite()
}
