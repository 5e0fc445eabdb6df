package sandbox

import (
	"os"
	"time"

	sys "golang.org/x/sys/unix"
)

// alarm is a timer of the system's, exact to a few microseconds. Who waits for it is parked
// as if for a network, and takes no processor from others.
type alarm struct {
	fd   int
	file *os.File // nil where the system has none; the runtime's timers serve then
}

func newAlarm() *alarm {
	fd, err := sys.TimerfdCreate(sys.CLOCK_MONOTONIC, sys.TFD_NONBLOCK|sys.TFD_CLOEXEC)
	if err != nil {
		return &alarm{}
	}
	return &alarm{fd: fd, file: os.NewFile(uintptr(fd), "alarm")}
}

// sleep waits for d. It may wake early.
func (a *alarm) sleep(d time.Duration) {
	expiry := sys.ItimerSpec{Value: sys.NsecToTimespec(d.Nanoseconds())}
	if a.file == nil || sys.TimerfdSettime(a.fd, 0, &expiry, nil) != nil {
		time.Sleep(d)
		return
	}
	var expirations [8]byte
	if _, err := a.file.Read(expirations[:]); err != nil {
		time.Sleep(d)
	}
}

func (a *alarm) close() {
	if a.file != nil {
		_ = a.file.Close()
	}
}
