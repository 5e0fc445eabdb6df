package callcontext_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream/alarm"
	"crmgraph/upstream/callcontext"
)

// Whatever a context is made of, its watchers are told of its end, and of no other.
func TestWatchOfAnyContext(t *testing.T) {
	t.Parallel()
	inEachWay(t, func(t *testing.T, outer context.Context, cancel context.CancelFunc) {
		named := context.WithValue(outer, wayKey{}, "")
		inner, cancelInner := context.WithCancel(named)
		defer cancelInner()
		detached := context.WithoutCancel(named)
		ofOuter, ofNamed, stopped, ofInner, ofDetached := new(noted), new(noted), new(noted), new(noted), new(noted)
		callcontext.Watch(outer, ofOuter)
		callcontext.Watch(named, ofNamed)
		watching := callcontext.Watch(named, stopped)
		if !watching.Stop() {
			t.Error("stopped before the end: got too late, want in time")
		}
		callcontext.Watch(inner, ofInner)
		callcontext.Watch(detached, ofDetached)
		wantTold := func(when string, outer, inner int) {
			synctest.Wait()
			if ofOuter.told != outer || ofNamed.told != outer || ofInner.told != inner || stopped.told != 0 || ofDetached.told != 0 {
				t.Errorf("%s: told %d, with a value %d, inner %d, stopped %d, detached %d; want %d, %d, %d, 0 and 0", when,
					ofOuter.told, ofNamed.told, ofInner.told, stopped.told, ofDetached.told, outer, outer, inner)
			}
		}
		wantTold("at first", 0, 0)
		cancelInner()
		wantTold("when the inner one ends", 0, 1)
		cancel()
		wantTold("when the outer one ends", 1, 1)
	})
}

func TestWatchTakesNoObject(t *testing.T) {
	ctx := callcontext.WithTimeout(t.Context(), new(alarm.Clock), time.Hour)
	defer ctx.Cancel()
	named := context.WithValue(context.WithValue(ctx, nameKey{}, "dashboard"), wayKey{}, "")
	watcher := new(noted)
	ctx.Watch(watcher) // there is room
	allocations := testing.AllocsPerRun(100, func() {
		watching := callcontext.Watch(named, watcher)
		watching.Stop()
	})
	if allocations != 0 {
		t.Errorf("got %v allocations, want 0", allocations)
	}
}
