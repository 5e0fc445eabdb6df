package cache

import (
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
	misses, joined, stored               atomic.Uint64
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

// operations holds the operations that were seen so far.
type operations struct {
	lifetime func(upstream.Service, string) Lifetime
	mu       sync.RWMutex
	seen     map[operationName]*operation
}

type operationName struct {
	service upstream.Service
	name    string
}

func (o *operations) of(key *upstream.Key) *operation {
	name := operationName{key.Service, key.Operation}
	o.mu.RLock()
	op := o.seen[name]
	o.mu.RUnlock()
	if op != nil {
		return op
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if op = o.seen[name]; op == nil {
		op = &operation{lifetime: o.lifetime(name.service, name.name)}
		o.seen[name] = op
	}
	return op
}
