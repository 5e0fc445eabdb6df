package http1

import "syscall"

// peek reads a byte without waiting and leaves it where it is.
func peek(fd uintptr) error {
	var next [1]byte
	_, _, err := syscall.Recvfrom(int(fd), next[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	return err
}
