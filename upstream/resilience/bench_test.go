package resilience_test

import (
	"context"
	"testing"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/alarm"
	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/resilience"
)

// instant is an Attempt that is answered at once.
type instant struct{ body upstream.Body }

func (*instant) Call() *upstream.Call { return &read }

func (*instant) Scope() string { return "viewer" }

func (*instant) Timeout() time.Duration { return 10 * time.Second }

func (a *instant) Send(context.Context) (*upstream.Body, error) { return &a.body, nil }

// BenchmarkDo measures what a Policy with nothing to do adds to a call.
func BenchmarkDo(b *testing.B) {
	ctx := callcontext.WithTimeout(b.Context(), new(alarm.Clock), time.Hour) // as package cache gives it
	defer ctx.Cancel()
	var attempt upstream.Attempt = new(instant)
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := attempt.Send(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, way := range []struct {
		name string
		opts resilience.Options
	}{{"policy", resilience.Options{}}, {"policy with hedge", resilience.Options{Hedge: true}}} {
		b.Run(way.name, func(b *testing.B) {
			p := newPolicy(b, way.opts)
			for range 100 {
				_, _ = p.Do(ctx, attempt) // from then on it knows when a call is slow
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Do(ctx, attempt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestCallAllocatesNothing(t *testing.T) {
	p := newPolicy(t, resilience.Options{})
	ctx := withTimeout(t, time.Hour)
	var attempt upstream.Attempt = new(instant)
	if got := testing.AllocsPerRun(1000, func() { _, _ = p.Do(ctx, attempt) }); got != 0 {
		t.Errorf("allocations: got %v, want none", got)
	}
}
