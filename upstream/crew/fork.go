package crew

import (
	"context"
	"slices"

	"crmgraph/upstream/callcontext"
)

// Do does n jobs side by side and returns when all are done. Where ctx has a turn, they are jobs of
// its round, whose goroutine goes on with them while their caller rests; else they have a round of
// their own.
func (c *Crew) Do(ctx context.Context, jobs Jobs, n int) {
	if turn, ok := ctx.Value(callcontext.TurnKey{}).(*Turn); ok {
		turn.fork(jobs, n)
		return
	}
	round := c.NewRound(jobs)
	round.Drive()
	round.Wait()
}

// fork are jobs that the holder of a turn waits for. Its round's lock guards it.
type fork struct {
	jobs   Jobs
	left   int   // that are not done
	parent *Turn // nil until it rests
}

// fork returns when n jobs are done.
func (t *Turn) fork(jobs Jobs, n int) {
	t.forked = &fork{jobs: jobs, left: n}
	t.round.add(t.forked)
	t.pause(struct{}{})
	t.forked, t.answer = nil, nil
}

func (r *Round) add(f *fork) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forks = append(r.forks, f)
}

// rest has a turn go on when the jobs are done that it waits for. The lock is held.
func (r *Round) rest(t *Turn) {
	t.forked.parent = t
	r.settle(t.forked)
}

// done counts a job that is done.
func (r *Round) done(f *fork) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f.left--
	r.settle(f)
}

// settle lets whoever rests until all jobs are done go on when they are. The lock is held.
func (r *Round) settle(f *fork) {
	if f.left == 0 && f.parent != nil {
		f.parent.answer = come{}
		r.asked.pushFront(f.parent)
	}
}

// come is an answer that is there.
type come struct{}

func (come) Ready() bool { return true }

// begin has a turn do a job, and reports whether there may be another one.
func (r *Round) begin(t *Turn) bool {
	r.mu.Lock()
	f := r.newest()
	r.mu.Unlock()
	if f == nil {
		return r.jobs.Next(t)
	}
	if f.jobs.Next(t) {
		r.done(f)
	}
	return true
}

// newest returns the fork that was added last of those with jobs to begin, nil if there is none:
// what is begun earliest is what most waits for. The lock is held.
func (r *Round) newest() *fork {
	for i, f := range slices.Backward(r.forks) {
		if f.jobs.Due() > 0 {
			return f
		}
		r.forks = slices.Delete(r.forks, i, i+1)
	}
	return nil
}

// due tells how many jobs could be begun now; 2 may stand for more. The lock is held.
func (r *Round) due() int {
	due := r.jobs.Due()
	for _, f := range r.forks {
		due += f.jobs.Due()
	}
	return due
}
