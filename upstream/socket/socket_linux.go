package socket

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// New returns a connection with the reads and writes of this package where c is a TCP socket, and
// c itself otherwise.
func New(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c
	}
	s := &conn{TCPConn: tcp, raw: raw}
	s.in.step = s.in.read
	s.out.step = s.out.write
	return s
}

// conn is a TCP connection. It keeps the promises of a net.Conn, in its deadlines and errors, too.
type conn struct {
	*net.TCPConn
	raw     syscall.RawConn
	in, out transfer
}

// transfer is what is read or written, one call at a time.
type transfer struct {
	mu     sync.Mutex
	step   func(fd uintptr) (done bool) // made once
	memory []byte
	n      int // bytes moved so far
	errno  syscall.Errno
}

// Read reads what there is, once there is something.
func (c *conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := c.in.run(p, c.raw.Read)
	switch {
	case err != nil:
		return n, c.failed("read", err)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// Write writes all of p.
func (c *conn) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := c.out.run(p, c.raw.Write)
	if err != nil {
		return n, c.failed("write", err)
	}
	return n, nil
}

// failed makes the error that the net package would have made.
func (c *conn) failed(op string, err error) error {
	var known *net.OpError
	if errors.As(err, &known) {
		known.Op = op // not that raw things were done
		return known
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError(op, err)}
}

func (t *transfer) run(p []byte, move func(func(fd uintptr) bool) error) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.memory, t.n, t.errno = p, 0, 0
	err := move(t.step)
	t.memory = nil
	if err == nil && t.errno != 0 {
		err = t.errno
	}
	return t.n, err
}

func (t *transfer) read(fd uintptr) bool {
	t.n, t.errno = again(read, fd, t.memory)
	return t.errno != syscall.EAGAIN
}

func (t *transfer) write(fd uintptr) bool {
	for t.n < len(t.memory) {
		n, errno := again(write, fd, t.memory[t.n:])
		t.n += n
		if errno != 0 {
			t.errno = errno
			return errno != syscall.EAGAIN
		}
	}
	t.errno = 0
	return true
}

// again makes a system call again for as long as signals interrupt it.
func again(call func(fd uintptr, p []byte) (int, syscall.Errno), fd uintptr, p []byte) (int, syscall.Errno) {
	for {
		n, errno := call(fd, p)
		if errno == 0 {
			return n, 0
		}
		if errno != syscall.EINTR {
			return 0, errno
		}
	}
}
