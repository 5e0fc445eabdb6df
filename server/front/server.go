package front

import (
	"context"
	"crypto/tls"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server has an http.Server's handler answer plain requests, and that server all others. It
// serves one listener, and is safe for concurrent use.
type Server struct {
	others      *http.Server
	given       *givenListener                 // of others
	told        func(net.Conn, http.ConnState) // nil if nobody is
	maxHead     int                            // bytes of the head of a plain request
	speaksHTTP2 bool                           // without TLS
	clock       clock

	sweeper *sweeper     // of all connections that were not given away
	plain   atomic.Int64 // requests answered here

	mu      sync.Mutex
	closing func() error // closes the listener, once; nil before Serve
}

// New returns a Server with the handler, timeouts, ErrorLog and ConnState of server, which is its
// own from then on: it must not be served or shut down otherwise. ConnState sees each connection
// once, whoever answers. A server that makes contexts of its own (BaseContext, ConnContext), or
// does not speak HTTP/1, answers everything itself.
func New(server *http.Server) *Server {
	s := &Server{others: server, given: newGivenListener(), maxHead: maxHead}
	s.speaksHTTP2 = server.Protocols != nil && server.Protocols.UnencryptedHTTP2()
	if limit := server.MaxHeaderBytes; limit > 0 {
		s.maxHead = min(s.maxHead, limit)
	}
	if server.ConnState != nil {
		s.told = server.ConnState
		server.ConnState = s.tellGiven
	}
	s.sweeper = newSweeper(s.headTimeout(), server.WriteTimeout, s.idleTimeout())
	return s
}

// tellGiven passes on what net/http says of the connections that were given to it.
func (s *Server) tellGiven(socket net.Conn, state http.ConnState) {
	if given, ok := socket.(*givenConn); ok {
		if state == http.StateNew {
			return // it was that before
		}
		socket = given.Conn
	}
	s.told(socket, state)
}

// answersPlain reports whether there is anything to do here.
func (s *Server) answersPlain() bool {
	return s.others.BaseContext == nil && s.others.ConnContext == nil &&
		(s.others.Protocols == nil || s.others.Protocols.HTTP1())
}

// Serve accepts connections until the listener fails or the server is shut down, which is
// http.ErrServerClosed. It closes the listener.
func (s *Server) Serve(listener net.Listener) error {
	if !s.answersPlain() {
		return s.others.Serve(listener)
	}
	closing := sync.OnceValue(listener.Close) // net's own say of a second time that it fails
	defer func() { _ = closing() }()
	if !s.listen(closing) {
		return http.ErrServerClosed
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.others.Serve(s.given) // until that is closed
	}()
	err := s.acceptAll(listener)
	if s.sweeper.down.Load() {
		<-ended
		return http.ErrServerClosed
	}
	return err
}

// listen notes how to close the listener and reports whether the server still serves.
func (s *Server) listen(closing func() error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = closing
	return !s.sweeper.down.Load()
}

// Pauses after a connection could not be accepted for reasons that pass, such as too many
// open files.
const (
	minPause = 5 * time.Millisecond
	maxPause = time.Second
)

func (s *Server) acceptAll(listener net.Listener) error {
	pause := minPause
	for {
		socket, err := listener.Accept()
		switch {
		case err == nil:
			pause = minPause
			s.take(socket)
		case isPassing(err) && !s.sweeper.down.Load():
			s.logf("http: Accept error: %v; retrying in %v", err, pause)
			time.Sleep(pause)
			pause = min(2*pause, maxPause)
		default:
			return err
		}
	}
}

// isPassing reports what net/http takes for a failure that passes.
func isPassing(err error) bool {
	passing, ok := err.(interface{ Temporary() bool })
	return ok && passing.Temporary()
}

// take begins with a connection.
func (s *Server) take(socket net.Conn) {
	if _, ok := socket.(interface{ ConnectionState() tls.ConnectionState }); ok {
		if !s.given.give(socket) {
			_ = socket.Close()
		}
		return
	}
	c := &conn{server: s, socket: socket}
	c.tell(http.StateNew)
	if s.sweeper.enter(c, &s.sweeper.fresh) {
		go c.serve()
	} else {
		c.close()
	}
}

// handler returns what answers requests.
func (s *Server) handler() http.Handler {
	if s.others.Handler != nil {
		return s.others.Handler
	}
	return http.DefaultServeMux
}

// context returns the context of all requests of a connection.
func (s *Server) context(socket net.Conn) context.Context {
	ctx := context.WithValue(context.Background(), http.ServerContextKey, s.others)
	return context.WithValue(ctx, http.LocalAddrContextKey, socket.LocalAddr())
}

func (s *Server) logf(format string, args ...any) {
	if s.others.ErrorLog != nil {
		s.others.ErrorLog.Printf(format, args...)
		return
	}
	log.Printf(format, args...)
}

// headTimeout is how long a new connection may take for the head of its first request; for ever
// if it is not positive.
func (s *Server) headTimeout() time.Duration {
	if s.others.ReadHeaderTimeout != 0 {
		return s.others.ReadHeaderTimeout
	}
	return s.others.ReadTimeout
}

// idleTimeout is how long a connection may be idle; for ever if it is not positive.
func (s *Server) idleTimeout() time.Duration {
	if s.others.IdleTimeout != 0 {
		return s.others.IdleTimeout
	}
	return s.others.ReadTimeout
}
