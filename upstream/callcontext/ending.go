// Package callcontext has the contexts that upstream calls run in. They do what those of package
// context do, but one takes a single object, has no timer of its own, and can be watched without
// a goroutine, a channel or a further object.
package callcontext

import (
	"context"
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
	how   atomic.Uint32 // one of the ends
	asked atomic.Bool   // done is there, and stays

	mu     sync.Mutex
	done   chan struct{} // nil until somebody asks for it
	places []place       // of watchers
	vacant int           // one more than the number of the first vacant place; 0 for none
	room   [2]place      // for the first of them
}

// place is where a watcher is, or nobody.
type place struct {
	watcher Watcher // nil in a vacant place
	next    int     // there, as vacant in ending, the next one
}

// The ends of a context.
const (
	notEnded uint32 = iota
	canceled
	expired
)

// Done is part of context.Context.
func (e *ending) Done() <-chan struct{} {
	if e.asked.Load() {
		return e.done
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.done == nil {
		e.done = make(chan struct{})
		if e.how.Load() != notEnded {
			close(e.done)
		}
		e.asked.Store(true)
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
// number of its place that it returns.
func (e *ending) Watch(watcher Watcher) (number int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.how.Load() != notEnded {
		watcher.ContextEnded()
		return -1
	}
	if e.vacant > 0 {
		number := e.vacant - 1
		e.vacant = e.places[number].next
		e.places[number] = place{watcher: watcher}
		return number
	}
	if e.places == nil {
		e.places = e.room[:0]
	}
	e.places = append(e.places, place{watcher: watcher})
	return len(e.places) - 1
}

// Unwatch has the watcher of a place not be told. It reports false if it was told before.
func (e *ending) Unwatch(number int) (inTime bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.how.Load() != notEnded {
		return false
	}
	e.places[number] = place{next: e.vacant}
	e.vacant = number + 1
	return true
}

// AfterFunc has f called in a goroutine of its own when the context ends, unless stop comes
// before. Package context uses it for the contexts it derives.
func (e *ending) AfterFunc(f func()) (stop func() bool) {
	number := e.Watch(afterwards(f))
	return func() bool { return e.Unwatch(number) }
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
	for _, place := range e.places {
		if place.watcher != nil {
			place.watcher.ContextEnded()
		}
	}
	e.places = nil
	return true
}
