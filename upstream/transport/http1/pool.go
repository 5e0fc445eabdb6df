package http1

import (
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// origin is a server: what connections are kept by.
type origin struct {
	scheme  string
	address string // host and port
}

func originOf(u *url.URL) origin {
	if u.Port() != "" {
		return origin{scheme: u.Scheme, address: u.Host}
	}
	port := "80"
	if u.Scheme == "https" {
		port = "443"
	}
	return origin{scheme: u.Scheme, address: net.JoinHostPort(u.Hostname(), port)}
}

// server has the idle connections to one server.
type server struct {
	origin

	idle []*conn // the one used last at the end; guarded by pool.mu
}

// pool keeps idle connections. The one used last is taken first, so that those a quiet
// hour does not need grow old together and are closed.
type pool struct {
	maxIdle int // of one server
	timeout time.Duration
	start   time.Time           // what its clock counts from
	last    atomic.Pointer[way] // that was asked for

	mu      sync.Mutex
	servers map[origin]*server // they are few, and stay
	expiry  *time.Timer        // nil while no connection is idle
}

// way is a server by the name that URLs have for it.
type way struct {
	scheme, host string
	to           *server
}

func newPool(maxIdle int, timeout time.Duration) *pool {
	return &pool{maxIdle: maxIdle, timeout: timeout, start: time.Now(), servers: map[origin]*server{}}
}

// server returns the server that a URL names: almost always the one that the last did.
func (p *pool) server(u *url.URL) *server {
	if last := p.last.Load(); last != nil && last.host == u.Host && last.scheme == u.Scheme {
		return last.to
	}
	name := originOf(u)
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.servers[name]
	if s == nil {
		s = &server{origin: name}
		p.servers[name] = s
	}
	p.last.Store(&way{scheme: u.Scheme, host: u.Host, to: s})
	return s
}

// take returns an idle connection that its server has not closed, or nil.
func (p *pool) take(s *server) *conn {
	for {
		c := p.pop(s)
		if c == nil || c.isOpen() {
			return c
		}
		c.close()
	}
}

func (p *pool) pop(s *server) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(s.idle) - 1
	if last < 0 {
		return nil
	}
	c := s.idle[last]
	s.idle[last] = nil
	s.idle = s.idle[:last]
	return c
}

// put keeps a connection, or closes it when there are enough.
func (p *pool) put(c *conn) {
	c.idleSince = time.Since(p.start)
	p.mu.Lock()
	full := len(c.server.idle) >= p.maxIdle
	if !full {
		c.server.idle = append(c.server.idle, c)
		if p.expiry == nil {
			p.expiry = time.AfterFunc(p.timeout, p.expire)
		}
	}
	p.mu.Unlock()
	if full {
		c.close()
	}
}

// expire closes what has been idle for too long, and comes again for the rest.
func (p *pool) expire() {
	limit := time.Since(p.start) - p.timeout
	p.mu.Lock()
	var old []*conn
	next := time.Duration(-1)
	for _, s := range p.servers {
		kept := 0
		for kept < len(s.idle) && s.idle[kept].idleSince <= limit {
			kept++
		}
		old = append(old, s.idle[:kept]...)
		s.idle = append(s.idle[:0:0], s.idle[kept:]...)
		if len(s.idle) == 0 {
			continue
		}
		if left := s.idle[0].idleSince - limit; next < 0 || left < next {
			next = left
		}
	}
	if next < 0 {
		p.expiry = nil
	} else {
		p.expiry.Reset(next)
	}
	p.mu.Unlock()
	closeConns(old)
}

func (p *pool) closeAll() {
	p.mu.Lock()
	var all []*conn
	for _, s := range p.servers {
		all = append(all, s.idle...)
		s.idle = nil
	}
	if p.expiry != nil {
		p.expiry.Stop()
		p.expiry = nil
	}
	p.mu.Unlock()
	closeConns(all)
}

func closeConns(conns []*conn) {
	for _, c := range conns {
		c.close()
	}
}
