package crew

import (
	"sync"
	"time"

	"crmgraph/upstream/alarm"
)

// Jobs are what a Round does.
type Jobs interface {
	// Due tells how many jobs could be begun now; 2 may stand for more.
	Due() int
	// Next does one of them, in the turn that it is given, and reports whether there was one, also
	// where that panicked. Where the turn is nil, nobody waits for the job to let them go on.
	Next(turn *Turn) bool
}

const (
	// A round is looked after when a goroutine has been about it for so long, and again after
	// twice the time for as long as there was nothing to do for another one.
	patience     = 4 * time.Millisecond
	mostPatience = 32 * time.Millisecond
	// most is how many turns a round has at a time, and how many goroutines.
	most = 2000
)

// Round is a number of jobs that take turns in one goroutine. A job that has sent a request lets
// the next one begin; when all have sent theirs, they go on in the same order. By then most answers
// are there, so that a goroutine for each would have waited, and been woken, for nothing.
//
// Nobody is held up for long. Where the goroutine waits for an answer while another has come, or
// has more to do than it can, or a job has it wait for something else, other goroutines help.
type Round struct {
	crew    *Crew
	jobs    Jobs
	help    func() // drives in another goroutine; nil until one is needed
	helpers sync.WaitGroup

	mu       sync.Mutex
	asked    line // those that wait for answers to their requests
	others   line // those that wait for what comes of others' requests
	forks    []*fork
	turns    int  // that are held
	drivers  int  // goroutines, with the helpers
	helping  int  // helpers
	steps    int  // done so far
	seen     int  // of these when the alarm went off last
	watched  bool // the alarm is set
	alarm    alarm.Alarm
	patience time.Duration // until it goes off
}

// NewRound returns the round of some jobs.
func (c *Crew) NewRound(jobs Jobs) *Round {
	r := new(Round)
	r.Begin(c, jobs)
	return r
}

// Begin makes r, the zero value, what NewRound returns. It is for one that is part of a larger object.
func (r *Round) Begin(c *Crew, jobs Jobs) { r.crew, r.jobs = c, jobs }

// Drive does jobs until none is due and none waits for an answer. Others may still be at some.
func (r *Round) Drive() {
	r.enter()
	defer r.leave()
	for r.step() {
	}
}

// Wait returns when those have left who helped.
func (r *Round) Wait() { r.helpers.Wait() }

// Block has another goroutine go on with the round, if there is anything to do: whoever calls it
// is about to wait.
func (r *Round) Block() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.assist(1)
}

// step has one job begin or go on, and reports whether there was any.
func (r *Round) step() bool {
	r.mu.Lock()
	due := r.due()
	if due == 1 && r.turns == 0 {
		r.mu.Unlock()
		r.jobs.Next(nil)
		return true
	}
	turn := r.next(due > 0)
	r.mu.Unlock()
	if turn == nil {
		return false
	}
	turn.resume()
	r.mu.Lock()
	over := turn.over
	r.steps++
	switch {
	case over:
		r.turns--
	case turn.forked != nil:
		r.rest(turn)
	case turn.others:
		r.others.push(turn)
	default:
		r.asked.push(turn)
	}
	r.mu.Unlock()
	if over {
		r.crew.keepTurn(turn)
	}
	return true
}

// next returns the turn that is to go on, a new one if a job is due, or nil. Who waits for others
// is last: among those may be who they wait for. The lock is held.
func (r *Round) next(due bool) *Turn {
	if due && r.turns < most {
		r.turns++
		r.watch()
		turn := r.crew.turn()
		turn.round, turn.over = r, false
		return turn
	}
	if turn := r.asked.pop(); turn != nil {
		return turn
	}
	return r.others.pop()
}

func (r *Round) waiting() int { return r.asked.length + r.others.length }

func (r *Round) enter() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drivers++
}

func (r *Round) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drivers--
	if r.drivers == 0 && r.watched && r.crew.clock.Stop(&r.alarm) {
		r.watched = false
	}
}

// watch has the round looked after in a moment. The lock is held.
func (r *Round) watch() {
	if r.watched {
		return
	}
	r.watched = true
	r.patience = max(r.patience, patience)
	r.alarm = alarm.Alarm{}
	r.crew.clock.Set(&r.alarm, time.Now().Add(r.patience), r)
}

// Wake is part of alarm.Sleeper.
func (r *Round) Wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watched = false
	due := r.due()
	goesOn := r.steps != r.seen
	r.seen = r.steps
	switch {
	case r.drivers == 0 || due+r.waiting() == 0:
		return
	case goesOn: // however slowly: on a busy machine one more goroutine is of no help
	case due > 0, r.prefer():
		r.assist(r.helping + 1)
		r.patience = patience
	default:
		r.patience = min(2*r.patience, mostPatience)
	}
	r.watch()
}

// prefer has one whose answer has come go on next, if there is any. The lock is held.
func (r *Round) prefer() bool {
	turn := r.asked.popReady()
	if turn == nil {
		turn = r.others.popReady()
	}
	if turn != nil {
		r.asked.pushFront(turn)
	}
	return turn != nil
}

// assist has n more goroutines go on with the round, or as many as there is something to do for.
// The lock is held.
func (r *Round) assist(n int) {
	for range min(n, r.due()+r.waiting(), most-r.helping) {
		r.helping++
		r.helpers.Add(1)
		if r.help == nil {
			r.help = r.assisted
		}
		r.crew.Go(r.help)
	}
}

func (r *Round) assisted() {
	defer r.helpers.Done()
	r.Drive()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.helping--
}
