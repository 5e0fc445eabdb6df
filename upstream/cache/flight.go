package cache

import (
	"context"
	"errors"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/callcontext"
)

// flight is a question under way, and whoever waits for its answer.
type flight struct {
	question upstream.Question
	key      *upstream.Key // of question
	hash     uint64        // of key
	next     *flight       // in Cache.flights, and guarded by its lock
	op       *operation
	cache    *Cache
	ctx      callcontext.Timed
	timeout  time.Duration // of ctx
	oldest   time.Duration // age up to which an answer of the tier will do; 0 for none of it
	replaces *entry        // in the background; nil for a flight that is waited for
	known    *entry        // what is kept, for answers that have not changed since; or nil
	waiters  int           // guarded by Cache.mu
	listed   bool          // in Cache.flights, and guarded by its lock

	solo bool // whoever began it flies it in their own goroutine

	done chan struct{} // closed once the result is there; nil where nobody waits for that
	result
	own entry // the answer, where it is of an operation that keeps none
}

// result is what a flight found.
type result struct {
	entry       *entry // the answer, or that there is no such object
	err         error  // why there is neither
	status      int
	bytes       int
	shared      bool // it is the tier's
	unkept      bool // it may be out of date already, or is nobody else's business
	revalidated bool // an older answer was replaced
	abandoned   bool // another replica asks, nobody did here
}

// Ready is part of callcontext.Answer, for one who waits for the flight.
func (f *flight) Ready() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// suits reports whether the flight's answer will do for question, too.
func (f *flight) suits(question upstream.Question, terms upstream.Terms, ownCredential bool) bool {
	switch {
	case forced(terms):
		// It began before these terms were set, so its answer may be older than they allow.
		return false
	case ownCredential && f.question.Credential() != question.Credential():
		return false
	default:
		return terms.MaxAge == nil || f.oldest <= *terms.MaxAge
	}
}

// newEntry returns an answer of the flight. What is not kept needs no object of its own.
func (f *flight) newEntry(value any, body digest, at time.Time) *entry {
	e := &f.own
	if f.op.keeps() {
		e = new(entry)
	}
	e.value, e.body, e.at, e.op, e.size = value, body, at, f.op, sizeOf(f.key, body.bytes)
	return e
}

// read returns the answer that the CRM gave at a time, and whose body is read now. One that is
// byte for byte what is kept has been read already.
func (f *flight) read(body []byte, at, now time.Time) (*entry, error) {
	d := digest{bytes: len(body)}
	if f.op.keeps() {
		d.hash = f.cache.flights.hashBody(body)
	}
	if known := f.known; known != nil && known.means(d, now) {
		f.op.counters.unchanged.Add(1)
		e := f.newEntry(known.value, d, at)
		e.until = known.until
		return e, nil
	}
	value, lasts, err := f.question.Read(body)
	if err != nil {
		return nil, err
	}
	e := f.newEntry(value, d, at)
	if lasts > 0 {
		e.until = now.Add(lasts)
	}
	return e, nil
}

// failedForAnother reports whether the flight failed for a reason that lies with whoever
// began it, so that question may fare better on its own.
func (f *flight) failedForAnother(question upstream.Question) bool {
	return errors.Is(f.err, upstream.Unauthenticated) && f.question.Credential() != question.Credential()
}

// board joins the flight for key or begins one. It returns nil if a kept answer will do by
// now, or if the cache is closed.
func (c *Cache) board(ctx context.Context, question upstream.Question, key *upstream.Key, op *operation, terms upstream.Terms, ownCredential bool) (_ *flight, joined bool) {
	hash := c.flights.hash(key)
	c.mu.Lock()
	defer c.mu.Unlock()
	other := c.flights.find(hash, key)
	if other != nil && other.replaces != nil {
		if _, landed := c.landed(key, terms); landed {
			return nil, false // it may have begun after the kept answers were looked at
		}
	}
	if other != nil && other.suits(question, terms, ownCredential) {
		if other.done == nil {
			other.done = make(chan struct{})
		}
		other.waiters++
		other.ctx.Join(ctx)
		op.counters.joined.Add(1)
		return other, true
	}
	known, landed := c.landed(key, terms)
	if c.closed || landed {
		return nil, false
	}
	op.counters.misses.Add(1)
	f := &flight{key: key, hash: hash, question: question, op: op, cache: c, known: known, waiters: 1}
	if c.tier != nil && op.keeps() && !forced(terms) {
		f.oldest = op.lifetime.TTL + op.lifetime.StaleWhileRevalidate - 1
		if terms.MaxAge != nil {
			f.oldest = min(f.oldest, *terms.MaxAge)
		}
	}
	if !terms.NoStore {
		if other != nil {
			c.ground(other)
		}
		c.list(f)
	}
	f.solo = lasts(ctx, question.Timeout())
	values := ctx
	if !f.solo {
		values = callcontext.Apart(ctx)
		f.done = make(chan struct{})
	}
	c.prepare(values, f, question.Timeout())
	f.ctx.Await(ctx)
	return f, false
}

// landed returns what is kept, or nil, and reports whether it serves: whether a flight has landed
// since the kept answers were looked at.
func (c *Cache) landed(key *upstream.Key, terms upstream.Terms) (known *entry, serves bool) {
	e, ok := c.memory.get(key)
	if !ok {
		return nil, false
	}
	_, serves = e.serves(time.Now(), terms)
	return e, serves
}

// prepare gives a flight the values of ctx, and a time of its own. Cache.mu is held.
func (c *Cache) prepare(ctx context.Context, f *flight, timeout time.Duration) {
	f.timeout = timeout
	f.ctx.Begin(ctx, &c.clock, timeout)
	c.flying.Add(1)
}

// lasts reports whether ctx gives as much time.
func lasts(ctx context.Context, timeout time.Duration) bool {
	limit, limited := ctx.Deadline()
	return !limited || time.Until(limit) >= timeout
}

// launch begins a flight, which goes on where ctx ends, and reports whether it has landed.
//
// Whoever has as much time as the flight flies it in their own goroutine, which saves switching
// to another and back. If they leave all the same, and others wait for the flight, it only keeps
// the goroutine of somebody who wants nothing any more.
func (c *Cache) launch(ctx context.Context, f *flight) (landed bool) {
	if !f.solo {
		c.crew.Go(func() { c.fly(f) }) //nolint:contextcheck // f.ctx has what it needs of ctx
		return false
	}
	stays := callcontext.Watch(ctx, (*beginner)(f))
	defer stays.Stop()
	c.fly(f) //nolint:contextcheck // likewise
	return true
}

// beginner is whoever began a flight, as the Watcher of their context.
type beginner flight

// ContextEnded is part of callcontext.Watcher.
func (b *beginner) ContextEnded() { b.cache.abandon((*flight)(b), context.Canceled) }

// abandon has one less wait for f, as their context has ended with err. If nobody does any more,
// f ends like it: a call that ran out of time may tell of a CRM that does not answer.
func (c *Cache) abandon(f *flight, err error) {
	c.mu.Lock()
	f.waiters--
	last := f.waiters == 0
	if last {
		c.ground(f)
	}
	c.mu.Unlock()
	switch {
	case last && errors.Is(err, context.DeadlineExceeded):
		f.ctx.Expire()
	case last:
		f.ctx.Cancel()
	}
}

// awaited reports whether anybody still waits for f.
func (c *Cache) awaited(f *flight) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return f.waiters > 0
}

// patience is how long a call has to be under way before it says something of the CRM that
// somebody did not wait for its end.
const patience = time.Second

// isSlow reports whether f has been under way for so long that the CRM should have answered.
func (f *flight) isSlow() bool {
	deadline, _ := f.ctx.Deadline()
	return f.timeout-time.Until(deadline) >= min(patience, f.timeout/2)
}

// leave gives up waiting for f.
func (c *Cache) leave(ctx context.Context, f *flight, terms upstream.Terms) (upstream.Answer, error) {
	c.abandon(f, ctx.Err())
	err := gaveUp(f.key, ctx.Err())
	if err.Kind == upstream.Timeout && f.isSlow() {
		c.memory.noteFailure(f.key, c.refreshTimeout)
	}
	return c.instead(f.key, terms, err)
}

// list lets others join f, and its answer be kept. Cache.mu is held.
func (c *Cache) list(f *flight) {
	c.flights.add(f)
	f.listed = true
}

// ground lets nobody else join f, and its answer not be kept. Cache.mu is held.
func (c *Cache) ground(f *flight) {
	if f.listed {
		c.flights.remove(f)
		f.listed = false
	}
}

// answer is what f found, for one who waited for it.
func (c *Cache) answer(ctx context.Context, f *flight, question upstream.Question, terms upstream.Terms, joined bool) upstream.Answer {
	now := f.entry.at
	if joined || f.shared {
		now = time.Now()
	}
	state := upstream.Fresh
	switch {
	case f.shared && now.Sub(f.entry.at) >= f.entry.fresh():
		state = upstream.Stale
		c.refresh(ctx, question, f.key, f.entry, now)
	case f.revalidated, forced(terms) && f.op.keeps():
		state = upstream.Revalidated
	}
	answer := f.entry.answer(now, state)
	answer.Shared = joined || f.shared
	if !joined {
		answer.Status, answer.Bytes = f.status, f.bytes
	}
	if f.unkept {
		answer.Freshness.Left = 0
	}
	return answer
}

// instead returns a kept answer for one who could not be given a new one, or else err.
func (c *Cache) instead(key *upstream.Key, terms upstream.Terms, err error) (upstream.Answer, error) {
	if !outage(err) {
		return upstream.Answer{}, err
	}
	e, ok := c.memory.get(key)
	if !ok {
		return upstream.Answer{}, err
	}
	now := time.Now()
	state, ok := e.servesOnError(now, terms)
	if !ok {
		return upstream.Answer{}, err
	}
	e.op.counters.served(e, state)
	answer := e.answer(now, state)
	answer.Shared = true
	return answer, e.err
}

// gaveUp is the error of one whose context has ended with err.
func gaveUp(key *upstream.Key, err error) *upstream.Error {
	kind := upstream.Canceled
	if errors.Is(err, context.DeadlineExceeded) {
		kind = upstream.Timeout
	}
	return &upstream.Error{Call: callOf(key), Kind: kind, Err: err}
}

func callOf(key *upstream.Key) upstream.Call {
	return upstream.Call{Service: key.Service, Operation: key.Operation}
}
