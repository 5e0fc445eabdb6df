package sandbox

import (
	"context"
	"net/http"
	"time"
)

// pacer lets answers go when their time has come. A timer of the runtime may be a
// millisecond late in a program that has nothing else to do, which a measurement of
// latencies would take for the client's; a pacer is as exact as the system's own sleep.
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
	for {
		select {
		case next := <-p.waiting:
			sleepUntil(next.due)
			close(next.done)
		case <-closing:
			return
		}
	}
}

// coarse is how early the runtime's timers have to be set to be never late.
const coarse = 1500 * time.Microsecond

func sleepUntil(due time.Time) {
	if left := time.Until(due); left > coarse {
		time.Sleep(left - coarse)
	}
	for left := time.Until(due); left > 0; left = time.Until(due) {
		nap(left)
	}
}

// wait returns when due has come. A request that ends before is given up.
func (p *pacer) wait(ctx context.Context, due time.Time, closing <-chan struct{}) {
	next := paced{due: due, done: make(chan struct{})}
	select {
	case p.waiting <- next:
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	case <-closing:
		panic(http.ErrAbortHandler)
	}
	select {
	case <-next.done:
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	case <-closing:
		panic(http.ErrAbortHandler)
	}
}
