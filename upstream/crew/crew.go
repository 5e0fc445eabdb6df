// Package crew has goroutines that are used again, and jobs take turns in one of them. The stack of
// a new one would have to grow to the depth of an upstream call first, copied each time, which
// costs more than much of the call.
package crew

import (
	"runtime"
	"sync"

	"crmgraph/upstream/alarm"
)

// MaxIdle is how many goroutines are kept that have nothing to do, and how many turns: about as
// many as an operation makes calls at once.
const MaxIdle = 256

// Crew runs jobs. It is safe for concurrent use.
type Crew struct {
	running sync.WaitGroup

	clock alarm.Clock // for rounds

	mu     sync.Mutex
	idle   []worker // the one that had a job last at the end: its stack is the likeliest to be at hand
	turns  []*Turn  // that are idle, likewise
	closed bool
}

// worker is where a goroutine waits for its next job, nil for none. There is room for one, so
// that nobody waits to give it.
type worker chan func()

// New returns a Crew that has no goroutine yet. It is to be closed.
func New() *Crew { return new(Crew) }

// Go runs job in a goroutine of its own, also when the Crew is closed.
func (c *Crew) Go(job func()) {
	if w := c.take(); w != nil {
		w <- job
		return
	}
	c.running.Add(1)
	go c.work(job)
}

// take returns a worker that has nothing to do, nil if there is none.
func (c *Crew) take() worker {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := len(c.idle) - 1
	if last < 0 {
		return nil
	}
	w := c.idle[last]
	c.idle = c.idle[:last]
	return w
}

func (c *Crew) work(job func()) {
	defer c.running.Done()
	w := make(worker, 1)
	for job != nil {
		job()
		if !c.keep(w) {
			return
		}
		job = w.wait()
	}
}

// held is how many bytes of its stack an idle goroutine uses. The collector halves stacks of which
// less than a quarter is in use, and calls need up to 16 KiB.
const held = 4 << 10

// wait returns the next job.
//
//go:noinline
func (w worker) wait() func() {
	var hold [held]byte
	job := <-w
	runtime.KeepAlive(&hold)
	return job
}

// keep has a worker wait for its next job, unless there is none for it any more.
func (c *Crew) keep(w worker) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || len(c.idle) >= MaxIdle {
		return false
	}
	c.idle = append(c.idle, w)
	return true
}

// turn returns a turn that nobody holds.
func (c *Crew) turn() *Turn {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := len(c.turns) - 1
	if last < 0 {
		return newTurn()
	}
	t := c.turns[last]
	c.turns = c.turns[:last]
	return t
}

// keepTurn takes a turn back that is over.
func (c *Crew) keepTurn(t *Turn) {
	t.round = nil
	c.mu.Lock()
	keep := !c.closed && len(c.turns) < MaxIdle
	if keep {
		c.turns = append(c.turns, t)
	}
	c.mu.Unlock()
	if !keep {
		t.end()
	}
}

// Close has goroutines end when they have nothing to do. It is to be called once.
func (c *Crew) Close() {
	c.mu.Lock()
	c.closed = true
	idle, turns := c.idle, c.turns
	c.idle, c.turns = nil, nil
	c.mu.Unlock()
	for _, w := range idle {
		w <- nil
	}
	for _, t := range turns {
		t.end()
	}
}

// Wait returns when all jobs of a closed Crew have ended. Nobody may call Go any more.
func (c *Crew) Wait() { c.running.Wait() }
