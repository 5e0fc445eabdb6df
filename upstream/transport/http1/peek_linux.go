package http1

import (
	"syscall"
	"unsafe"
)

// peek reads a byte without waiting and leaves it where it is. As in package socket, the scheduler
// is not told.
func peek(fd uintptr) error {
	var next [1]byte
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&next)), 1,
		syscall.MSG_PEEK|syscall.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
