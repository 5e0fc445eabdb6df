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
	if f.oldest > 0 || f.replaces != nil && c.tier != nil {
		c.findShared(&f.ctx, f)
		return
	}
	c.ask(&f.ctx, f, nil)
}

// land ends a flight, also one that panicked.
func (c *Cache) land(f *flight) {
	if cause := recover(); cause != nil || f.entry == nil && f.err == nil && !f.abandoned {
		// The text of a panic may quote the answer.
		c.logger.Error("a call to a CRM panicked", "call", callOf(f.key).String(),
			"panic", fmt.Sprintf("%T", cause), "stack", string(debug.Stack()))
		c.fail(f, &upstream.Error{Call: callOf(f.key), Kind: upstream.Malformed, Err: errPanicked}, nil)
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

// findShared takes the answer from the tier, if that has one that will do, else from the CRM.
func (c *Cache) findShared(ctx context.Context, f *flight) {
	var reserve *Stored
	if f.oldest > 0 {
		callcontext.Block(ctx)
		stored, ok := c.tier.Get(ctx, *f.key)
		if ok {
			if e := c.read(f, &stored, f.oldest); e != nil {
				f.op.counters.tierHits.Add(1)
				c.keep(f, e)
				f.result = result{entry: e, shared: true}
				return
			}
			reserve = &stored
		}
		f.op.counters.tierMisses.Add(1)
	}
	if f.replaces != nil && c.tier != nil && !c.tier.Lock(ctx, *f.key, min(c.refreshTimeout, f.op.lifetime.TTL)) {
		f.replaces.hush()
		f.abandoned = true
		return
	}
	c.ask(ctx, f, reserve)
}

// ask makes the call. Where the CRM fails, reserve becomes a kept answer.
func (c *Cache) ask(ctx context.Context, f *flight, reserve *Stored) {
	body, err := f.question.Ask(ctx)
	if err == nil {
		err = c.take(f, body)
		body.Release()
	}
	if err != nil {
		c.fail(f, err, reserve)
	}
}

// take reads the answer that has come.
func (c *Cache) take(f *flight, body *upstream.Body) error {
	content := body.Bytes()
	at := time.Now()
	e, err := f.read(content, at, at)
	if err != nil {
		return err
	}
	kept, replaced := c.keep(f, e)
	if kept {
		c.share(f, Stored{Body: content, At: at}, e.useful())
	}
	f.result = result{entry: e, status: body.Status, bytes: len(content), unkept: !kept, revalidated: replaced}
	return nil
}

// fail ends a flight in err. That there is no such object is an answer; of an object that may
// no longer be seen nothing stays kept.
func (c *Cache) fail(f *flight, err error, reserve *Stored) {
	if errors.Is(err, upstream.NotFound) {
		c.keepAbsence(f, err)
		return
	}
	if f.replaces != nil {
		f.op.counters.refreshFailures.Add(1)
		f.replaces.hush()
	}
	switch {
	case errors.Is(err, upstream.Unauthenticated), errors.Is(err, upstream.Forbidden), errors.Is(err, upstream.Rejected):
		c.memory.drop(f.key)
		if c.tier != nil && f.op.keeps() {
			c.tier.Drop(*f.key)
		}
	case outage(err) && c.awaited(f): // else they know what it says of the CRM
		if _, ok := c.memory.get(f.key); !ok && reserve != nil {
			if e := c.read(f, reserve, f.op.lifetime.TTL+f.op.lifetime.StaleIfError-1); e != nil {
				c.keep(f, e)
			}
		}
		c.memory.noteFailure(f.key, c.refreshTimeout)
	}
	f.result = result{err: err}
}

// keepAbsence keeps for a while that there is no such object.
func (c *Cache) keepAbsence(f *flight, err error) {
	e := f.newEntry(nil, digest{}, time.Now())
	e.err = err
	kept, replaced := c.keep(f, e)
	if kept {
		c.share(f, Stored{At: e.at, NotFound: true}, e.useful())
	}
	f.result = result{entry: e, unkept: !kept, revalidated: replaced}
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
		e := f.newEntry(nil, digest{}, at)
		e.err = &upstream.Error{Call: callOf(f.key), Kind: upstream.NotFound}
		if age > min(oldest, e.fresh()-1) {
			return nil
		}
		return e
	}
	if age > oldest {
		return nil
	}
	e, err := f.read(stored.Body, at, now)
	if err != nil {
		c.tier.Drop(*f.key)
		return nil
	}
	return e
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
		c.tier.Put(*f.key, stored, keep)
	}
	c.mu.Lock()
	current := f.listed
	c.mu.Unlock()
	// A purge may have come and gone before the tier had the answer.
	if keep <= 0 || !current {
		c.tier.Drop(*f.key)
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
