package http1

import (
	"net"
	"net/url"
	"sync"
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

// pool keeps idle connections. The one used last is taken first, so that those a quiet
// hour does not need grow old together and are closed.
type pool struct {
	maxIdle int // of one server
	timeout time.Duration

	mu     sync.Mutex
	idle   map[origin][]*conn // the one used last at the end
	expiry *time.Timer        // nil while none is idle
}

func newPool(maxIdle int, timeout time.Duration) *pool {
	return &pool{maxIdle: maxIdle, timeout: timeout, idle: map[origin][]*conn{}}
}

// take returns an idle connection that its server has not closed, or nil.
func (p *pool) take(server origin) *conn {
	for {
		c := p.pop(server)
		if c == nil || c.isOpen() {
			return c
		}
		c.close()
	}
}

func (p *pool) pop(server origin) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.idle[server]
	if len(list) == 0 {
		return nil
	}
	c := list[len(list)-1]
	list[len(list)-1] = nil
	p.idle[server] = list[:len(list)-1]
	return c
}

// put keeps a connection, or closes it when there are enough.
func (p *pool) put(c *conn) {
	c.idleSince = time.Now()
	p.mu.Lock()
	list := p.idle[c.server]
	full := len(list) >= p.maxIdle
	if !full {
		p.idle[c.server] = append(list, c)
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
	limit := time.Now().Add(-p.timeout)
	p.mu.Lock()
	var old []*conn
	next := time.Duration(-1)
	for server, list := range p.idle {
		kept := 0
		for kept < len(list) && !list[kept].idleSince.After(limit) {
			kept++
		}
		old = append(old, list[:kept]...)
		list = append(list[:0:0], list[kept:]...)
		if len(list) == 0 {
			delete(p.idle, server)
			continue
		}
		p.idle[server] = list
		if left := list[0].idleSince.Sub(limit); next < 0 || left < next {
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
	for _, list := range p.idle {
		all = append(all, list...)
	}
	clear(p.idle)
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
