package main

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// messages are the messages of a log in text, one after the other.
func messages(log *watchedLog) string {
	var all []string
	for line := range strings.Lines(log.String()) {
		_, message, _ := strings.Cut(line, "msg=")
		all = append(all, strings.TrimSpace(message))
	}
	return strings.Join(all, " ")
}

func TestLinesOfRequestsWaitForEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := newWatchedLog()
		logs := newLogs(out, LogConfig{Format: "text"})
		check := func(when, want string) {
			t.Helper()
			synctest.Wait()
			if got := messages(out); got != want {
				t.Errorf("%s: got %q, want %q", when, got, want)
			}
		}
		logs.requests.Info("a")
		time.Sleep(logDelay - 1)
		logs.requests.Info("b")
		check("before the first has waited enough", "")
		time.Sleep(time.Nanosecond)
		check("when the first has waited enough", "a b")
		time.Sleep(logDelay)
		check("a while later", "a b")
		logs.requests.Info("c")
		logs.events.Warn("d")
		check("when something happens", "a b c d")
		logs.requests.Info("e")
		logs.flush()
		check("at the end", "a b c d e")
	})
}

func TestManyLinesOfRequestsDoNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := newWatchedLog()
		logs := newLogs(out, LogConfig{Format: "text"})
		long := slog.String("path", strings.Repeat("x", logRoom/4))
		for range 4 {
			logs.requests.Info("a", long)
		}
		if got, want := strings.Count(out.String(), "\n"), 3; got != want {
			t.Errorf("written: got %d lines, want %d", got, want)
		}
		logs.flush()
	})
}
