package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// processTime returns the time that all threads of a process, ended ones included, have had on
// a processor in user and system mode: the process's own CPU clock.
func processTime(pid int) (time.Duration, error) {
	const sched = 2 // CPUCLOCK_SCHED of the whole process, see clock_getcpuclockid(3)
	var at unix.Timespec
	if err := unix.ClockGettime(int32(^pid)<<3|sched, &at); err != nil {
		return 0, err
	}
	return time.Duration(at.Nano()), nil
}
