package main

import (
	"context"
	"net/url"
	"sync"

	"crmgraph/bench/rawhttp"
)

// maxSolosConnections is crmgraph's own limit. ProPortal needs none: an exchange has at
// most three calls to it at the same time.
const maxSolosConnections = 256

// crms are the two CRMs.
type crms struct {
	proPortal, solos crm
}

// newCRMs reads the settings that crmgraph has for the same.
func newCRMs(getenv func(string) string) (*crms, error) {
	c := &crms{}
	c.solos.limit = maxSolosConnections
	if err := c.proPortal.set(getenv("CRMGRAPH_PROPORTAL_URL") + "/api/crm/workspace"); err != nil {
		return nil, err
	}
	if err := c.solos.set(getenv("CRMGRAPH_SOLOS_URL") + "/backend/public"); err != nil {
		return nil, err
	}
	c.solos.headers += "X-Crypto-Token: " + getenv("CRMGRAPH_SOLOS_TOKEN") + "\r\n" +
		"X-Crypto-Secret: " + getenv("CRMGRAPH_SOLOS_SECRET") + "\r\n"
	return c, nil
}

// crm is one of them, with the connections to it that are idle.
type crm struct {
	address string
	path    string // what all paths begin with
	headers string // what all requests have, from the end of the path on

	mu    sync.Mutex
	freed sync.Cond
	idle  []*rawhttp.Conn
	open  int
	limit int // of connections, 0 for none
}

func (c *crm) set(base string) error {
	parsed, err := url.Parse(base)
	if err != nil {
		return err
	}
	c.address, c.path = parsed.Host, parsed.Path
	c.headers = " HTTP/1.1\r\nHost: " + parsed.Host + "\r\nAccept: application/json\r\n"
	c.freed.L = &c.mu
	return nil
}

// take returns a connection. Where the limit is reached it waits for one, or returns nil.
func (c *crm) take(ctx context.Context, wait bool) (*rawhttp.Conn, error) {
	c.mu.Lock()
	for len(c.idle) == 0 && c.limit > 0 && c.open == c.limit {
		if !wait {
			c.mu.Unlock()
			return nil, nil
		}
		c.freed.Wait()
	}
	if last := len(c.idle) - 1; last >= 0 {
		conn := c.idle[last]
		c.idle = c.idle[:last]
		c.mu.Unlock()
		return conn, nil
	}
	c.open++
	c.mu.Unlock()
	return rawhttp.Dial(ctx, c.address)
}

// put takes back a connection that has nothing under way.
func (c *crm) put(conn *rawhttp.Conn) {
	c.mu.Lock()
	c.idle = append(c.idle, conn)
	c.mu.Unlock()
	c.freed.Signal()
}
