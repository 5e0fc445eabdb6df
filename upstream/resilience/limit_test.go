package resilience_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/resilience"
)

func TestQueueIsBoundedAndInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{MaxConcurrent: 1, MaxQueued: 3})
		var order []int
		var mu sync.Mutex
		results := make([]error, 5)
		var running sync.WaitGroup
		for i := range 5 {
			f := newFake(read, func(ctx context.Context, _ int) error {
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				return wait(ctx, time.Second)
			})
			running.Go(func() { _, results[i] = do(t.Context(), p, f) })
			synctest.Wait()
		}
		stats := p.Stats()
		if stats.InFlight != 1 || stats.Queued != 3 || stats.QueueFull != 1 {
			t.Errorf("got %d in flight, %d queued, %d refused, want 1, 3 and 1", stats.InFlight, stats.Queued, stats.QueueFull)
		}
		running.Wait()
		if got, want := order, []int{0, 1, 2, 3}; !slices.Equal(got, want) {
			t.Errorf("order of sending: got %v, want %v", got, want)
		}
		for i, err := range results[:4] {
			if err != nil {
				t.Errorf("call %d: %v", i, err)
			}
		}
		wantFailure(t, results[4], upstream.Overloaded)
		if !errors.Is(results[4], resilience.ErrQueueFull) {
			t.Errorf("error: got %v, want %v", results[4], resilience.ErrQueueFull)
		}
		if stats := p.Stats(); stats.InFlight != 0 || stats.Queued != 0 || stats.Attempts != 4 || stats.QueueFull != 1 {
			t.Errorf("after all: got %d in flight, %d queued, %d attempts, %d refused, want 0, 0, 4 and 1",
				stats.InFlight, stats.Queued, stats.Attempts, stats.QueueFull)
		}
	})
}

func TestQueueingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		end  func(context.Context) (context.Context, context.CancelFunc)
		kind upstream.Kind
	}{
		{"deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, upstream.Timeout},
		{"caller leaves", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, upstream.Canceled},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPolicy(t, resilience.Options{MaxConcurrent: 1})
				var running sync.WaitGroup
				running.Go(func() { _, _ = do(t.Context(), p, newFake(read, after(time.Minute))) })
				synctest.Wait()

				ctx, cancel := test.end(t.Context())
				defer cancel()
				f := newFake(read, outcomes(nil))
				_, err := do(ctx, p, f)
				wantFailure(t, err, test.kind)
				if got := time.Since(f.start); got != time.Second || len(f.times()) != 0 {
					t.Errorf("ended after %v and %d attempts, want 1s and none", got, len(f.times()))
				}
				running.Wait()
				if _, err := do(t.Context(), p, newFake(read, outcomes(nil))); err != nil {
					t.Errorf("the slot is lost: %v", err)
				}
			})
		})
	}
}

func TestSlotIsGivenBackAfterPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolicy(t, resilience.Options{MaxConcurrent: 1})
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic got lost")
				}
			}()
			_, _ = do(t.Context(), p, newFake(read, func(context.Context, int) error { panic("odd answer") }))
		}()
		if _, err := do(withTimeout(t, time.Second), p, newFake(read, outcomes(nil))); err != nil {
			t.Errorf("next call: %v", err)
		}
	})
}
