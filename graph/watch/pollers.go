// Package watch asks a CRM, which tells nobody of changes, again and again, and tells those
// who listen what has changed. However many listen for one viewer, the CRM is asked once.
package watch

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Defaults of Options.
const (
	DefaultInterval   = 10 * time.Second
	DefaultMaxBackoff = time.Minute
)

// Options say how often is polled; the zero value means the defaults.
type Options struct {
	// Interval is the time between the end of a poll and the next, more or less a tenth at
	// random; 10 s when 0.
	Interval time.Duration
	// MaxBackoff is how long it grows at most, doubling, while polls fail; 1 min when 0, or
	// Interval where that is longer.
	MaxBackoff time.Duration
}

// ErrClosed is returned to those who want to listen when Pollers are closed.
var ErrClosed = errors.New("watching has ended")

// Pollers run the polls of all feeds. They are safe for concurrent use.
type Pollers struct {
	interval, maxBackoff time.Duration
	lifetime             context.Context // of all polls: they serve many requests, and end with none of them
	end                  context.CancelFunc

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup

	polling, listening     atomic.Int64
	found, refused, failed atomic.Int64
}

// NewPollers returns Pollers, to be closed. It fails when a setting is negative or the
// back-off shorter than the interval.
func NewPollers(opts Options) (*Pollers, error) {
	if opts.Interval < 0 || opts.MaxBackoff < 0 {
		return nil, errors.New("watch: an interval must not be negative")
	}
	if opts.Interval == 0 {
		opts.Interval = DefaultInterval
	}
	if opts.MaxBackoff == 0 {
		opts.MaxBackoff = max(DefaultMaxBackoff, opts.Interval)
	}
	if opts.MaxBackoff < opts.Interval {
		return nil, errors.New("watch: the longest back-off must not be shorter than the interval")
	}
	p := &Pollers{interval: opts.Interval, maxBackoff: opts.MaxBackoff}
	p.lifetime, p.end = context.WithCancel(context.Background())
	return p, nil
}

// Close ends all polls, and what those who listen get, and returns when nothing runs any more.
func (p *Pollers) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.end()
	p.running.Wait()
}

// Stats are counts of what goes on now.
type Stats struct {
	Polling   int64 // viewers for whom a CRM is polled
	Listening int64 // subscriptions that get what the polls find
}

// Stats returns how much is watched.
func (p *Pollers) Stats() Stats {
	return Stats{Polling: p.polling.Load(), Listening: p.listening.Load()}
}

// Polls are counts of the polls that have ended.
type Polls struct {
	Found   int64 // brought a value
	Refused int64 // had a token that is not good, or no more
	Failed  int64
}

// Polls returns how polls went.
func (p *Pollers) Polls() Polls {
	return Polls{Found: p.found.Load(), Refused: p.refused.Load(), Failed: p.failed.Load()}
}

// start runs poll in a goroutine until its context ends, and reports whether it did.
func (p *Pollers) start(poll func(context.Context)) (stop context.CancelFunc, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, false
	}
	ctx, cancel := context.WithCancel(p.lifetime)
	p.polling.Add(1)
	p.running.Go(func() {
		defer p.polling.Add(-1)
		defer cancel()
		poll(ctx)
	})
	return cancel, true
}

// pause returns how long to wait after so many polls in a row have failed. Polls that
// started together drift apart.
func (p *Pollers) pause(failures int) time.Duration {
	wait := p.interval
	for ; failures > 0 && wait < p.maxBackoff; failures-- {
		wait *= 2
	}
	wait = min(wait, p.maxBackoff)
	const tenth = 10
	spread := int64(wait / tenth)
	return wait - time.Duration(spread) + time.Duration(rand.Int64N(2*spread+1))
}
