package crew_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/crew"
)

// Goroutines that a busy moment has left behind end, and those that are needed now and then stay.
func TestIdleGoroutinesEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := crew.New()
		work := func(n int) {
			var begun, done sync.WaitGroup
			begun.Add(n)
			for range n {
				done.Add(1)
				c.Go(func() {
					defer done.Done()
					begun.Done()
					begun.Wait()
				})
			}
			done.Wait()
			round := c.NewRound(&jobs{ctx: t.Context(), do: repeated(n, func(ctx context.Context) {
				callcontext.Yield(ctx, comesAfter(0))
			})})
			round.Drive()
			round.Wait()
			synctest.Wait()
		}
		idle := func(when string, want int) {
			t.Helper()
			workers, turns := c.Idle()
			if workers != want || turns != want {
				t.Errorf("%s: %d goroutines and %d turns are idle, want %d", when, workers, turns, want)
			}
		}
		work(1000)
		idle("after a busy moment", crew.MaxIdle)
		for range 100 {
			time.Sleep(time.Second)
			work(5)
		}
		idle("while five are needed", 5)
		time.Sleep(10 * time.Minute)
		idle("after a long time", 0)
		work(5)
		idle("later", 5)
		c.Close()
		c.Wait()
	})
}
