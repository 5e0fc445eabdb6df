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
	c := new(Timed)
	c.Begin(values, clock, timeout)
	return c
}

// Begin makes c, the zero value, what WithTimeout returns. It is for one that is part of a larger
// object, which is there for as long as anybody has the context.
func (c *Timed) Begin(values context.Context, clock *alarm.Clock, timeout time.Duration) {
	c.values, c.deadline, c.clock = values, time.Now().Add(timeout), clock
	clock.Set(&c.alarm, c.deadline, (*deadline)(c))
}

// Cancel ends the context.
func (c *Timed) Cancel() {
	if c.end(canceled) {
		c.clock.Stop(&c.alarm)
	}
}

// Expire ends the context as its deadline would.
func (c *Timed) Expire() {
	if c.end(expired) {
		c.clock.Stop(&c.alarm)
	}
}

// Deadline is part of context.Context.
func (c *Timed) Deadline() (time.Time, bool) { return c.deadline, true }

// Value is part of context.Context.
func (c *Timed) Value(key any) any {
	switch key {
	case any(selfKey{}):
		return c
	case causeKey:
		return nil // why the other context ended is not why this one did
	default:
		return c.values.Value(key)
	}
}

// causeKey is what package context asks a context for to learn why it ended. To leave the answer
// to context.WithoutCancel would take an object, and another for each value that is looked up.
var causeKey = KeyOf(func(ctx context.Context) { _ = context.Cause(ctx) })

// deadline is the alarm.Sleeper of a context.
type deadline Timed

// Wake is part of alarm.Sleeper.
func (d *deadline) Wake() { d.end(expired) }
