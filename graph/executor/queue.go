package executor

import (
	"sync"
	"sync/atomic"
)

// maxWorkers is how many goroutines make the calls of an operation: more than one answer may
// need calls to the CRMs by far.
const maxWorkers = 2000

// queue holds the calls that can be made. They take turns in one goroutine until one of them
// tells that it waits; then another goroutine goes on with the others. Most calls find what
// they need in memory, or wait for the same, and a goroutine would take more time than they do.
type queue struct {
	workers atomic.Int64 // that were started
	mu      sync.Mutex
	due     []*call
	help    func() // makes calls in another goroutine; nil until one is needed
}

// push adds calls, in a list that is nobody else's.
func (q *queue) push(due []*call) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.due) == 0 {
		q.due = due
		return
	}
	q.due = append(q.due, due...)
}

// pop returns the next calls that go into one goroutine in any case; none at the end.
func (q *queue) pop() []*call {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.due) == 0 {
		return nil
	}
	n := turns(q.due)
	next := q.due[:n:n]
	q.due = q.due[n:]
	return next
}

// dispatch makes calls and, if they come to wait, has other goroutines make some of them.
func (r *run) dispatch(due []*call) {
	r.queue.push(due)
	r.work()
}

// work makes calls until none is left.
func (r *run) work() {
	for calls := r.queue.pop(); calls != nil; calls = r.queue.pop() {
		if r.executor.options.Waiting == nil {
			r.Waits()
		}
		for _, c := range calls {
			c.do()
		}
	}
}

// Waits is part of Waiter.
func (r *run) Waits() {
	if help := r.helper(); help != nil {
		r.queue.workers.Add(1)
		r.calls.Add(1)
		r.executor.options.Go(help)
	}
}

// helper returns what another goroutine does for the run, nil if there is nothing to do.
func (r *run) helper() func() {
	r.queue.mu.Lock()
	defer r.queue.mu.Unlock()
	if len(r.queue.due) == 0 || r.queue.workers.Load() >= maxWorkers {
		return nil
	}
	if r.queue.help == nil {
		r.queue.help = func() {
			defer r.calls.Done()
			defer r.queue.workers.Add(-1)
			r.work()
		}
	}
	return r.queue.help
}
