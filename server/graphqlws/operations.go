package graphqlws

import (
	"context"
	"sync"
)

// operations are those of one connection.
type operations struct {
	running sync.WaitGroup

	mu     sync.Mutex
	byID   map[string]*operation // that have not ended for the client
	count  int                   // of goroutines
	finite int                   // of these, queries and mutations, or what may be one
}

// operation is one that a client has asked for.
type operation struct {
	id     string
	cancel context.CancelFunc

	mu      sync.Mutex
	stopped bool // the client wants no more of it
}

// start notes an operation. It returns nil with taken if there is one of that id, and nil
// without it if there are limit already.
func (o *operations) start(id string, limit int, cancel context.CancelFunc) (op *operation, taken bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, taken = o.byID[id]; taken || o.count >= limit {
		return nil, taken
	}
	op = &operation{id: id, cancel: cancel}
	o.byID[id] = op
	o.count++
	o.finite++
	return op, false
}

// stop ends an operation, if there is one of that id, of which the client wants no more.
func (o *operations) stop(id string) {
	o.mu.Lock()
	op := o.byID[id]
	delete(o.byID, id)
	o.mu.Unlock()
	if op == nil {
		return
	}
	op.cancel()
	op.mu.Lock()
	op.stopped = true
	op.mu.Unlock()
}

// release lets the client use an id again.
func (o *operations) release(op *operation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.byID[op.id] == op {
		delete(o.byID, op.id)
	}
}

// endless notes that an operation is a subscription.
func (o *operations) endless() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.finite--
}

// end notes that the goroutine of an operation ends.
func (o *operations) end(isEndless bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count--
	if !isEndless {
		o.finite--
	}
}

// isIdle reports whether no query or mutation runs.
func (o *operations) isIdle() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.finite == 0
}
