package graph

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/graph/plan"
	"crmgraph/upstream/solos"
)

// TestMemoryIsWaitedFor: an operation waits for half of its time, and no longer than it has to.
func TestMemoryIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const calls = 100
		needed := int64(memoryOfOperation + calls*memoryOfCall)
		p := &plan.Plan{Rounds: []plan.Round{{Steps: []plan.Step{{Call: solos.GetProjectCall, Max: calls}}}}}
		memory := NewMemory(2*needed - 1) // for one, and not for two
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var first, second held
		if err := memory.take(ctx, p, &first); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := memory.take(ctx, p, &second); !errors.As(err, new(overloadedError)) {
			t.Errorf("a second operation: got error %v, want that there is no memory", err)
		}
		if waited := time.Since(start); waited != 5*time.Second {
			t.Errorf("it waited %s of its 10s, want half", waited)
		}
		if got, want := memory.Stats(), (MemoryStats{Size: 2*needed - 1, Taken: needed, Refused: 1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		time.AfterFunc(time.Second, func() { first.give(); first.give() })
		if err := memory.take(t.Context(), p, &second); err != nil {
			t.Fatal(err)
		}
		if got, want := memory.Stats(), (MemoryStats{Size: 2*needed - 1, Taken: needed, Refused: 1}); got != want {
			t.Errorf("after the first has ended: got %+v, want %+v", got, want)
		}
		second.give()
		huge := &plan.Plan{Rounds: []plan.Round{{Steps: []plan.Step{{Call: solos.GetProjectCall, Max: 1 << 30}}}}}
		var whole held
		if err := memory.take(t.Context(), huge, &whole); err != nil {
			t.Errorf("an operation that may need more than there is: %v", err)
		}
		whole.give()
		if got := memory.Stats().Taken; got != 0 {
			t.Errorf("%d bytes are taken in the end, want none", got)
		}
	})
}
