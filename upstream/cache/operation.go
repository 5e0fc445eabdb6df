package cache

import (
	"maps"
	"sync"
	"sync/atomic"

	"crmgraph/upstream"
)

// operation is what the answers to one kind of call have in common.
type operation struct {
	lifetime Lifetime
	counters counters
}

// keeps reports whether answers of the operation are kept.
func (o *operation) keeps() bool { return o.lifetime.TTL > 0 }

// counters count what became of the questions of one operation.
type counters struct {
	fresh, stale, staleOnError, notFound atomic.Uint64
	misses, joined, stored, unchanged    atomic.Uint64
	refreshes, refreshFailures           atomic.Uint64
	tierHits, tierMisses                 atomic.Uint64
}

// served counts an answer out of memory.
func (c *counters) served(e *entry, state upstream.State) {
	switch {
	case e.err != nil:
		c.notFound.Add(1)
	case state == upstream.Stale:
		c.stale.Add(1)
	case state == upstream.StaleOnError:
		c.staleOnError.Add(1)
	default:
		c.fresh.Add(1)
	}
}

// operations holds the operations that were seen so far. There are few of them, so that the map is
// soon complete and read without a lock.
type operations struct {
	lifetime func(upstream.Service, string) Lifetime
	seen     atomic.Pointer[map[operationName]*operation] // never nil
	mu       sync.Mutex                                   // of those that add to it
}

type operationName struct {
	service upstream.Service
	name    string
}

func (o *operations) of(key *upstream.Key) *operation {
	name := operationName{key.Service, key.Operation}
	if op := (*o.seen.Load())[name]; op != nil {
		return op
	}
	return o.add(name)
}

func (o *operations) add(name operationName) *operation {
	o.mu.Lock()
	defer o.mu.Unlock()
	seen := *o.seen.Load()
	if op := seen[name]; op != nil {
		return op
	}
	op := &operation{lifetime: o.lifetime(name.service, name.name)}
	more := maps.Clone(seen)
	more[name] = op
	o.seen.Store(&more)
	return op
}
