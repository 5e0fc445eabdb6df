package executor

import (
	"sync"

	"crmgraph/upstream/crew"
)

// queue holds the calls that can be made. They take turns, those that wait for answers too, and
// most calls find what they need in memory, or wait for the same.
type queue struct {
	round  crew.Round
	blocks bool // calls do not tell that they wait, and so do not take turns

	mu  sync.Mutex
	due []*call
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

// pop returns the next calls that go into one turn in any case; none at the end.
func (q *queue) pop() []*call {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.due) == 0 {
		return nil
	}
	n := together(q.due)
	next := q.due[:n:n]
	q.due = q.due[n:]
	return next
}

// Due is part of crew.Jobs.
func (q *queue) Due() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch len(q.due) {
	case 0:
		return 0
	case together(q.due):
		return 1
	default:
		return 2
	}
}

// Next is part of crew.Jobs.
func (q *queue) Next(turn *crew.Turn) bool {
	calls := q.pop()
	if q.blocks {
		q.round.Block()
	}
	for _, c := range calls {
		c.turn = turn
		c.do()
	}
	return calls != nil
}

// dispatch makes calls, and those that come of them.
func (r *run) dispatch(due []*call) {
	r.queue.push(due)
	r.queue.round.Drive()
}
