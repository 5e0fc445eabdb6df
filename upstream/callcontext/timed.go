package callcontext

import (
	"context"
	"time"

	"crmgraph/upstream/alarm"
)

// Timed is a context with a deadline.
type Timed struct {
	ending

	values   context.Context
	deadline time.Time
	clock    *alarm.Clock
	alarm    alarm.Alarm
}

var _ context.Context = (*Timed)(nil)

// WithTimeout returns a context that ends after timeout by clock, or when it is canceled, which
// it has to be. It has the values of another, whose end is not its own.
func WithTimeout(values context.Context, clock *alarm.Clock, timeout time.Duration) *Timed {
	c := &Timed{values: context.WithoutCancel(values), deadline: time.Now().Add(timeout), clock: clock}
	clock.Set(&c.alarm, c.deadline, (*deadline)(c))
	return c
}

// Cancel ends the context.
func (c *Timed) Cancel() {
	if c.end(canceled) {
		c.clock.Stop(&c.alarm)
	}
}

// Deadline is part of context.Context.
func (c *Timed) Deadline() (time.Time, bool) { return c.deadline, true }

// Value is part of context.Context.
func (c *Timed) Value(key any) any {
	if key == any(selfKey{}) {
		return c
	}
	return c.values.Value(key)
}

// deadline is the alarm.Sleeper of a context.
type deadline Timed

// Wake is part of alarm.Sleeper.
func (d *deadline) Wake() { d.end(expired) }
