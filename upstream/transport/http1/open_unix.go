//go:build linux || darwin

package http1

import (
	"errors"
	"net"
	"syscall"
)

// look looks into a socket without waiting and without taking anything out.
type look struct {
	raw      syscall.RawConn // nil where there is no socket
	peek     func(fd uintptr)
	received *error                       // by the last peek
	read     func(fd uintptr) (done bool) // peek as something to read
}

func newLook(c net.Conn) look {
	socket, ok := c.(syscall.Conn)
	if !ok {
		return look{}
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return look{}
	}
	received := new(error)
	l := look{raw: raw, received: received}
	l.peek = func(fd uintptr) { *received = peek(fd) }
	l.read = func(fd uintptr) bool {
		l.peek(fd)
		return true
	}
	return l
}

// isOpen reports whether an idle connection can carry a request: the server has neither
// closed it nor sent what nobody asked for.
func (c *conn) isOpen() bool {
	if c.look.raw == nil {
		return true
	}
	return c.look.raw.Control(c.look.peek) == nil && c.look.isEmpty() // not Read, which gets ready to wait
}

// isEmpty reports whether the last peek found nothing, and no end.
func (l *look) isEmpty() bool {
	return errors.Is(*l.received, syscall.EAGAIN) || errors.Is(*l.received, syscall.EWOULDBLOCK)
}

// Ready is part of callcontext.Answer. Where there is no socket to look into, it may have come;
// where the request's context has ended, reading fails, so that there is nothing to wait for.
func (c *conn) Ready() bool {
	return c.look.raw == nil || c.look.raw.Read(c.look.read) != nil || !c.look.isEmpty()
}
