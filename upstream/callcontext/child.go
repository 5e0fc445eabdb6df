package callcontext

import (
	"context"
	"errors"
	"time"
)

// Child is a context that ends with its parent, or before.
type Child struct {
	ending

	parent context.Context
	place  int         // among the watchers of a parent that is one of this package
	stop   func() bool // ends the watch of any other
}

var _ context.Context = (*Child)(nil)

// watchable is a context of this package.
type watchable interface {
	Watch(watcher Watcher) (place int)
	Unwatch(place int) (inTime bool)
}

// WithCancel returns a context that ends with parent, or when it is canceled, which it has to be.
func WithCancel(parent context.Context) *Child {
	c := &Child{parent: parent}
	if w, ok := parent.(watchable); ok {
		c.place = w.Watch((*follower)(c))
	} else {
		c.stop = context.AfterFunc(parent, (*follower)(c).ContextEnded)
	}
	return c
}

// Cancel ends the context.
func (c *Child) Cancel() {
	switch {
	case !c.end(canceled):
	case c.stop != nil:
		c.stop()
	default:
		c.parent.(watchable).Unwatch(c.place)
	}
}

// Deadline is part of context.Context.
func (c *Child) Deadline() (time.Time, bool) { return c.parent.Deadline() }

// Value is part of context.Context.
func (c *Child) Value(key any) any { return c.parent.Value(key) }

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
