package crew

import (
	"slices"
	"time"

	"crmgraph/upstream/alarm"
)

const (
	// MaxIdle is how many goroutines are kept that have nothing to do, and how many turns: about as
	// many as an operation makes calls at once.
	MaxIdle = 512
	// leisure is after what time those end that nobody has needed.
	leisure = 30 * time.Second
)

// idle are goroutines that have nothing to do. The one that had last is at the end: its stack is
// the likeliest to be at hand.
type idle[T any] struct {
	all   []T
	spare int // the least that there have been since the last look
}

// take returns one, not ok if there is none.
func (i *idle[T]) take() (one T, ok bool) {
	last := len(i.all) - 1
	if last < 0 {
		return one, false
	}
	one = i.all[last]
	i.all = slices.Delete(i.all, last, last+1)
	i.spare = min(i.spare, last)
	return one, true
}

// keep takes one back, unless there are enough.
func (i *idle[T]) keep(one T) bool {
	if len(i.all) >= MaxIdle {
		return false
	}
	i.all = append(i.all, one)
	return true
}

// drop returns those that nobody has needed since the last time.
func (i *idle[T]) drop() []T {
	dropped := slices.Clone(i.all[:i.spare])
	i.all = slices.Delete(i.all, 0, i.spare)
	i.spare = len(i.all)
	return dropped
}

// rest has the crew looked at after a while. The lock is held.
func (c *Crew) rest() {
	if !c.resting {
		c.resting = true
		c.rested = alarm.Alarm{}
		c.clock.Set(&c.rested, time.Now().Add(leisure), (*rested)(c))
	}
}

// rested is the alarm.Sleeper of a crew that has goroutines with nothing to do.
type rested Crew

// Wake is part of alarm.Sleeper.
func (r *rested) Wake() {
	c := (*Crew)(r)
	c.mu.Lock()
	workers, turns := c.workers.drop(), c.turns.drop()
	c.resting = false
	if !c.closed && len(c.workers.all)+len(c.turns.all) > 0 {
		c.rest()
	}
	c.mu.Unlock()
	dismiss(workers, turns)
}

// dismiss ends goroutines that have nothing to do.
func dismiss(workers []worker, turns []*Turn) {
	for _, w := range workers {
		w <- nil
	}
	for _, t := range turns {
		t.end()
	}
}
