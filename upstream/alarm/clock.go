// Package alarm wakes many at their times with one timer. Almost all calls end before their
// deadline, and before they would be hedged. A timer of the runtime's for each would be armed
// in vain, and to arm one may wake a thread, which has to look after it.
package alarm

import (
	"sync"
	"time"
)

// Sleeper is who an alarm is for.
type Sleeper interface {
	// Wake is called at the time of the alarm. It must not wait: others are woken after it.
	Wake()
}

// Alarm is one alarm of a Clock. It is set once.
type Alarm struct {
	at             time.Time
	sleeper        Sleeper
	ahead          bool
	previous, next *Alarm
}

// Clock has alarms go off at their times. The zero value has none ahead. It is safe for
// concurrent use.
type Clock struct {
	mu    sync.Mutex
	ahead list
	timer *time.Timer // nil until there was an alarm
	rings time.Time   // when the timer goes off; zero where it is not armed
}

// Set has sleeper woken at a time, unless Stop comes before.
func (c *Clock) Set(a *Alarm, at time.Time, sleeper Sleeper) {
	a.at, a.sleeper = at, sleeper
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead.add(a)
	c.arm()
}

// Stop keeps an alarm from going off. It reports false where the alarm went off before, or was
// never set. The timer stays armed: by the time it goes off there may be another alarm for it.
func (c *Clock) Stop(a *Alarm) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !a.ahead {
		return false
	}
	c.ahead.remove(a)
	return true
}

// arm sees to it that the timer goes off for the first alarm, or earlier.
func (c *Clock) arm() {
	first := c.ahead.first
	switch {
	case first == nil || !c.rings.IsZero() && !first.at.Before(c.rings):
		return
	case c.timer == nil:
		c.timer = time.AfterFunc(time.Until(first.at), c.ring)
	default:
		c.timer.Reset(time.Until(first.at))
	}
	c.rings = first.at
}

// ring wakes all whose time has come.
func (c *Clock) ring() {
	for _, a := range c.due() {
		a.sleeper.Wake()
	}
}

func (c *Clock) due() (due []*Alarm) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for first := c.ahead.first; first != nil && !first.at.After(now); first = c.ahead.first {
		c.ahead.remove(first)
		due = append(due, first)
	}
	c.rings = time.Time{}
	c.arm()
	return due
}
