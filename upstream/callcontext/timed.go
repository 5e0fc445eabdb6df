package callcontext

import (
	"context"
	"sync/atomic"
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
	early    atomic.Int64 // how long before the deadline the last who waits gives up
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

// Await says that only somebody with waiting waits for what is done in the context, which lasts as
// long as others may come to wait for it.
func (c *Timed) Await(waiting context.Context) { c.early.Store(c.before(waiting)) }

// Join says that somebody with waiting waits for it, too. Calls of Join do not overlap.
func (c *Timed) Join(waiting context.Context) {
	c.early.Store(min(c.early.Load(), c.before(waiting)))
}

// before returns how long before the deadline waiting ends.
func (c *Timed) before(waiting context.Context) int64 {
	limit, limited := waiting.Deadline()
	if !limited {
		return 0
	}
	return int64(max(0, c.deadline.Sub(limit)))
}

// AwaitedUntil returns when the last of those gives up who wait for what is done in ctx. Where
// that is not known it is the deadline of ctx.
func AwaitedUntil(ctx context.Context) (time.Time, bool) {
	deadline, limited := ctx.Deadline()
	if c, ok := ctx.Value(awaitedKey{}).(*Timed); ok && limited && deadline.Equal(c.deadline) {
		return deadline.Add(-time.Duration(c.early.Load())), true
	}
	return deadline, limited
}

// awaitedKey is what a Timed has itself as the value of.
type awaitedKey struct{}

// Deadline is part of context.Context.
func (c *Timed) Deadline() (time.Time, bool) { return c.deadline, true }

// Value is part of context.Context.
func (c *Timed) Value(key any) any {
	switch key {
	case any(selfKey{}), any(awaitedKey{}):
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
