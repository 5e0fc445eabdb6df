package main

import (
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	// logDelay is how long a line of a request may wait for others: each write to the log is a
	// system call that may last, which Go's scheduler prepares for.
	logDelay = 100 * time.Millisecond
	// logRoom is how many bytes of lines wait.
	logRoom = 16 << 10
)

// logs are the loggers of the server, which write to the same place in the order of what happens.
type logs struct {
	events   *slog.Logger // everything but requests, at once
	requests *slog.Logger // within logDelay

	out     io.Writer
	mu      sync.Mutex
	waiting []byte
	timer   *time.Timer // stopped while nothing waits
}

func newLogs(out io.Writer, c LogConfig) *logs {
	l := &logs{out: out}
	l.mu.Lock() // the timer may go off before it is stopped
	l.timer = time.AfterFunc(logDelay, l.flush)
	l.timer.Stop()
	l.mu.Unlock()
	options := &slog.HandlerOptions{Level: c.Level}
	if c.Format == "text" {
		l.events = slog.New(slog.NewTextHandler(promptLines{l}, options))
		l.requests = slog.New(slog.NewTextHandler(patientLines{l}, options))
		return l
	}
	l.events = slog.New(slog.NewJSONHandler(promptLines{l}, options))
	l.requests = slog.New(requestLines{slog.NewJSONHandler(patientLines{l}, options), patientLines{l}})
	return l
}

// flush writes what waits.
func (l *logs) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write()
}

// write needs the lock. Nobody can be told that the log cannot be written.
func (l *logs) write() {
	l.timer.Stop()
	if len(l.waiting) > 0 {
		_, _ = l.out.Write(l.waiting)
		l.waiting = l.waiting[:0]
	}
}

// promptLines writes each line at once, after those that wait.
type promptLines struct{ *logs }

func (p promptLines) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write()
	return p.out.Write(line)
}

// patientLines has lines wait for each other.
type patientLines struct{ *logs }

func (p patientLines) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting)+len(line) > logRoom {
		p.write()
	}
	if len(p.waiting) == 0 {
		p.timer.Reset(logDelay)
	}
	p.waiting = append(p.waiting, line...)
	return len(line), nil
}
