package alarm_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream/alarm"
)

// sleeper notes when it is woken.
type sleeper struct {
	alarm.Alarm
	start time.Time
	woken []time.Duration
}

func (s *sleeper) Wake() { s.woken = append(s.woken, time.Since(s.start)) }

// set has a new sleeper woken after so long.
func set(c *alarm.Clock, after time.Duration) *sleeper {
	s := &sleeper{start: time.Now()}
	c.Set(&s.Alarm, s.start.Add(after), s)
	return s
}

// pass lets time pass, and all happen that does in it.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestEachIsWokenAtItsTime(t *testing.T) {
	t.Parallel()
	tests := map[string][]time.Duration{
		"one":                 {5},
		"in order":            {1, 2, 3},
		"in another order":    {3, 1, 2, 5, 4},
		"at the same time":    {2, 2, 1, 1, 2},
		"that has come":       {0, 0},
		"that is long past":   {-7, 3},
		"long before another": {1000, 1},
	}
	for name, times := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var clock alarm.Clock
				var sleepers []*sleeper
				for _, after := range times {
					sleepers = append(sleepers, set(&clock, after*time.Second))
				}
				pass(2000 * time.Second)
				for i, s := range sleepers {
					want := []time.Duration{max(0, times[i]) * time.Second}
					if !slices.Equal(s.woken, want) {
						t.Errorf("alarm %d after %v: woken after %v, want %v", i, times[i]*time.Second, s.woken, want)
					}
				}
			})
		})
	}
}

func TestStoppedIsNotWoken(t *testing.T) {
	t.Parallel()
	for stopped := range 3 {
		synctest.Test(t, func(t *testing.T) {
			var clock alarm.Clock
			sleepers := []*sleeper{set(&clock, time.Second), set(&clock, 2*time.Second), set(&clock, 3*time.Second)}
			if !clock.Stop(&sleepers[stopped].Alarm) {
				t.Errorf("alarm %d: got stopped too late, want in time", stopped)
			}
			if clock.Stop(&sleepers[stopped].Alarm) {
				t.Errorf("alarm %d, stopped again: got in time, want too late", stopped)
			}
			pass(time.Minute)
			for i, s := range sleepers {
				want := []time.Duration{time.Duration(i+1) * time.Second}
				if i == stopped {
					want = nil
				}
				if !slices.Equal(s.woken, want) {
					t.Errorf("alarm %d with %d stopped: woken after %v, want %v", i, stopped, s.woken, want)
				}
				if i != stopped && clock.Stop(&s.Alarm) {
					t.Errorf("alarm %d, stopped after it went off: got in time, want too late", i)
				}
			}
		})
	}
}

func TestClockGoesOnAfterAQuietTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var clock alarm.Clock
		clock.Stop(&set(&clock, time.Second).Alarm)
		pass(time.Hour)
		s := set(&clock, 3*time.Second)
		pass(time.Hour)
		if want := []time.Duration{3 * time.Second}; !slices.Equal(s.woken, want) {
			t.Errorf("woken after %v, want %v", s.woken, want)
		}
	})
}

// again sets an alarm when it is woken.
type again struct {
	alarm.Alarm
	clock *alarm.Clock
	next  *sleeper
}

func (a *again) Wake() { a.next = set(a.clock, time.Second) }

func TestAlarmSetWhileOneGoesOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var clock alarm.Clock
		first := &again{clock: &clock}
		clock.Set(&first.Alarm, time.Now().Add(time.Second), first)
		pass(time.Minute)
		if want := []time.Duration{time.Second}; first.next == nil || !slices.Equal(first.next.woken, want) {
			t.Errorf("got %v, want one woken after %v", first.next, want)
		}
	})
}

// counted counts how often it is woken.
type counted struct {
	alarm.Alarm
	woken   atomic.Int32
	stopped bool
}

func (c *counted) Wake() { c.woken.Add(1) }

// Whoever stops an alarm in time is not woken, and whoever does not is woken once.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const goroutines, each = 8, 200
		var clock alarm.Clock
		var alarms [goroutines][each]counted
		var running sync.WaitGroup
		for i := range alarms {
			running.Go(func() {
				for j := range alarms[i] {
					c := &alarms[i][j]
					clock.Set(&c.Alarm, time.Now().Add(rand.N(10*time.Millisecond)), c)
					<-time.After(rand.N(10 * time.Millisecond))
					c.stopped = clock.Stop(&c.Alarm)
				}
			})
		}
		running.Wait()
		pass(time.Second)
		for i := range alarms {
			for j := range alarms[i] {
				if c := &alarms[i][j]; c.stopped == (c.woken.Load() != 0) || c.woken.Load() > 1 {
					t.Fatalf("stopped in time: %t, woken: %d times", c.stopped, c.woken.Load())
				}
			}
		}
	})
}

func BenchmarkSetAndStop(b *testing.B) {
	var clock alarm.Clock
	s := new(counted)
	b.ReportAllocs()
	for b.Loop() {
		clock.Set(&s.Alarm, time.Now().Add(20*time.Millisecond), s)
		clock.Stop(&s.Alarm)
	}
}
