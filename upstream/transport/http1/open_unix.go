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
	received *error // by the last peek
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
	return look{raw: raw, received: received, peek: func(fd uintptr) { *received = peek(fd) }}
}

// isOpen reports whether an idle connection can carry a request: the server has neither
// closed it nor sent what nobody asked for.
func (c *conn) isOpen() bool {
	if c.look.raw == nil {
		return true
	}
	err := c.look.raw.Control(c.look.peek) // not Read, which gets ready to wait
	return err == nil && (errors.Is(*c.look.received, syscall.EAGAIN) || errors.Is(*c.look.received, syscall.EWOULDBLOCK))
}

// Ready is part of callcontext.Answer. Where there is no socket to look into, it may have come.
func (c *conn) Ready() bool { return c.look.raw == nil || !c.isOpen() }
