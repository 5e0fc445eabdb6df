package main

import (
	"bytes"
	"log"
	"log/slog"
	"strings"
	"testing"
)

// TestLibrariesQuoteNothing: what net/http says of an answer nobody asked for begins with the answer.
func TestLibrariesQuoteNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	standard := log.New(libraryLog{slog.New(slog.NewJSONHandler(&out, nil))}, "", log.LstdFlags)
	standard.Printf("Unsolicited response received on idle HTTP channel starting with %q; err=%v", "canary", nil)
	if got := out.String(); strings.Contains(got, "canary") || strings.Count(got, "\n") != 1 || !strings.Contains(got, `"level":"WARN"`) {
		t.Errorf("got %s, want one warning that quotes nothing", got)
	}
}
