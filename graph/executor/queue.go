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
}

func (q *queue) push(due []*call) {
	q.mu.Lock()
	defer q.mu.Unlock()
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

func (q *queue) isEmpty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.due) == 0
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
			r.waiting()
		}
		for _, c := range calls {
			c.do()
		}
	}
}

// waiting is told of a call that is about to wait.
func (r *run) waiting() {
	if r.queue.isEmpty() || r.queue.workers.Load() >= maxWorkers {
		return
	}
	r.queue.workers.Add(1)
	r.calls.Add(1)
	r.executor.options.Go(r.help)
}

// helper returns what another goroutine does for the run.
func (r *run) helper() func() {
	return func() {
		defer r.calls.Done()
		defer r.queue.workers.Add(-1)
		r.work()
	}
}
