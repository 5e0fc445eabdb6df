package graph

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"
	"golang.org/x/sync/semaphore"

	"crmgraph/graph/plan"
)

// What an operation is taken to need of memory: for each call that it may make, which has the stack
// of its turn while it waits and then an answer, and for all else.
const (
	memoryOfCall      = 12 << 10
	memoryOfOperation = 128 << 10
)

// Memory is what there is for the operations under way, by what their plans say that they may need.
// Where it does not suffice they wait for each other, in the order in which they came. It is safe for
// concurrent use.
type Memory struct {
	size    int64
	free    *semaphore.Weighted
	taken   atomic.Int64
	waiting atomic.Int64
	refused atomic.Int64
}

// NewMemory returns a Memory of size bytes.
func NewMemory(size int64) *Memory {
	return &Memory{size: size, free: semaphore.NewWeighted(size)}
}

// MemoryStats are the figures of a Memory.
type MemoryStats struct {
	Size    int64 // in bytes
	Taken   int64 // of these
	Waiting int64 // operations
	Refused int64 // operations so far that have waited in vain
}

// Stats returns the figures of now. A nil Memory has none.
func (m *Memory) Stats() MemoryStats {
	if m == nil {
		return MemoryStats{}
	}
	return MemoryStats{Size: m.size, Taken: m.taken.Load(), Waiting: m.waiting.Load(), Refused: m.refused.Load()}
}

// take waits until there is memory for an operation, for half of its time: it is to have the rest for
// what it does. One that may need more than there is gets all of it.
func (m *Memory) take(ctx context.Context, p *plan.Plan, h *held) error {
	if m == nil {
		return nil
	}
	bytes := min(m.size, memoryOfOperation+memoryOfCall*int64(p.Cost().Total()))
	if !m.free.TryAcquire(bytes) && !m.wait(ctx, bytes) {
		m.refused.Add(1)
		return overloadedError{}
	}
	m.taken.Add(bytes)
	h.of = m
	h.bytes.Store(bytes)
	return nil
}

func (m *Memory) wait(ctx context.Context, bytes int64) bool {
	m.waiting.Add(1)
	defer m.waiting.Add(-1)
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	return m.free.Acquire(ctx, bytes) == nil
}

// held is what an operation has of a Memory; the zero value is nothing.
type held struct {
	of    *Memory
	bytes atomic.Int64
}

// give gives it back; it may be called again.
func (h *held) give() {
	if bytes := h.bytes.Swap(0); bytes > 0 {
		h.of.taken.Add(-bytes)
		h.of.free.Release(bytes)
	}
}

// overloadedError is the error of an operation that has waited for memory in vain.
type overloadedError struct{}

func (overloadedError) Error() string {
	return "The gateway has more to do than it has memory for; try again in a moment."
}

// GraphQL returns the error as clients see it.
func (e overloadedError) GraphQL() *gqlerror.Error {
	return &gqlerror.Error{Message: e.Error(), Extensions: map[string]any{"code": codeOverloaded}}
}
