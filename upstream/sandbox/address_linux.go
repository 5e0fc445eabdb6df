package sandbox

import (
	"io"
	"net"
	"os"

	sys "golang.org/x/sys/unix"
)

// holdAddress keeps an address on which nobody listens from being given to another
// program, or to another sandbox of this one. Connections to it are refused.
func holdAddress(address *net.TCPAddr) (io.Closer, error) {
	family, socketAddress := sys.AF_INET6, sys.Sockaddr(&sys.SockaddrInet6{Port: address.Port, Addr: [16]byte(address.IP.To16())})
	if ip := address.IP.To4(); ip != nil {
		family, socketAddress = sys.AF_INET, &sys.SockaddrInet4{Port: address.Port, Addr: [4]byte(ip)}
	}
	fd, err := sys.Socket(family, sys.SOCK_STREAM|sys.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	socket := os.NewFile(uintptr(fd), "held address")
	// As listeners have it too, one can take the address over while it is held.
	err = sys.SetsockoptInt(fd, sys.SOL_SOCKET, sys.SO_REUSEADDR, 1)
	if err == nil {
		err = sys.Bind(fd, socketAddress)
	}
	if err != nil {
		_ = socket.Close()
		return nil, os.NewSyscallError("bind", err)
	}
	return socket, nil
}
