//go:build linux || darwin

package http1

import "syscall"

// isOpen reports whether an idle connection can carry a request: the server has neither
// closed it nor sent what nobody asked for.
func (c *conn) isOpen() bool {
	conn, ok := c.socket.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	var received error
	err = raw.Read(func(fd uintptr) bool {
		var next [1]byte
		_, _, received = syscall.Recvfrom(int(fd), next[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	})
	return err == nil && (received == syscall.EAGAIN || received == syscall.EWOULDBLOCK)
}
