package cache

import (
	"sync/atomic"
	"time"

	"crmgraph/upstream"
)

// entry is an answer in memory.
type entry struct {
	value any
	body  digest    // that value was read from
	until time.Time // when that body would say something else; zero for never
	err   error     // that there is no such object; value is nil then
	at    time.Time // when the CRM gave it
	op    *operation
	size  uint32 // in memory, estimated

	refreshing atomic.Bool
	trouble    atomic.Pointer[trouble] // nil while all is well
}

// digest tells one body from another. Two that differ have the same hash, under a seed that nobody
// knows, once in 2^64 times.
type digest struct {
	hash  uint64 // 0 where the answer is not kept
	bytes int
}

// means reports whether reading a body would give the entry's value.
func (e *entry) means(body digest, now time.Time) bool {
	return e.err == nil && e.body == body && (e.until.IsZero() || now.Before(e.until))
}

// trouble is what became of the last attempt to replace an entry.
type trouble struct {
	quietUntil  time.Time // when a refresh may be tried again
	failedUntil time.Time // when it is forgotten that the CRM failed; zero if it did not
}

// fresh is how long the entry serves as it is.
func (e *entry) fresh() time.Duration {
	if e.err != nil {
		return e.op.lifetime.NotFound
	}
	return e.op.lifetime.TTL
}

// useful is how long the entry is of any use.
func (e *entry) useful() time.Duration {
	if e.err != nil {
		return e.op.lifetime.NotFound
	}
	return e.op.lifetime.kept()
}

// serves reports as what the entry may be served without asking the CRM.
func (e *entry) serves(now time.Time, terms upstream.Terms) (upstream.State, bool) {
	if !e.meets(now, terms) {
		return "", false
	}
	past := now.Sub(e.at) - e.fresh()
	switch {
	case past < 0:
		return upstream.Fresh, true
	case e.err != nil:
		return "", false
	case past < e.op.lifetime.StaleWhileRevalidate, terms.MaxStale != nil && past <= *terms.MaxStale:
		return upstream.Stale, true
	case past < e.op.lifetime.StaleIfError && !terms.OnlyIfCached && e.failing(now):
		return upstream.StaleOnError, true
	default:
		return "", false
	}
}

// servesOnError is serves for one who has asked the CRM in vain.
func (e *entry) servesOnError(now time.Time, terms upstream.Terms) (upstream.State, bool) {
	if !e.meets(now, terms) {
		return "", false
	}
	past := now.Sub(e.at) - e.fresh()
	switch {
	case past < 0:
		return upstream.Fresh, true
	case e.err == nil && past < e.op.lifetime.StaleIfError:
		return upstream.StaleOnError, true
	default:
		return "", false
	}
}

// meets reports whether terms allow an answer of that age at all. Who sets an age refuses
// older answers, even where the CRM fails.
func (e *entry) meets(now time.Time, terms upstream.Terms) bool {
	return !forced(terms) && (terms.MaxAge == nil || now.Sub(e.at) <= *terms.MaxAge)
}

// forced reports whether nothing kept will do.
func forced(terms upstream.Terms) bool { return terms.NoCache || terms.NoStore }

// answer is the entry as an answer of that state.
func (e *entry) answer(now time.Time, state upstream.State) upstream.Answer {
	age := now.Sub(e.at)
	return upstream.Answer{
		Value:     e.value,
		Freshness: upstream.Freshness{State: state, Age: age, Left: max(0, e.fresh()-age)},
	}
}

// failing reports whether the CRM failed a moment ago, so that asking it is not worth a wait.
func (e *entry) failing(now time.Time) bool {
	t := e.trouble.Load()
	return t != nil && now.Before(t.failedUntil)
}

// quiet reports whether the CRM is not to be asked for a replacement yet.
func (e *entry) quiet(now time.Time) bool {
	t := e.trouble.Load()
	return t != nil && now.Before(t.quietUntil)
}
