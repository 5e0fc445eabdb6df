package executor

import (
	"sync"
	"sync/atomic"
)

// A goroutine takes more time than most of the calls of a large answer, which find what they
// need in memory, or wait for the same.
const (
	// alone is how many calls of a run have a goroutine each.
	alone = 500
	// maxWorkers is how many goroutines make the others: more than one answer may need calls to
	// the CRMs by far.
	maxWorkers = 2000
)

// queue holds further calls. They take turns in one goroutine until one of them tells that it
// waits; then another goroutine goes on with the others.
type queue struct {
	begun   atomic.Int64 // calls, with those that did not queue
	workers atomic.Int64 // that were started
	mu      sync.Mutex
	due     []*call
}

// takes reports whether n further calls are to queue.
func (q *queue) takes(n int) bool { return q.begun.Add(int64(n)) > alone }

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

// work makes calls until none is left.
func (r *run) work() {
	for calls := r.queue.pop(); calls != nil; calls = r.queue.pop() {
		inTurn(calls)
	}
}

// waiting is told of a call that is about to wait.
func (r *run) waiting() {
	if r.queue.isEmpty() || r.queue.workers.Load() >= maxWorkers {
		return
	}
	r.queue.workers.Add(1)
	r.calls.Go(func() {
		defer r.queue.workers.Add(-1)
		r.work()
	})
}
