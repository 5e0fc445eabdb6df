// Package cache keeps the answers of the CRMs in memory, each for those who may see it, and
// sees to it that equal questions under way are asked once.
//
// An answer is fresh for its time to live. For a while after that it is served as it is and
// replaced in the background, and for another while it is served where the CRM fails. A Tier
// shares answers with other replicas; a Purge forgets them everywhere.
package cache

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/alarm"
	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/crew"
)

// Cache is upstream.Answers for the clients of both CRMs. It is safe for concurrent use.
type Cache struct {
	memory         *memory
	operations     operations
	tier           Tier // nil for none
	concerns       func(key upstream.Key, kind, id string) bool
	refreshTimeout time.Duration
	logger         *slog.Logger
	crew           *crew.Crew
	flying         sync.WaitGroup
	clock          alarm.Clock // for the deadlines of flights

	mu        sync.Mutex
	flights   flights              // those whose answer will be kept and may be joined
	refreshes map[*flight]struct{} // those in the background
	closed    bool
}

var _ upstream.Answers = (*Cache)(nil)

// New returns an empty Cache, to be closed. It fails when a setting is negative.
func New(opts Options) (*Cache, error) {
	keepsNothing := opts.Lifetime == nil
	if err := opts.complete(); err != nil {
		return nil, err
	}
	memory, err := newMemory(opts.MaxBytes)
	if err != nil {
		return nil, err
	}
	memory.unused = keepsNothing
	c := &Cache{
		memory:         memory,
		tier:           opts.Tier,
		concerns:       opts.Concerns,
		refreshTimeout: opts.RefreshTimeout,
		logger:         opts.Logger,
		crew:           crew.New(),
		flights:        newFlights(),
		refreshes:      make(map[*flight]struct{}),
	}
	c.operations.lifetime = opts.Lifetime
	c.operations.seen.Store(&map[operationName]*operation{})
	return c, nil
}

// Kept returns an answer out of memory, if there is one that may be served: a fresh one, or
// a stale one that is being replaced in the background, unless terms want no CRM to be asked.
func (c *Cache) Kept(ctx context.Context, question upstream.Question, terms upstream.Terms) (upstream.Answer, error, bool) { //nolint:revive // the error is an answer
	key := question.Key()
	if key.Scope == "" || forced(terms) {
		return upstream.Answer{}, nil, false
	}
	e, ok := c.memory.get(key)
	if !ok {
		return upstream.Answer{}, nil, false
	}
	now := time.Now()
	state, ok := e.serves(now, terms)
	if !ok {
		return upstream.Answer{}, nil, false
	}
	if state != upstream.Fresh && !terms.OnlyIfCached {
		c.refresh(ctx, question, key, e, now)
	}
	e.op.counters.served(e, state)
	return e.answer(now, state), e.err, true
}

// Get returns an answer for which the CRM is asked, or the tier has one that will do. Who
// asks what is being asked already waits for the same answer, and as long as anybody waits
// the call goes on. Where the CRM fails, a kept answer may serve.
func (c *Cache) Get(ctx context.Context, question upstream.Question, terms upstream.Terms) (upstream.Answer, error) {
	key := question.Key()
	if err := ctx.Err(); err != nil {
		return upstream.Answer{}, gaveUp(key, err)
	}
	if key.Scope == "" {
		return alone(ctx, question)
	}
	op := c.operations.of(key)
	ownCredential := false
	for {
		f, joined := c.board(ctx, question, key, op, terms, ownCredential)
		if f == nil {
			if answer, err, ok := c.Kept(ctx, question, terms); ok {
				return answer, err
			}
			return alone(ctx, question)
		}
		if landed := !joined && c.launch(ctx, f); !landed {
			callcontext.Wait(ctx, f)
			select {
			case <-f.done:
			case <-ctx.Done():
				return c.leave(ctx, f, terms)
			}
		}
		switch {
		case f.abandoned:
			continue
		case joined && f.failedForAnother(question):
			ownCredential = true
			continue
		case f.err != nil:
			return c.instead(f.key, terms, f.err)
		}
		return c.answer(ctx, f, question, terms, joined), f.entry.err
	}
}

// Close cancels what is under way in the background and returns when nothing is any more.
// Whoever asks from then on gets kept answers or makes a call of their own.
func (c *Cache) Close() {
	c.mu.Lock()
	c.closed = true
	for f := range c.refreshes {
		f.ctx.Cancel()
	}
	c.mu.Unlock()
	c.flying.Wait()
	c.crew.Close()
	c.crew.Wait()
	c.memory.close()
}
