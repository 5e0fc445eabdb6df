// Package crew has goroutines that are used again. The stack of a new one would have to grow to
// the depth of an upstream call first, copied each time, which costs more than much of the call.
package crew

import (
	"sync"
	"sync/atomic"
)

// MaxIdle is how many goroutines are kept that have nothing to do: about as many as an
// operation makes calls at once.
const MaxIdle = 256

// Crew runs jobs. It is safe for concurrent use.
type Crew struct {
	jobs    chan func()
	closed  chan struct{}
	idle    atomic.Int64
	running sync.WaitGroup
}

// New returns a Crew that has no goroutine yet. It is to be closed.
func New() *Crew {
	return &Crew{jobs: make(chan func()), closed: make(chan struct{})}
}

// Go runs job in a goroutine of its own, also when the Crew is closed.
func (c *Crew) Go(job func()) {
	select {
	case c.jobs <- job:
	default:
		c.running.Add(1)
		go c.work(job)
	}
}

func (c *Crew) work(job func()) {
	defer c.running.Done()
	for {
		job()
		if c.idle.Add(1) > MaxIdle {
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

// Close has goroutines end when they have nothing to do. It is to be called once.
func (c *Crew) Close() { close(c.closed) }

// Wait returns when all jobs of a closed Crew have ended. Nobody may call Go any more.
func (c *Crew) Wait() { c.running.Wait() }
