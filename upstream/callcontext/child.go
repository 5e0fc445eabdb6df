package callcontext

import (
	"context"
	"errors"
	"time"
)

// Child is a context that ends with its parent, or before.
type Child struct {
	ending

	parent   context.Context
	watching Watching // of the parent
}

var _ context.Context = (*Child)(nil)

// WithCancel returns a context that ends with parent, or when it is canceled, which it has to be.
func WithCancel(parent context.Context) *Child {
	c := new(Child)
	c.Begin(parent)
	return c
}

// Begin makes c, the zero value, what WithCancel returns. It is for one that is part of a larger
// object, which is there for as long as anybody has the context.
func (c *Child) Begin(parent context.Context) {
	c.parent = parent
	c.watching = Watch(parent, (*follower)(c))
}

// Cancel ends the context.
func (c *Child) Cancel() {
	if c.end(canceled) {
		c.watching.Stop()
	}
}

// Deadline is part of context.Context.
func (c *Child) Deadline() (time.Time, bool) { return c.parent.Deadline() }

// Value is part of context.Context.
func (c *Child) Value(key any) any {
	if key == any(selfKey{}) {
		return c
	}
	return c.parent.Value(key)
}

// follower is the Watcher of a context's parent.
type follower Child

// ContextEnded is part of Watcher.
func (f *follower) ContextEnded() {
	if errors.Is(f.parent.Err(), context.DeadlineExceeded) {
		f.end(expired)
	} else {
		f.end(canceled)
	}
}
