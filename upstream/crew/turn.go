package crew

import (
	"context"
	"iter"
	"runtime"

	"crmgraph/upstream/callcontext"
)

// Turn is what a job of a Round holds while it is done. It is a coroutine: the goroutine that
// resumes it rests until the job lets others go on, which takes neither the scheduler nor a
// thread.
type Turn struct {
	round  *Round
	behind *Turn // in its line
	answer callcontext.Answer
	forked *fork // that it waits for
	others bool  // are to go on before it
	over   bool  // no job is left for it

	resume func() (struct{}, bool)
	end    func()
	pause  func(struct{}) bool
}

func newTurn() *Turn {
	t := new(Turn)
	t.resume, t.end = iter.Pull(t.do)
	return t
}

// do does the jobs of one round after another.
func (t *Turn) do(pause func(struct{}) bool) {
	t.pause = pause
	for resumed := true; resumed; resumed = t.rest() {
		for t.round.begin(t) {
		}
		t.over = true
	}
}

// rest returns when there is a round again, or false when there will be none. The stack is held
// as by a worker that waits.
//
//go:noinline
func (t *Turn) rest() bool {
	var hold [held]byte
	resumed := t.pause(struct{}{})
	runtime.KeepAlive(&hold)
	return resumed
}

// Context returns ctx with the turn, none where t is nil.
func (t *Turn) Context(ctx context.Context) context.Context {
	if t == nil {
		return callcontext.Apart(ctx)
	}
	return callcontext.WithTurn(ctx, t)
}

// Yield is part of callcontext.Turn.
func (t *Turn) Yield(answer callcontext.Answer) {
	t.answer = answer
	t.pause(struct{}{})
	t.answer = nil
}

// Wait is part of callcontext.Turn.
func (t *Turn) Wait(answer callcontext.Answer) {
	t.others = true
	t.Yield(answer)
	t.others = false
}

// Block is part of callcontext.Turn.
func (t *Turn) Block() { t.round.Block() }
