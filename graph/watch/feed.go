package watch

import (
	"context"
	"sync"
	"time"
)

// Source is what a Feed watches: values T, of which those who listen get events E. Nobody may
// change a value or an event.
type Source[T, E any] struct {
	// Poll asks for the value now, with the token of one of those who listen in scope.
	Poll func(ctx context.Context, scope, token string) (*T, error)
	// Equal reports whether nothing has changed.
	Equal func(before, now *T) bool
	// Event tells somebody who knows before, nil for nothing, of now; at is when now was seen
	// last.
	Event func(before, now *T, at time.Time) E
	// Failure tells somebody who knows nothing yet why there is nothing to tell.
	Failure func(err error) E
	// Refuses reports whether err means that the token is not good, which ends the listening
	// of all who brought it.
	Refuses func(err error) bool
	// Hides reports whether err means that the value may not be seen any more: those who come
	// from then on are told so, and not what it was.
	Hides func(err error) bool
	// Expired is how listening ends when the token does.
	Expired error
}

// Viewer is on whose behalf somebody listens.
type Viewer struct {
	Scope     string    // who may see the value: equal scopes share polls
	Token     string    // to poll with
	ExpiresAt time.Time // when the token, and with it the listening, ends
}

// Feed tells those who listen of changes, viewer by viewer. It is safe for concurrent use.
type Feed[T, E any] struct {
	pollers *Pollers
	source  Source[T, E]

	mu      sync.Mutex // of all that belongs to the feed
	byScope map[string]*poller[T, E]
}

// NewFeed returns a feed that pollers run for.
func NewFeed[T, E any](pollers *Pollers, source Source[T, E]) *Feed[T, E] {
	return &Feed[T, E]{pollers: pollers, source: source, byScope: map[string]*poller[T, E]{}}
}

// Listen has the viewer's value polled until ctx ends, and tells of it at once where it is
// known already. It fails with ErrClosed alone.
func (f *Feed[T, E]) Listen(ctx context.Context, viewer Viewer) (*Listener[T, E], error) {
	l := &Listener[T, E]{viewer: viewer, events: make(chan E, 1)}
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.byScope[viewer.Scope]
	if p == nil {
		p = &poller[T, E]{feed: f, scope: viewer.Scope, listeners: map[*Listener[T, E]]struct{}{}}
		stop, ok := f.pollers.start(p.run) //nolint:contextcheck // polls serve many who listen, and end with none of them
		if !ok {
			return nil, ErrClosed
		}
		p.stop = stop
		f.byScope[viewer.Scope] = p
	}
	p.listeners[l] = struct{}{}
	f.pollers.listening.Add(1)
	switch {
	case p.value != nil:
		l.offer(p)
	case p.failure != nil:
		l.fail(&f.source, p.failure)
	}
	l.expiry = time.AfterFunc(time.Until(viewer.ExpiresAt), func() { f.leave(p, l, f.source.Expired) })
	l.left = context.AfterFunc(ctx, func() { f.leave(p, l, nil) })
	return l, nil
}

// leave ends the listening of l; the last one ends the polls.
func (f *Feed[T, E]) leave(p *poller[T, E], l *Listener[T, E], err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p.drop(l, err)
}
