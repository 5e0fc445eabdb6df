//go:build linux || darwin

package http1_test

import (
	"context"
	"net"
	"net/http"
	"syscall"
	"testing"

	"crmgraph/upstream/transport/http1"
)

// What a server does to an idle connection shows before the next request is sent, so that
// even a POST is delivered once, and gets its own answer.
func TestIdleConnectionIsLookedAtBeforeUse(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*peer){
		"closed by the server":         func(p *peer) { _ = p.Close() },
		"with bytes nobody asked for":  func(p *peer) { p.answer(ok("wrong")); _ = p.request() },
		"with a timeout of the server": func(p *peer) { p.answer("HTTP/1.1 408 Request Timeout\r\n\r\n"); _ = p.Close() },
	}
	for name, meanwhile := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			idle := make(chan struct{})
			crm := serve(t, func(p *peer) {
				_ = p.request()
				p.answer(ok("right"))
				if p.number > 1 {
					return
				}
				<-idle
				meanwhile(p)
			})
			sockets := make(chan net.Conn, 2)
			client := newClient(t, http1.Options{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, address)
				sockets <- conn
				return conn, err
			}})
			mustGet(t, client, crm.url)
			close(idle)
			waitReadable(t, <-sockets)

			_, body, err := exchange(client, newRequest(t.Context(), t, http.MethodPost, crm.url, "{}"))
			if err != nil || body != "right" {
				t.Errorf("answer: got %q (%v), want %q", body, err, "right")
			}
			if got, want := crm.requests.Load(), int32(2); got != want {
				t.Errorf("requests delivered: got %d, want %d", got, want)
			}
		})
	}
}

// waitReadable waits until there is something to be read, if only the end.
func waitReadable(t *testing.T, conn net.Conn) {
	t.Helper()
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return err != syscall.EAGAIN
	})
	if err != nil {
		t.Fatal(err)
	}
}
