package cache

import (
	"sync"
	"sync/atomic"
)

// maxIdle is the number of idle workers that are kept.
const maxIdle = 64

// crew runs jobs on goroutines that are used again: the stack of a new one would have to
// grow to the depth of a call first, which costs more than the rest of a flight.
type crew struct {
	jobs    chan func()
	closed  chan struct{}
	idle    atomic.Int64
	workers sync.WaitGroup
}

func newCrew() *crew {
	return &crew{jobs: make(chan func()), closed: make(chan struct{})}
}

// run runs job on a goroutine of its own. Nobody may call it during or after close.
func (c *crew) run(job func()) {
	select {
	case c.jobs <- job:
	default:
		c.workers.Add(1)
		go c.work(job)
	}
}

func (c *crew) work(job func()) {
	defer c.workers.Done()
	for {
		job()
		if c.idle.Add(1) > maxIdle {
			c.idle.Add(-1)
			return
		}
		select {
		case job = <-c.jobs:
			c.idle.Add(-1)
		case <-c.closed:
			return
		}
	}
}

// close returns when all jobs have ended.
func (c *crew) close() {
	close(c.closed)
	c.workers.Wait()
}
