package front

import (
	"sync"
	"sync/atomic"
	"time"

	"crmgraph/upstream/callcontext"
)

const (
	// tick is how often it is looked for what has taken too long, while there are requests.
	tick = 10 * time.Millisecond
	// lull is how long it is looked so often after the last of them.
	lull = time.Second
	// patience is how long a request may take to come whole. It is longer than a client waits for
	// the acknowledgement of the head before it sends the body, 40 ms on most systems.
	patience = 50 * time.Millisecond
)

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// sweeper knows what each connection waits for, and does what is to be done when that takes too
// long. One timer does for all of them.
type sweeper struct {
	down atomic.Bool // nobody is let in any more; set under the lock

	mu      sync.Mutex
	fresh   queue // nothing has come yet
	partial queue // part of a request has come
	running queue // a request is being answered
	watched queue // for longer, and its client is watched
	idle    queue // a request has been answered, and nothing has come since
	settled queue // nothing more is to be done but by the connection itself

	timer   *time.Timer // nil before the first connection
	next    time.Time   // when it fires; zero if it does not
	lastRun time.Time   // when the last request came
}

// newSweeper returns one with the times that connections may take.
func newSweeper(head, write, idle time.Duration) *sweeper {
	s := &sweeper{}
	s.fresh = queue{limit: head, over: s.drop}
	s.partial = queue{limit: patience, over: s.interrupt}
	s.running = queue{limit: tick, over: s.watch}
	s.watched = queue{limit: write, over: s.endWriting}
	s.idle = queue{limit: idle, over: s.drop}
	return s
}

func (s *sweeper) queues() [6]*queue {
	return [...]*queue{&s.fresh, &s.partial, &s.running, &s.watched, &s.idle, &s.settled}
}

// enter has a connection wait in a queue. It reports false if the connection is to be closed.
func (s *sweeper) enter(c *conn, to *queue) bool {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down.Load() || c.queue == nil && to != &s.fresh {
		return false
	}
	s.move(c, to, now)
	c.running = nil
	c.clearDeadlines()
	s.armFor(to, now)
	return true
}

// begin is enter for a request, which is canceled when its client leaves.
func (s *sweeper) begin(c *conn, request *callcontext.Child) bool {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down.Load() || c.queue == nil {
		return false
	}
	s.move(c, &s.running, now)
	c.running = request
	c.clearDeadlines()
	s.lastRun = now
	s.armFor(&s.running, now)
	return true
}

// leave takes a connection out and reports whether it still was in a queue.
func (s *sweeper) leave(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.queue == nil {
		return false
	}
	c.queue.remove(c)
	c.clearDeadlines()
	return true
}

// move is for who holds the lock.
func (s *sweeper) move(c *conn, to *queue, since time.Time) {
	if c.queue != nil {
		c.queue.remove(c)
	}
	to.push(c, since)
}

// sweep does all that is due.
func (s *sweeper) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.next = time.Time{}
	empty := true
	for _, q := range s.queues() {
		for at, ok := q.due(); ok && !at.After(now); at, ok = q.due() {
			q.over(q.first)
		}
		empty = empty && q.first == nil
	}
	if !empty && now.Sub(s.lastRun) < lull {
		s.arm(now.Add(tick), now)
		return
	}
	for _, q := range s.queues() {
		s.armFor(q, now)
	}
}

// armFor sees to it that the next sweep is in time for a queue.
func (s *sweeper) armFor(q *queue, now time.Time) {
	if at, ok := q.due(); ok && (s.next.IsZero() || at.Before(s.next)) {
		s.arm(at, now)
	}
}

func (s *sweeper) arm(at, now time.Time) {
	s.next = at
	if s.timer == nil {
		s.timer = time.AfterFunc(at.Sub(now), s.sweep)
		return
	}
	s.timer.Reset(at.Sub(now))
}

// What follows is for who holds the lock.

// drop closes a connection that waits for a request.
func (s *sweeper) drop(c *conn) {
	c.queue.remove(c)
	_ = c.socket.Close() // it has nothing to say any more
}

// interrupt ends the reading of a request that does not come on.
func (s *sweeper) interrupt(c *conn) {
	s.move(c, &s.settled, c.since)
	c.readDeadline = true
	_ = c.socket.SetReadDeadline(longAgo)
}

// watch has somebody notice that the client of a request leaves.
func (s *sweeper) watch(c *conn) {
	s.move(c, &s.watched, c.since)
	if c.watch == nil {
		c.watch = newWatch()
		go c.watch.run(c)
	}
}

// endWriting makes writing fail, unless a handler has set a deadline of its own.
func (s *sweeper) endWriting(c *conn) {
	s.move(c, &s.settled, c.since)
	if !c.writeDeadline {
		c.writeDeadline = true
		_ = c.socket.SetWriteDeadline(longAgo)
	}
}

// clientLeft ends the request of a connection, if there is one.
func (s *sweeper) clientLeft(c *conn) {
	s.mu.Lock()
	running := c.running
	s.mu.Unlock()
	if running != nil {
		running.Cancel()
	}
}

// setWriteDeadline sets a handler's own deadline.
func (s *sweeper) setWriteDeadline(c *conn, deadline time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.writeDeadline = true
	return c.socket.SetWriteDeadline(deadline)
}

// shutDown lets nobody in any more.
func (s *sweeper) shutDown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down.Store(true)
}

// closeIdle closes the connections that carry no request, whose next would not be answered, and
// reports whether none is left.
func (s *sweeper) closeIdle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	quiet := true
	for _, q := range s.queues() {
		for c := q.first; c != nil; {
			next := c.next
			if c.running != nil {
				quiet = false
			} else {
				s.drop(c)
			}
			c = next
		}
	}
	return quiet
}

// closeAll closes all connections.
func (s *sweeper) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.queues() {
		for q.first != nil {
			s.drop(q.first)
		}
	}
}

// clearDeadlines takes back those that the socket has.
func (c *conn) clearDeadlines() {
	if c.readDeadline {
		c.readDeadline = false
		_ = c.socket.SetReadDeadline(time.Time{})
	}
	if c.writeDeadline {
		c.writeDeadline = false
		_ = c.socket.SetWriteDeadline(time.Time{})
	}
}
