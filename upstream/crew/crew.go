// Package crew has goroutines that are used again, and jobs take turns in one of them. The stack of
// a new one would have to grow to the depth of an upstream call first, copied each time, which
// costs more than much of the call.
package crew

import (
	"runtime"
	"sync"

	"crmgraph/upstream/alarm"
)

// Crew runs jobs. It is safe for concurrent use.
type Crew struct {
	running sync.WaitGroup

	clock alarm.Clock

	mu      sync.Mutex
	workers idle[worker]
	turns   idle[*Turn]
	resting bool // the alarm is set
	rested  alarm.Alarm
	closed  bool
}

// worker is where a goroutine waits for its next job, nil for none. There is room for one, so
// that nobody waits to give it.
type worker chan func()

// New returns a Crew that has no goroutine yet. It is to be closed.
func New() *Crew { return new(Crew) }

// Go runs job in a goroutine of its own, also when the Crew is closed.
func (c *Crew) Go(job func()) {
	c.mu.Lock()
	w, ok := c.workers.take()
	c.mu.Unlock()
	if ok {
		w <- job
		return
	}
	c.running.Add(1)
	go c.work(job)
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
	if c.closed || !c.workers.keep(w) {
		return false
	}
	c.rest()
	return true
}

// turn returns a turn that nobody holds.
func (c *Crew) turn() *Turn {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.turns.take(); ok {
		return t
	}
	return newTurn()
}

// keepTurn takes a turn back that is over.
func (c *Crew) keepTurn(t *Turn) {
	t.round = nil
	c.mu.Lock()
	keep := !c.closed && c.turns.keep(t)
	if keep {
		c.rest()
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
	c.clock.Stop(&c.rested)
	workers, turns := c.workers.all, c.turns.all
	c.workers, c.turns = idle[worker]{}, idle[*Turn]{}
	c.mu.Unlock()
	dismiss(workers, turns)
}

// Wait returns when all jobs of a closed Crew have ended. Nobody may call Go any more.
func (c *Crew) Wait() { c.running.Wait() }
