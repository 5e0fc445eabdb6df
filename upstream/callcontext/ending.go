// Package callcontext has the contexts that upstream calls run in. They do what those of package
// context do, but one takes a single object, has no timer of its own, and can be watched without
// a goroutine, a channel or a further object.
package callcontext

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// Watcher is told of the end of a context.
type Watcher = interface {
	// ContextEnded must not wait, nor call any method of the context but Err.
	ContextEnded()
}

// ending is the part of a context that ends.
type ending struct {
	how atomic.Uint32 // one of the ends

	mu       sync.Mutex
	done     chan struct{} // nil until somebody asks for it
	watchers []Watcher     // by their places; nil where there is none
	vacant   int           // places without one
	room     [2]Watcher    // for the first of them
}

// The ends of a context.
const (
	notEnded uint32 = iota
	canceled
	expired
)

// Done is part of context.Context.
func (e *ending) Done() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.done == nil {
		e.done = make(chan struct{})
		if e.how.Load() != notEnded {
			close(e.done)
		}
	}
	return e.done
}

// Err is part of context.Context.
func (e *ending) Err() error {
	switch e.how.Load() {
	case canceled:
		return context.Canceled
	case expired:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// Watch has watcher told when the context ends; at once, if it has ended. Unwatch takes the
// place it returns.
func (e *ending) Watch(watcher Watcher) (place int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.how.Load() != notEnded {
		watcher.ContextEnded()
		return -1
	}
	if e.vacant > 0 {
		e.vacant--
		place = slices.Index(e.watchers, nil)
		e.watchers[place] = watcher
		return place
	}
	if e.watchers == nil {
		e.watchers = e.room[:0]
	}
	e.watchers = append(e.watchers, watcher)
	return len(e.watchers) - 1
}

// Unwatch has the watcher of a place not be told. It reports false if it was told before.
func (e *ending) Unwatch(place int) (inTime bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.how.Load() != notEnded {
		return false
	}
	e.watchers[place] = nil
	e.vacant++
	return true
}

// AfterFunc has f called in a goroutine of its own when the context ends, unless stop comes
// before. Package context uses it for the contexts it derives.
func (e *ending) AfterFunc(f func()) (stop func() bool) {
	place := e.Watch(afterwards(f))
	return func() bool { return e.Unwatch(place) }
}

// afterwards is a Watcher that need not be quick.
type afterwards func()

// ContextEnded is part of Watcher.
func (f afterwards) ContextEnded() { go f() }

// end ends the context, and reports false if it had ended.
func (e *ending) end(how uint32) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.how.CompareAndSwap(notEnded, how) {
		return false
	}
	if e.done != nil {
		close(e.done)
	}
	for _, watcher := range e.watchers {
		if watcher != nil {
			watcher.ContextEnded()
		}
	}
	e.watchers = nil
	return true
}
