package sandbox

import (
	"syscall"
	"time"
)

// nap sleeps for less than a timer of the runtime can tell apart. It may wake early.
func nap(d time.Duration) {
	ts := syscall.NsecToTimespec(d.Nanoseconds())
	// An interrupted sleep ends early, and the caller looks at the clock again.
	_ = syscall.Nanosleep(&ts, nil)
}
