package front

import (
	"net"
	"sync"
)

// givenListener has net/http accept the connections that are given to it.
type givenListener struct {
	sockets chan net.Conn
	closed  chan struct{}
	close   func()
}

func newGivenListener() *givenListener {
	l := &givenListener{sockets: make(chan net.Conn), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

// give reports whether the connection was accepted.
func (l *givenListener) give(socket net.Conn) bool {
	select {
	case l.sockets <- socket:
		return true
	case <-l.closed:
		return false
	}
}

// Accept is part of net.Listener.
func (l *givenListener) Accept() (net.Conn, error) {
	select {
	case socket := <-l.sockets:
		return socket, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close is part of net.Listener.
func (l *givenListener) Close() error {
	l.close()
	return nil
}

// Addr is part of net.Listener. There is no address.
func (*givenListener) Addr() net.Addr { return nil }
