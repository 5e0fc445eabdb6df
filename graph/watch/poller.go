package watch

import (
	"context"
	"time"
)

// poller polls for those who listen in one scope.
type poller[T, E any] struct {
	feed  *Feed[T, E]
	scope string
	stop  context.CancelFunc

	listeners map[*Listener[T, E]]struct{}
	value     *T        // nil before the first answer, and while it may not be seen
	at        time.Time // when value was seen last
	failure   error     // of the last poll
	failures  int       // in a row

	// made is the event from before to value, which most listeners share.
	before *T
	made   *E
}

// run polls until ctx ends.
func (p *poller[T, E]) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			p.end()
			return
		}
		token, ok := p.token()
		if !ok {
			continue // all have left, and ctx is about to end
		}
		value, err := p.feed.source.Poll(ctx, p.scope, token)
		if ctx.Err() == nil {
			timer.Reset(p.settle(token, value, err))
		}
	}
}

// token returns the token that stays good for longest.
func (p *poller[T, E]) token() (string, bool) {
	p.feed.mu.Lock()
	defer p.feed.mu.Unlock()
	var best *Listener[T, E]
	for l := range p.listeners {
		if best == nil || l.viewer.ExpiresAt.After(best.viewer.ExpiresAt) {
			best = l
		}
	}
	if best == nil {
		return "", false
	}
	return best.viewer.Token, true
}

// settle tells everybody how a poll went and returns when to poll again.
func (p *poller[T, E]) settle(token string, value *T, err error) time.Duration {
	f := p.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	p.failure = err
	switch {
	case err == nil:
		f.pollers.found.Add(1)
		p.failures = 0
		p.see(value)
	case f.source.Refuses(err):
		f.pollers.refused.Add(1)
		p.failure = nil // of one token, and not of the poll
		for l := range p.listeners {
			if l.viewer.Token == token {
				p.drop(l, err)
			}
		}
		return 0 // for those who brought another token
	default:
		f.pollers.failed.Add(1)
		p.failures++
		if f.source.Hides(err) {
			p.value = nil
		}
		for l := range p.listeners {
			l.fail(&f.source, err)
		}
	}
	return f.pollers.pause(p.failures)
}

// see tells of a value, if it is another one.
func (p *poller[T, E]) see(value *T) {
	p.at = time.Now()
	p.made = nil // it has the time in it
	if p.value != nil && p.feed.source.Equal(p.value, value) {
		return
	}
	p.value = value
	for l := range p.listeners {
		l.offer(p)
	}
}

// event returns what tells somebody who knows before of the value.
func (p *poller[T, E]) event(before *T) E {
	if p.made == nil || p.before != before {
		made := p.feed.source.Event(before, p.value, p.at)
		p.before, p.made = before, &made
	}
	return *p.made
}

// drop ends the listening of l, unless it has ended already.
func (p *poller[T, E]) drop(l *Listener[T, E], err error) {
	if _, ok := p.listeners[l]; !ok {
		return
	}
	delete(p.listeners, l)
	p.feed.pollers.listening.Add(-1)
	l.expiry.Stop()
	l.left()
	l.err = err
	close(l.events)
	if len(p.listeners) == 0 {
		delete(p.feed.byScope, p.scope)
		p.stop()
	}
}

// end ends the listening of all.
func (p *poller[T, E]) end() {
	p.feed.mu.Lock()
	defer p.feed.mu.Unlock()
	for l := range p.listeners {
		p.drop(l, nil)
	}
}
