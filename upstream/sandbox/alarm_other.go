//go:build !linux

package sandbox

import "time"

// alarm is as exact as the runtime's timers.
type alarm struct{}

func newAlarm() *alarm { return &alarm{} }

func (*alarm) sleep(d time.Duration) { time.Sleep(d) }

func (*alarm) close() {}
