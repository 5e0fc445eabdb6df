package keeper_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal/keeper"
)

// caller asks for a token some time after the caller before.
type caller struct {
	Pause, Patience time.Duration
	Refused         bool // ProPortal refuses the token
}

// scenario is what a Keeper goes through.
type scenario struct {
	Lifetime, Delay time.Duration
	Fails           []bool // which logins fail, over and over
	Store           bool
	Callers         []caller
}

func scenarios() *rapid.Generator[scenario] {
	seconds := func(least, most int) *rapid.Generator[time.Duration] {
		return rapid.Map(rapid.IntRange(least, most), func(n int) time.Duration { return time.Duration(n) * time.Second })
	}
	callers := rapid.Custom(func(t *rapid.T) caller {
		return caller{
			Pause:    seconds(0, 60).Draw(t, "pause"),
			Patience: seconds(1, 30).Draw(t, "patience"),
			Refused:  rapid.Bool().Draw(t, "refused"),
		}
	})
	return rapid.Custom(func(t *rapid.T) scenario {
		return scenario{
			Lifetime: seconds(1, 200).Draw(t, "lifetime"),
			Delay:    seconds(0, 20).Draw(t, "delay"),
			Fails:    rapid.SliceOfN(rapid.Bool(), 1, 8).Draw(t, "fails"),
			Store:    rapid.Bool().Draw(t, "store"),
			Callers:  rapid.SliceOfN(callers, 1, 30).Draw(t, "callers"),
		}
	})
}

// play returns what went wrong.
func (s scenario) play(t *testing.T) (faults []string) {
	p := &portal{lifetime: s.Lifetime, delay: s.Delay, fail: func(login int) error {
		if s.Fails[login%len(s.Fails)] {
			return failure(upstream.Unavailable)
		}
		return nil
	}}
	opts := keeper.Options{Login: p.login}
	if s.Store {
		opts.Store = newMemory()
	}
	k := newKeeper(t, opts)
	var mu sync.Mutex
	fault := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		faults = append(faults, fmt.Sprintf(format, args...))
	}
	var running sync.WaitGroup
	for _, c := range s.Callers {
		pass(c.Pause)
		running.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), c.Patience)
			defer cancel()
			begun := time.Now()
			got, err := k.Token(ctx)
			if err == nil && c.Refused {
				refused := got.Text
				if got, err = k.Replace(ctx, got); err == nil && got.Text == refused {
					fault("Replace gave the refused token")
				}
			}
			if err == nil && !time.Now().Before(got.ExpiresAt) {
				fault("a token was handed out %v after its end", time.Since(got.ExpiresAt))
			}
			if waited := time.Since(begun); waited > c.Patience {
				fault("a caller waited %v, and wanted to wait for %v", waited, c.Patience)
			}
		})
	}
	running.Wait()
	if together := p.together.Load(); together > 1 {
		fault("%d logins were under way at the same time", together)
	}
	return faults
}

// TestNeverTwoLoginsAtOnce has callers come, leave and be refused in any order, while logins
// are slow, fail or hang.
func TestNeverTwoLoginsAtOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(drawn *rapid.T) {
		s := scenarios().Draw(drawn, "scenario")
		var faults []string
		synctest.Test(t, func(t *testing.T) { faults = s.play(t) })
		if len(faults) > 0 {
			drawn.Fatalf("%v", faults)
		}
	})
}
