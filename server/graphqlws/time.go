package graphqlws

import (
	"context"
	"time"

	"github.com/coder/websocket"
)

// keepTime closes the connection when it is time to, until ctx ends.
func (c *connection) keepTime(ctx context.Context) {
	initialise := time.NewTimer(c.opts.InitTimeout)
	defer initialise.Stop()
	keepAlive := time.NewTicker(c.opts.KeepAlive)
	defer keepAlive.Stop()
	// Nothing else waits for the answer to a ping.
	pinging := false
	alive := make(chan bool, 1)
	var expiry <-chan time.Time
	draining := c.transport.draining
	for {
		select {
		case <-ctx.Done():
			return
		case <-initialise.C:
			c.close(&closing{closeInitTimeout, "Connection initialisation timeout"})
		case end := <-c.initialised:
			initialise.Stop()
			if !end.IsZero() {
				timer := time.NewTimer(time.Until(end))
				defer timer.Stop()
				expiry = timer.C
			}
		case <-expiry:
			// Clients connect again after this code, with a fresh token, and not after 4401.
			c.close(&closing{closeForbidden, "Forbidden"})
		case <-keepAlive.C:
			if !pinging {
				pinging = true
				c.pings.Go(func() { alive <- c.isAlive() }) //nolint:contextcheck // see there
			}
		case answered := <-alive:
			if pinging = false; !answered {
				_ = c.socket.CloseNow() // there is nobody to tell
			}
		case <-draining:
			draining = nil
			c.closeWhenIdle()
		case <-c.ended:
			if draining == nil {
				c.closeWhenIdle()
			}
		case <-c.transport.cut:
			c.goAway()
		}
	}
}

// closeWhenIdle closes the connection if no query or mutation runs: subscriptions do not end
// by themselves.
func (c *connection) closeWhenIdle() {
	if c.operations.isIdle() {
		c.goAway()
	}
}

func (c *connection) goAway() { c.close(&closing{websocket.StatusGoingAway, "Going away"}) }

// isAlive reports whether the client answers a ping, as every implementation of WebSocket
// does by itself.
func (c *connection) isAlive() bool {
	// Ending the context of a ping that is being sent would end the connection without a word.
	// That ends in another way, and the wait for the answer with it.
	ctx, cancel := context.WithTimeout(context.Background(), c.opts.KeepAlive)
	defer cancel()
	return c.socket.Ping(ctx) == nil
}
