package callcontext_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream/alarm"
	"crmgraph/upstream/callcontext"
)

const patience = 3 * time.Second

type nameKey struct{}

// way is a way to make a context that has the values of another and ends after patience.
type way struct {
	name string
	make func(values context.Context) (context.Context, context.CancelFunc)
}

// ways has package context itself first: it says how all others are to behave.
func ways() []way {
	detached := func(values context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.WithoutCancel(values), patience)
	}
	timed := func(values context.Context) (context.Context, context.CancelFunc) {
		c := callcontext.WithTimeout(values, new(alarm.Clock), patience)
		return c, c.Cancel
	}
	return []way{
		{"context", detached},
		{"timed", timed},
		{"child of context", func(values context.Context) (context.Context, context.CancelFunc) {
			parent, cancel := detached(values)
			c := callcontext.WithCancel(parent)
			return c, func() { c.Cancel(); cancel() }
		}},
		{"child of timed", func(values context.Context) (context.Context, context.CancelFunc) {
			parent, cancel := timed(values)
			c := callcontext.WithCancel(parent)
			return c, func() { c.Cancel(); cancel() }
		}},
		{"child whose parent is canceled", func(values context.Context) (context.Context, context.CancelFunc) {
			parent, cancel := timed(values)
			return callcontext.WithCancel(parent), cancel
		}},
		{"child of a child", func(values context.Context) (context.Context, context.CancelFunc) {
			parent, cancel := timed(values)
			return callcontext.WithCancel(callcontext.WithCancel(parent)), cancel
		}},
		{"context of a child", func(values context.Context) (context.Context, context.CancelFunc) {
			parent, cancel := timed(values)
			return context.WithValue(callcontext.WithCancel(parent), wayKey{}, ""), cancel
		}},
		{"derived by package context", func(values context.Context) (context.Context, context.CancelFunc) {
			parent, cancel := timed(values)
			c, cancelIt := context.WithCancel(callcontext.WithCancel(parent))
			return c, func() { cancel(); cancelIt() }
		}},
	}
}

type wayKey struct{}

// inEachWay runs test in a bubble for each way. The values come from a context that is
// canceled with a cause, which is nobody's business.
func inEachWay(t *testing.T, test func(t *testing.T, ctx context.Context, cancel context.CancelFunc)) {
	t.Helper()
	for _, way := range ways() {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				values, end := context.WithCancelCause(context.WithValue(t.Context(), nameKey{}, "dashboard"))
				ctx, cancel := way.make(values)
				defer cancel()
				end(errors.New("the client has left"))
				synctest.Wait()
				test(t, ctx, cancel)
			})
		})
	}
}

func isDone(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

func TestContextLives(t *testing.T) {
	t.Parallel()
	inEachWay(t, func(t *testing.T, ctx context.Context, _ context.CancelFunc) {
		<-time.After(patience - 1)
		synctest.Wait()
		if ctx.Err() != nil || context.Cause(ctx) != nil || isDone(ctx) {
			t.Errorf("got error %v, cause %v, done %t, want a context that has not ended", ctx.Err(), context.Cause(ctx), isDone(ctx))
		}
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) != 1 {
			t.Errorf("deadline: got in %v (%t), want in 1ns", time.Until(deadline), ok)
		}
		if got := ctx.Value(nameKey{}); got != "dashboard" {
			t.Errorf("value: got %v, want dashboard", got)
		}
	})
}

func TestContextEnds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end  func(cancel context.CancelFunc)
		want error
	}{
		"canceled":                    {func(cancel context.CancelFunc) { cancel() }, context.Canceled},
		"canceled twice":              {func(cancel context.CancelFunc) { cancel(); cancel() }, context.Canceled},
		"expired":                     {func(context.CancelFunc) { <-time.After(patience) }, context.DeadlineExceeded},
		"expired, canceled later":     {func(cancel context.CancelFunc) { <-time.After(patience + 1); cancel() }, context.DeadlineExceeded},
		"canceled, expired later":     {func(cancel context.CancelFunc) { cancel(); <-time.After(patience) }, context.Canceled},
		"canceled by several at once": {func(cancel context.CancelFunc) { together(cancel, cancel, cancel) }, context.Canceled},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEachWay(t, func(t *testing.T, ctx context.Context, cancel context.CancelFunc) {
				waited := make(chan error, 1)
				go func() {
					<-ctx.Done()
					waited <- ctx.Err()
				}()
				var told error
				context.AfterFunc(ctx, func() { told = ctx.Err() })
				untold := context.AfterFunc(ctx, func() { t.Error("who no longer wants to be told is told") })
				if !untold() {
					t.Error("got told, want stopped in time")
				}
				test.end(cancel)
				synctest.Wait()
				if !errors.Is(ctx.Err(), test.want) || !errors.Is(context.Cause(ctx), test.want) || !isDone(ctx) {
					t.Errorf("got error %v, cause %v, done %t, want %v", ctx.Err(), context.Cause(ctx), isDone(ctx), test.want)
				}
				if got := <-waited; !errors.Is(got, test.want) {
					t.Errorf("who waits: got %v, want %v", got, test.want)
				}
				if !errors.Is(told, test.want) {
					t.Errorf("who is told: got %v, want %v", told, test.want)
				}
				late := make(chan struct{})
				context.AfterFunc(ctx, func() { close(late) })
				<-late // or the bubble panics
			})
		})
	}
}

// together calls functions at the same time.
func together(functions ...func()) {
	var running sync.WaitGroup
	for _, f := range functions {
		running.Go(f)
	}
	running.Wait()
}

// A child ends alone.
func TestParentOutlivesItsChild(t *testing.T) {
	t.Parallel()
	inEachWay(t, func(t *testing.T, ctx context.Context, cancel context.CancelFunc) {
		first, second := callcontext.WithCancel(ctx), callcontext.WithCancel(ctx)
		first.Cancel()
		first.Cancel()
		third := callcontext.WithCancel(ctx)
		first.Cancel()
		if ctx.Err() != nil || second.Err() != nil || third.Err() != nil {
			t.Errorf("parent %v, other children %v and %v, want none to have ended", ctx.Err(), second.Err(), third.Err())
		}
		cancel()
		synctest.Wait()
		if !errors.Is(second.Err(), context.Canceled) || !errors.Is(third.Err(), context.Canceled) {
			t.Errorf("children of a parent that has ended: got %v and %v, want %v", second.Err(), third.Err(), context.Canceled)
		}
	})
}

// noted is a Watcher that counts.
type noted struct{ told int }

func (n *noted) ContextEnded() { n.told++ }

func TestWatch(t *testing.T) {
	t.Parallel()
	ctx := callcontext.WithTimeout(t.Context(), new(alarm.Clock), time.Hour)
	var watchers [5]noted
	var places [5]int
	for i := range watchers {
		places[i] = ctx.Watch(&watchers[i])
	}
	for _, i := range []int{0, 3} {
		if !ctx.Unwatch(places[i]) {
			t.Errorf("watcher %d: got told, want stopped in time", i)
		}
	}
	var more [3]noted // one more than there are vacant places
	for i := range more {
		places[i] = ctx.Watch(&more[i])
	}
	ctx.Cancel()
	if want := [5]noted{{0}, {1}, {1}, {0}, {1}}; watchers != want || more != [3]noted{{1}, {1}, {1}} {
		t.Errorf("told: got %v and %v, want %v and each once", watchers, more, want)
	}
	if ctx.Unwatch(places[0]) {
		t.Error("stopped after it was told: got in time, want too late")
	}
	var late noted
	if place := ctx.Watch(&late); late.told != 1 || ctx.Unwatch(place) {
		t.Errorf("told of an end that was before: got %d times, want once, at once", late.told)
	}
}

// What a call takes: two contexts, one in the other, and a watch.
func BenchmarkCall(b *testing.B) {
	b.Run("callcontext", func(b *testing.B) {
		var clock alarm.Clock
		var watcher noted
		b.ReportAllocs()
		for b.Loop() {
			outer := callcontext.WithTimeout(b.Context(), &clock, 10*time.Second)
			inner := callcontext.WithCancel(outer)
			inner.Unwatch(inner.Watch(&watcher))
			inner.Cancel()
			outer.Cancel()
		}
	})
	b.Run("context", func(b *testing.B) {
		var watcher noted
		b.ReportAllocs()
		for b.Loop() {
			outer, cancelOuter := context.WithTimeout(context.WithoutCancel(b.Context()), 10*time.Second)
			inner, cancelInner := context.WithCancel(outer)
			context.AfterFunc(inner, watcher.ContextEnded)()
			cancelInner()
			cancelOuter()
		}
	})
}

// TestExpire: a context that expires early has ended as at its deadline, and stays so.
func TestExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := callcontext.WithTimeout(t.Context(), new(alarm.Clock), patience)
		child := callcontext.WithCancel(c)
		c.Expire()
		c.Cancel()
		for _, ctx := range []context.Context{c, child} {
			select {
			case <-ctx.Done():
			default:
				t.Error("it has not ended")
			}
			if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
			}
		}
	})
}
