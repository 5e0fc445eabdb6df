//go:build !linux && !darwin

package http1

// isOpen cannot tell here: a closed connection shows when it is used.
func (c *conn) isOpen() bool { return true }
