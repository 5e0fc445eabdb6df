package crew_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/crew"
)

// jobs are those of a round, each with a context that has its turn.
type jobs struct {
	ctx   context.Context
	do    []func(ctx context.Context)
	begun atomic.Int64
}

func (j *jobs) Due() int { return max(0, len(j.do)-int(j.begun.Load())) }

func (j *jobs) Next(turn *crew.Turn) bool {
	i := int(j.begun.Add(1)) - 1
	if i >= len(j.do) {
		return false
	}
	j.do[i](turn.Context(j.ctx))
	return true
}

// drive does jobs in a round of their own, in a bubble that nobody has left when it returns.
func drive(t *testing.T, do ...func(ctx context.Context)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := crew.New()
		round := c.NewRound(&jobs{ctx: t.Context(), do: do})
		round.Drive()
		round.Wait()
		c.Close()
		c.Wait()
	})
}

// after is an answer that comes some time after it was asked for.
type after struct{ at time.Time }

func comesAfter(d time.Duration) after { return after{time.Now().Add(d)} }

func (a after) Ready() bool { return !time.Now().Before(a.at) }

// read waits for the rest of the time.
func (a after) read() { time.Sleep(time.Until(a.at)) }

// log is what happened, in order.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

// Jobs send their requests one after another before the first of them takes its answer, and take
// the answers in the same order; in between nobody else is about them.
func TestTurns(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 2, 3, 600} {
		var got log
		want := make([]string, 0, 2*count)
		do := make([]func(context.Context), count)
		for i := range do {
			want = append(want, fmt.Sprintf("send %d", i))
			do[i] = func(ctx context.Context) {
				got.add("send %d", i)
				callcontext.Yield(ctx, comesAfter(0))
				got.add("take %d", i)
			}
		}
		for i := range do {
			want = append(want, fmt.Sprintf("take %d", i))
		}
		drive(t, do...)
		if diff := cmp.Diff(want, got.lines); diff != "" {
			t.Errorf("%d jobs (-want +got):\n%s", count, diff)
		}
	}
}

// A turn may be given up several times, for one request after another.
func TestTurnsOfSeveralRequests(t *testing.T) {
	t.Parallel()
	var got log
	twice := func(name string) func(context.Context) {
		return func(ctx context.Context) {
			for i := range 2 {
				got.add("%s sends %d", name, i)
				callcontext.Yield(ctx, comesAfter(0))
			}
			got.add("%s ends", name)
		}
	}
	drive(t, twice("a"), twice("b"))
	want := []string{"a sends 0", "b sends 0", "a sends 1", "b sends 1", "a ends", "b ends"}
	if diff := cmp.Diff(want, got.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Who waits holds up nobody else for longer than it takes to notice.
func TestNobodyIsHeldUp(t *testing.T) {
	t.Parallel()
	const long, moment = time.Hour, 50 * time.Millisecond
	request := func(takes time.Duration) func(context.Context) {
		return func(ctx context.Context) {
			answer := comesAfter(takes)
			callcontext.Yield(ctx, answer)
			answer.read()
		}
	}
	wait := func(context.Context) { time.Sleep(long) }
	for name, test := range map[string]struct {
		others []func(context.Context)
		takes  time.Duration // of the request in question
		most   time.Duration // that it may take with the others
	}{
		"by none":                            {takes: time.Minute, most: time.Minute},
		"by an answer that is late":          {others: []func(context.Context){request(long)}, takes: time.Second, most: time.Second + moment},
		"by many of them":                    {others: repeated(300, request(long)), takes: time.Second, most: time.Second + moment},
		"by many while its own is there":     {others: repeated(300, request(long)), most: moment},
		"by one who waits and does not tell": {others: []func(context.Context){wait}, takes: time.Second, most: time.Second + moment},
		"by many of them, either":            {others: repeated(300, wait), takes: time.Second, most: time.Second + 2*moment},
		"by one who tells": {others: []func(context.Context){func(ctx context.Context) {
			callcontext.Block(ctx)
			time.Sleep(long)
		}}, most: 0},
		"by those that wait for others of theirs": {others: repeated(30, func(ctx context.Context) {
			forked(ctx, nil, request(long), wait)
		}), takes: time.Second, most: time.Second + 2*moment},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var took time.Duration
			asked := request(test.takes)
			drive(t, append(test.others, func(ctx context.Context) {
				start := time.Unix(946684800, 0) // when time begins in a bubble
				asked(ctx)
				took = time.Since(start)
			})...)
			if took < test.takes || took > test.most {
				t.Errorf("took %v, want from %v to %v", took, test.takes, test.most)
			}
		})
	}
}

func repeated(n int, do func(context.Context)) []func(context.Context) {
	all := make([]func(context.Context), n)
	for i := range all {
		all[i] = do
	}
	return all
}

// outcome is what somebody else brings.
type outcome struct{ come atomic.Bool }

func (o *outcome) bring()      { o.come.Store(true) }
func (o *outcome) Ready() bool { return o.come.Load() }

// wait waits by the clock of a bubble, in which a channel would have to be made.
func (o *outcome) wait() {
	for !o.come.Load() {
		time.Sleep(time.Millisecond)
	}
}

// Who waits for what another job brings goes on after it, and after all who wait for their own
// answers, in the goroutine of the round.
func TestWaitingForOthers(t *testing.T) {
	t.Parallel()
	var got log
	theirs := new(outcome)
	wait := func(name string) func(context.Context) {
		return func(ctx context.Context) {
			callcontext.Wait(ctx, theirs)
			got.add("%s goes on, having it: %t", name, theirs.Ready())
			theirs.wait()
		}
	}
	drive(t, wait("a"), wait("b"), func(ctx context.Context) {
		for i := range 2 {
			callcontext.Yield(ctx, comesAfter(0))
			got.add("answer %d", i)
		}
		theirs.bring()
	}, wait("c"))
	want := []string{"answer 0", "answer 1", "a goes on, having it: true", "b goes on, having it: true", "c goes on, having it: true"}
	if diff := cmp.Diff(want, got.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Two who wait for each other's outcome in the wrong order, and for a request of somebody else, get
// on as soon as that is answered.
func TestWaitingForOneAnother(t *testing.T) {
	t.Parallel()
	first, second := new(outcome), new(outcome)
	var took time.Duration
	drive(t, func(ctx context.Context) {
		callcontext.Wait(ctx, second)
		second.wait()
		took = time.Since(time.Unix(946684800, 0))
	}, func(ctx context.Context) {
		callcontext.Wait(ctx, first)
		first.wait()
		second.bring()
	}, func(ctx context.Context) {
		answer := comesAfter(time.Second)
		callcontext.Yield(ctx, answer)
		answer.read()
		first.bring()
	})
	if least, most := time.Second, time.Second+100*time.Millisecond; took < least || took > most {
		t.Errorf("took %v, want from %v to %v", took, least, most)
	}
}

// What a job begins in a round of its own holds up no other, nor does it end before that.
func TestRoundInARound(t *testing.T) {
	t.Parallel()
	var got log
	drive(t, func(ctx context.Context) {
		callcontext.Block(ctx)
		c := crew.New()
		inner := c.NewRound(&jobs{ctx: ctx, do: repeated(3, func(ctx context.Context) {
			answer := comesAfter(time.Minute)
			callcontext.Yield(ctx, answer)
			answer.read()
			got.add("inner")
		})})
		inner.Drive()
		inner.Wait()
		c.Close()
		c.Wait()
		got.add("outer")
	}, func(ctx context.Context) {
		callcontext.Yield(ctx, comesAfter(0))
		got.add("other")
	})
	if diff := cmp.Diff([]string{"other", "inner", "inner", "inner", "outer"}, got.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// forked does jobs side by side.
func forked(ctx context.Context, c *crew.Crew, do ...func(ctx context.Context)) {
	c.Do(ctx, &jobs{ctx: ctx, do: do}, len(do))
}

// What a job has others do comes before what is due besides, in the same goroutine; the job goes on
// when the last of them is done, before those that wait for answers.
func TestFork(t *testing.T) {
	t.Parallel()
	var got log
	send := func(name string) func(context.Context) {
		return func(ctx context.Context) {
			got.add("%s sends", name)
			callcontext.Yield(ctx, comesAfter(0))
			got.add("%s takes", name)
		}
	}
	drive(t, func(ctx context.Context) {
		forked(ctx, nil, send("a"), send("b"), func(ctx context.Context) {
			forked(ctx, nil, send("c"), send("d"))
			got.add("inner goes on")
		})
		got.add("outer goes on")
	}, send("other"))
	want := []string{
		"a sends", "b sends", "c sends", "d sends", "other sends",
		"a takes", "b takes", "c takes", "d takes", "inner goes on", "outer goes on", "other takes",
	}
	if diff := cmp.Diff(want, got.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Without a turn, jobs have a round of their own.
func TestForkWithoutATurn(t *testing.T) {
	t.Parallel()
	var got log
	synctest.Test(t, func(t *testing.T) {
		c := crew.New()
		forked(t.Context(), c, repeated(3, func(ctx context.Context) {
			callcontext.Yield(ctx, comesAfter(0))
			got.add("done")
		})...)
		got.add("over")
		c.Close()
		c.Wait()
	})
	if diff := cmp.Diff([]string{"done", "done", "done", "over"}, got.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// However many wait for what they have others do, the others find a place.
func TestManyForks(t *testing.T) {
	t.Parallel()
	const count = 2500
	var done, over atomic.Int64
	do := repeated(count, func(ctx context.Context) {
		before := done.Load()
		forked(ctx, nil, repeated(3, func(ctx context.Context) {
			callcontext.Yield(ctx, comesAfter(0))
			done.Add(1)
		})...)
		if done.Load() < before+3 {
			t.Error("went on before the last was done")
		}
		over.Add(1)
	})
	drive(t, do...)
	if done.Load() != 3*count || over.Load() != count {
		t.Errorf("done: %d jobs of %d forks, want %d of %d", done.Load(), over.Load(), 3*count, count)
	}
}

// Helpers do what a job has others do, too, and whoever does the last has the job go on.
func TestForkAmongHelpers(t *testing.T) {
	t.Parallel()
	var over atomic.Int64
	drive(t, repeated(50, func(ctx context.Context) {
		forked(ctx, nil, func(context.Context) { time.Sleep(time.Second) }, func(ctx context.Context) {
			callcontext.Block(ctx)
			time.Sleep(time.Minute)
		}, func(ctx context.Context) {
			answer := comesAfter(time.Millisecond)
			callcontext.Yield(ctx, answer)
			answer.read()
		})
		over.Add(1)
	})...)
	if over.Load() != 50 {
		t.Errorf("%d of 50 went on", over.Load())
	}
}

// A context Apart is for another goroutine: it has no turn to give up.
func TestApart(t *testing.T) {
	t.Parallel()
	var got log
	drive(t, func(ctx context.Context) {
		callcontext.Yield(callcontext.Apart(ctx), comesAfter(0))
		got.add("a")
	}, func(context.Context) { got.add("b") })
	if diff := cmp.Diff([]string{"a", "b"}, got.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func BenchmarkRound(b *testing.B) {
	c := crew.New()
	defer c.Close()
	do := repeated(100, func(ctx context.Context) {
		deep(40)
		callcontext.Yield(ctx, comesAfter(0))
	})
	b.ReportAllocs()
	for b.Loop() {
		round := c.NewRound(&jobs{ctx: b.Context(), do: do})
		round.Drive()
		round.Wait()
	}
}
