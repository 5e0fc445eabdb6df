package sandbox

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// acceptPause is how long a listener rests that could not accept, for want of file
// descriptors as a rule.
const acceptPause = 5 * time.Millisecond

// server serves HTTP/1.x on one listener. To a client it is as net/http's server, but
// starts no goroutine for a request, and sends an ordinary answer with one system call:
// the gateway in front of a sandbox shares its machine, and what serving costs here would
// be taken for the gateway's.
type server struct {
	handler     http.Handler
	connections *atomic.Int64 // numbers them

	turn     sync.Mutex // of those who stop, resume and close
	listener net.Listener
	held     io.Closer // the address, while the server is stopped

	// running has the accept loop and the connections.
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool
	open   map[*connection]struct{}
}

// serve starts to serve a listener. Its connections take their numbers from a counter.
func serve(l net.Listener, handler http.Handler, connections *atomic.Int64) *server {
	s := &server{handler: handler, connections: connections, open: map[*connection]struct{}{}}
	s.listen(l)
	return s
}

// listen accepts connections of a listener.
func (s *server) listen(l net.Listener) {
	s.listener = l
	s.mu.Lock()
	s.closed = false
	s.mu.Unlock()
	s.running.Go(func() { s.accept(l) })
}

// accept serves connections until the listener is closed.
func (s *server) accept(l net.Listener) {
	for {
		socket, err := l.Accept()
		switch {
		case err == nil:
			s.start(socket)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			time.Sleep(acceptPause)
		}
	}
}

// start serves a connection unless the server is closed.
func (s *server) start(socket net.Conn) {
	c := newConnection(socket, s.connections.Add(1))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = socket.Close()
		return
	}
	s.open[c] = struct{}{}
	s.running.Go(func() {
		defer s.forget(c)
		c.serve(s.handler)
	})
}

func (s *server) forget(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}

// close ends whatever of the server there is, and waits for its handlers.
func (s *server) close() error {
	s.turn.Lock()
	defer s.turn.Unlock()
	if s.held != nil {
		return s.release()
	}
	return s.halt()
}

// halt ends the listener and all connections and waits for their handlers.
func (s *server) halt() error {
	err := s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for c := range s.open {
		_ = c.socket.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
	return err
}
