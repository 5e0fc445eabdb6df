package front

import "time"

// queue is a list of connections that all wait for the same, in the order in which they began
// to. A connection is in one queue at a time.
type queue struct {
	limit       time.Duration // for how long they may wait; for ever if not positive
	over        func(*conn)   // takes the one that has waited so long out of the queue
	first, last *conn
}

// link is what makes a connection an element of a queue.
type link struct {
	queue          *queue // nil if it is in none
	since          time.Time
	previous, next *conn
}

func (q *queue) push(c *conn, since time.Time) {
	c.link = link{queue: q, since: since, previous: q.last}
	if q.last == nil {
		q.first = c
	} else {
		q.last.next = c
	}
	q.last = c
}

func (q *queue) remove(c *conn) {
	if c.previous == nil {
		q.first = c.next
	} else {
		c.previous.next = c.next
	}
	if c.next == nil {
		q.last = c.previous
	} else {
		c.next.previous = c.previous
	}
	c.link = link{}
}

// due returns when the first of the queue has waited for too long; there may be no such time.
func (q *queue) due() (at time.Time, ok bool) {
	if q.first == nil || q.limit <= 0 {
		return time.Time{}, false
	}
	return q.first.since.Add(q.limit), true
}
