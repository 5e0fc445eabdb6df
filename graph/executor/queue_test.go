package executor_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"crmgraph/graph/executor"
)

const queueSchema = `type Query { items: [Item!] @wait } type Item { value: String @wait }`

type tellKey struct{}

// telling are options with which resolvers find in their context whom to tell that they wait.
func telling() executor.Options { return executor.Options{Waiting: tellKey{}} }

func itemsWith(n int, value resolver) object {
	items := make([]any, n)
	for i := range items {
		items[i] = object{"value": value}
	}
	return object{"items": items}
}

// TestCallsThatWaitHoldUpNoOther: each waits until all have begun.
func TestCallsThatWaitHoldUpNoOther(t *testing.T) {
	t.Parallel()
	const calls = 1500
	var begun sync.WaitGroup
	begun.Add(calls)
	w := newWorld(t, queueSchema, itemsWith(calls, func(ctx context.Context, _ object, _ map[string]any) (any, error) {
		begun.Done()
		ctx.Value(tellKey{}).(executor.Waiter).Waits()
		begun.Wait()
		return "v", nil
	}), telling())
	if _, failures := w.ask(t, `{ items { value } }`, nil); len(failures) > 0 {
		t.Errorf("failures: %v", failures)
	}
}

// TestCallsThatDoNotWaitTakeTurns: a goroutine each would cost more than they do.
func TestCallsThatDoNotWaitTakeTurns(t *testing.T) {
	t.Parallel()
	var together, most, goroutines atomic.Int64
	options := telling()
	options.Go = func(job func()) {
		goroutines.Add(1)
		go job()
	}
	w := newWorld(t, queueSchema, itemsWith(2000, func(context.Context, object, map[string]any) (any, error) {
		if n := together.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer together.Add(-1)
		return "v", nil
	}), options)
	if _, failures := w.ask(t, `{ items { value } }`, nil); len(failures) > 0 || most.Load() != 1 || goroutines.Load() != 0 {
		t.Errorf("got %d at a time, %d further goroutines and failures %v, want one at a time and none", most.Load(), goroutines.Load(), failures)
	}
}
