package cache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/callcontext"
)

// fly finds the answer f is about and hands it to all who wait.
func (c *Cache) fly(f *flight) {
	defer c.land(f)
	f.result = c.find(&f.ctx, f)
}

// land ends a flight, also one that panicked.
func (c *Cache) land(f *flight) {
	if cause := recover(); cause != nil || f.entry == nil && f.err == nil && !f.abandoned {
		// The text of a panic may quote the answer.
		c.logger.Error("a call to a CRM panicked", "call", callOf(&f.key).String(),
			"panic", fmt.Sprintf("%T", cause), "stack", string(debug.Stack()))
		f.result = c.failed(f, &upstream.Error{Call: callOf(&f.key), Kind: upstream.Malformed, Err: errPanicked}, nil)
	}
	f.ctx.Cancel()
	c.mu.Lock()
	c.ground(f)
	if f.replaces != nil {
		delete(c.refreshes, f)
	}
	awaited := f.done
	c.mu.Unlock()
	if awaited != nil {
		close(awaited)
	}
	defer c.flying.Done()
	if f.replaces != nil {
		f.replaces.refreshing.Store(false)
	}
}

var errPanicked = errors.New("the program failed at it")

// find takes the answer from the tier, if that has one that will do, else from the CRM.
func (c *Cache) find(ctx context.Context, f *flight) result {
	var reserve *Stored
	if f.oldest > 0 {
		callcontext.Block(ctx)
		stored, ok := c.tier.Get(ctx, f.key)
		if ok {
			if e := c.read(f, &stored, f.oldest); e != nil {
				f.op.counters.tierHits.Add(1)
				c.keep(f, e)
				return result{entry: e, shared: true}
			}
			reserve = &stored
		}
		f.op.counters.tierMisses.Add(1)
	}
	if f.replaces != nil && c.tier != nil && !c.tier.Lock(ctx, f.key, min(c.refreshTimeout, f.op.lifetime.TTL)) {
		f.replaces.hush()
		return result{abandoned: true}
	}
	return c.ask(ctx, f, reserve)
}

// ask makes the call. Where the CRM fails, reserve becomes a kept answer.
func (c *Cache) ask(ctx context.Context, f *flight, reserve *Stored) result {
	body, err := f.question.Ask(ctx)
	if err != nil {
		return c.failed(f, err, reserve)
	}
	content := body.Bytes()
	r := result{status: body.Status, bytes: len(content)}
	at := time.Now()
	value, err := f.question.Read(content)
	if err != nil {
		body.Release()
		return c.failed(f, err, reserve)
	}
	r.entry = f.newEntry(value, len(content), at)
	kept, replaced := c.keep(f, r.entry)
	if kept {
		c.share(f, Stored{Body: content, At: at}, r.entry.useful())
	}
	body.Release()
	r.unkept, r.revalidated = !kept, replaced
	return r
}

// failed is the result of a flight that ended in err. That there is no such object is an
// answer; of an object that may no longer be seen nothing stays kept.
func (c *Cache) failed(f *flight, err error, reserve *Stored) result {
	if errors.Is(err, upstream.NotFound) {
		return c.absent(f, err)
	}
	if f.replaces != nil {
		f.op.counters.refreshFailures.Add(1)
		f.replaces.hush()
	}
	switch {
	case errors.Is(err, upstream.Unauthenticated), errors.Is(err, upstream.Forbidden), errors.Is(err, upstream.Rejected):
		c.memory.drop(f.key)
		if c.tier != nil && f.op.keeps() {
			c.tier.Drop(f.key)
		}
	case outage(err):
		if _, ok := c.memory.get(f.key); !ok && reserve != nil {
			if e := c.read(f, reserve, f.op.lifetime.TTL+f.op.lifetime.StaleIfError-1); e != nil {
				c.keep(f, e)
			}
		}
		c.memory.noteFailure(f.key, c.refreshTimeout)
	}
	return result{err: err}
}

// absent keeps for a while that there is no such object.
func (c *Cache) absent(f *flight, err error) result {
	e := f.newEntry(nil, 0, time.Now())
	e.err = err
	kept, replaced := c.keep(f, e)
	if kept {
		c.share(f, Stored{At: e.at, NotFound: true}, e.useful())
	}
	return result{entry: e, unkept: !kept, revalidated: replaced}
}

// read is an answer of the tier that is no older than oldest, or nil.
func (c *Cache) read(f *flight, stored *Stored, oldest time.Duration) *entry {
	now := time.Now()
	at := stored.At
	if at.After(now) {
		at = now // the clock of the replica that stored it is ahead
	}
	age := now.Sub(at)
	if stored.NotFound {
		e := f.newEntry(nil, 0, at)
		e.err = &upstream.Error{Call: callOf(&f.key), Kind: upstream.NotFound}
		if age > min(oldest, e.fresh()-1) {
			return nil
		}
		return e
	}
	if age > oldest {
		return nil
	}
	value, err := f.question.Read(stored.Body)
	if err != nil {
		c.tier.Drop(f.key)
		return nil
	}
	return f.newEntry(value, len(stored.Body), at)
}

// keep puts e into memory unless a purge or a newer call came in between.
func (c *Cache) keep(f *flight, e *entry) (kept, replaced bool) {
	if !f.op.keeps() {
		return false, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !f.listed {
		return false, false
	}
	f.op.counters.stored.Add(1)
	return true, c.memory.set(f.key, e)
}

// share puts an answer into the tier.
func (c *Cache) share(f *flight, stored Stored, keep time.Duration) {
	if c.tier == nil {
		return
	}
	if keep > 0 {
		c.tier.Put(f.key, stored, keep)
	}
	c.mu.Lock()
	current := f.listed
	c.mu.Unlock()
	// A purge may have come and gone before the tier had the answer.
	if keep <= 0 || !current {
		c.tier.Drop(f.key)
	}
}

// outage reports whether err says that the CRM does not answer as it should, so that an
// answer it gave earlier may serve.
func outage(err error) bool {
	var failure *upstream.Error
	if !errors.As(err, &failure) {
		return false
	}
	switch failure.Kind {
	case upstream.Unavailable, upstream.Timeout, upstream.RateLimited, upstream.Overloaded, upstream.Malformed:
		return true
	default:
		return false
	}
}
