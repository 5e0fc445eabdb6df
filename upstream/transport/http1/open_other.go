//go:build !linux && !darwin

package http1

import "net"

// look cannot look into sockets here.
type look struct{}

func newLook(net.Conn) look { return look{} }

// isOpen cannot tell here: a closed connection shows when it is used.
func (c *conn) isOpen() bool { return true }

// Ready is part of callcontext.Answer. It may have come.
func (c *conn) Ready() bool { return true }
