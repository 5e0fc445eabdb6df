package watch

import "time"

// Listener is somebody who listens. One who is slow gets the newest value, told from the
// last one taken, and holds up nobody.
type Listener[T, E any] struct {
	viewer Viewer
	events chan E // at most one, which nobody has taken yet
	err    error  // set before events is closed

	before, now *T // what the event in events, or else the last one taken, tells of
	told        bool

	expiry *time.Timer
	left   func() bool
}

// Events returns what there is to tell. It is closed when listening has ended.
func (l *Listener[T, E]) Events() <-chan E { return l.events }

// Err returns why listening has ended, nil if ctx or the watching itself did. It is to be
// called when Events is closed.
func (l *Listener[T, E]) Err() error { return l.err }

// offer tells of the value of p, unless that is what was told last. An event that has not
// been taken makes way for one that tells of both changes.
func (l *Listener[T, E]) offer(p *poller[T, E]) {
	if !l.takeBack() {
		l.before = l.now
	}
	l.now = p.value
	if l.before != nil && p.feed.source.Equal(l.before, l.now) {
		l.now = l.before // it has changed back before anybody saw
		return
	}
	l.events <- p.event(l.before)
}

// fail tells a listener who knows nothing yet, once, that there is nothing to know.
func (l *Listener[T, E]) fail(source *Source[T, E], err error) {
	if l.now != nil || l.told {
		return
	}
	l.told = true
	l.events <- source.Failure(err)
}

// takeBack reports whether there was an event that nobody had taken; it is gone then.
func (l *Listener[T, E]) takeBack() bool {
	select {
	case <-l.events:
		return true
	default:
		return false
	}
}
