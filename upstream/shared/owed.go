package shared

import (
	"context"
	"maps"
	"sync"
	"time"

	"crmgraph/upstream/cache"
)

const (
	mostOwed = 4096
	// payTimeout bounds the work before Redis is asked again; what is left is tried again.
	payTimeout = time.Minute
)

// owed is what Redis could not be told, and must be before anything is read there again. Its
// zero value is empty.
type owed struct {
	mu       sync.Mutex
	removals map[string]struct{}
	purges   map[cache.Purge]struct{}
}

// removal notes a name to be removed.
func (o *owed) removal(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.removals == nil {
		o.removals = make(map[string]struct{})
	}
	o.removals[name] = struct{}{}
	o.bound()
}

// purge notes a purge.
func (o *owed) purge(purge cache.Purge) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.purges == nil {
		o.purges = make(map[cache.Purge]struct{})
	}
	o.purges[purge] = struct{}{}
	o.bound()
}

// bound turns too much about answers into one purge of all. Other removals are few.
func (o *owed) bound() {
	if len(o.removals)+len(o.purges) > mostOwed {
		maps.DeleteFunc(o.removals, func(name string, _ struct{}) bool { return isAnswer(name) })
		o.purges = map[cache.Purge]struct{}{{All: true}: {}}
	}
}

// take returns what is owed, which then no longer is.
func (o *owed) take() (removals map[string]struct{}, purges map[cache.Purge]struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	removals, purges = o.removals, o.purges
	o.removals, o.purges = nil, nil
	return removals, purges
}

// owe notes a removal that Redis has refused, or could not be told. What it still has under
// that name must not be found, so nothing is until that is done.
func (s *Shared) owe(name string, reason Reason) {
	s.owed.removal(name)
	if l := s.live.Load(); l != nil {
		s.giveUp(l, reason)
	}
}

// any reports whether anything is owed.
func (o *owed) any() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.removals)+len(o.purges) > 0
}

// payOwed does what is owed. What fails is owed again.
func (s *Shared) payOwed(ctx context.Context, l *link) error {
	ctx, cancel := context.WithTimeout(ctx, payTimeout)
	defer cancel()
	var failure error
	removals, purges := s.owed.take()
	for name := range removals {
		if failure == nil {
			failure = s.remove(ctx, l, name)
		}
		if failure != nil {
			s.owed.removal(name)
		}
	}
	for purge := range purges {
		if failure == nil {
			failure = s.purge(ctx, l, purge)
		}
		if failure != nil {
			s.owed.purge(purge)
		}
	}
	return failure
}
