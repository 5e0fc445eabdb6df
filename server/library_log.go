package main

import (
	"context"
	"log"
	"log/slog"
)

// libraryLog takes what libraries write to the standard logger, and tells that there was
// something: net/http quotes there what a server, or a proxy on the way to it, sends unasked.
type libraryLog struct{ logger *slog.Logger }

// Write is part of io.Writer.
func (l libraryLog) Write(line []byte) (int, error) {
	l.logger.LogAttrs(context.Background(), slog.LevelWarn, "a library reports a fault of a connection",
		slog.Int("bytes", len(line)))
	return len(line), nil
}

// hushLibraries has the standard logger tell logger no more than that, until restore is called.
func hushLibraries(logger *slog.Logger) (restore func()) {
	before := log.Writer()
	log.SetOutput(libraryLog{logger})
	return func() { log.SetOutput(before) }
}
