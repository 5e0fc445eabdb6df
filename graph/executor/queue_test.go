package executor_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"crmgraph/graph/executor"
	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/crew"
)

const queueSchema = `type Query { items: [Item!] @wait } type Item { value: String @wait }`

// telling are options for resolvers that tell when they wait.
func telling(t *testing.T) executor.Options {
	c := crew.New()
	t.Cleanup(func() {
		c.Close()
		c.Wait()
	})
	return executor.Options{Crew: c}
}

// come is an answer that has come.
type come struct{}

func (come) Ready() bool { return true }

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
	for name, tell := range map[string]func(context.Context){
		"who send a request":     func(ctx context.Context) { callcontext.Yield(ctx, come{}) },
		"who wait for something": callcontext.Block,
		"who do not tell":        func(context.Context) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var begun sync.WaitGroup
			begun.Add(calls)
			w := newWorld(t, queueSchema, itemsWith(calls, func(ctx context.Context, _ object, _ map[string]any) (any, error) {
				begun.Done()
				tell(ctx)
				begun.Wait()
				return "v", nil
			}), telling(t))
			if _, failures := w.ask(t, `{ items { value } }`, nil); len(failures) > 0 {
				t.Errorf("failures: %v", failures)
			}
		})
	}
}

// TestCallsThatDoNotWaitTakeTurns: a goroutine each would cost more than they do. In the bubble no
// time passes in which another one could come to help.
func TestCallsThatDoNotWaitTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var together, most atomic.Int64
		w := newWorld(t, queueSchema, itemsWith(2000, func(context.Context, object, map[string]any) (any, error) {
			if n := together.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer together.Add(-1)
			return "v", nil
		}), telling(t))
		if _, failures := w.ask(t, `{ items { value } }`, nil); len(failures) > 0 || most.Load() != 1 {
			t.Errorf("got %d at a time and failures %v, want one at a time and none", most.Load(), failures)
		}
	})
}
