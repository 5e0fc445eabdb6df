//go:build race

package socket

import (
	"errors"
	"syscall"
)

// The race detector has to see the calls.

func read(fd uintptr, p []byte) (int, syscall.Errno) { return seen(syscall.Read(int(fd), p)) }

func write(fd uintptr, p []byte) (int, syscall.Errno) { return seen(syscall.Write(int(fd), p)) }

func seen(n int, err error) (int, syscall.Errno) {
	var errno syscall.Errno
	_ = errors.As(err, &errno) // there are no others
	return n, errno
}
