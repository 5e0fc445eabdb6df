package sandbox

import (
	"context"
	"net/http"
	"time"
)

// pacer lets answers go when their time has come. A timer of the runtime may be a
// millisecond late in a program that has nothing else to do, which a measurement of
// latencies would take for the client's; a pacer is as exact as the system's own timers.
// All answers wait for the same while, so that they fall due in the order they came.
type pacer struct {
	waiting chan paced
}

type paced struct {
	due  time.Time
	done chan struct{}
}

// newPacer returns a pacer that run serves.
func newPacer() *pacer { return &pacer{waiting: make(chan paced, 1024)} }

// run serves until closing is closed.
func (p *pacer) run(closing <-chan struct{}) {
	alarm := newAlarm()
	defer alarm.close()
	for {
		select {
		case next := <-p.waiting:
			alarm.sleepUntil(next.due, closing)
			close(next.done)
		case <-closing:
			return
		}
	}
}

// sleepUntil sleeps as often as it takes, for an alarm may be early, or until closing is closed.
func (a *alarm) sleepUntil(due time.Time, closing <-chan struct{}) {
	for left := time.Until(due); left > 0; left = time.Until(due) {
		select {
		case <-closing:
			return
		default:
			a.sleep(min(left, brief))
		}
	}
}

// brief is a wait in which nobody looks whether the client has left: watching it costs
// more than an answer in vain.
const brief = 50 * time.Millisecond

// wait returns when due has come. A request that ends before is given up, but a brief wait
// only when the sandbox closes.
func (p *pacer) wait(ctx context.Context, due time.Time, closing <-chan struct{}) {
	var gone <-chan struct{}
	if time.Until(due) >= brief {
		gone = ctx.Done()
	}
	next := paced{due: due, done: make(chan struct{})}
	select {
	case p.waiting <- next:
	case <-gone:
		panic(http.ErrAbortHandler)
	case <-closing:
		panic(http.ErrAbortHandler)
	}
	select {
	case <-next.done:
	case <-gone:
		panic(http.ErrAbortHandler)
	case <-closing:
		panic(http.ErrAbortHandler)
	}
}
