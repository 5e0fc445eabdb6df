package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// TestErrorsOfEventsHaveWholePaths: they begin at the root of the response, as those of queries do.
func TestErrorsOfEventsHaveWholePaths(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--watch-interval=1h", "--upstream-max-attempts=1")
	crms.SetFault("proportal", sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusInternalServerError})
	var event struct{ Errors []struct{ Path []any } }
	text := openEvents(t, i, "Bearer "+crms.Token(crms.ManagerIDs()[0])).next()
	if err := json.Unmarshal([]byte(text), &event); err != nil || len(event.Errors) != 1 {
		t.Fatalf("got %s, %v, want one error", text, err)
	}
	if diff := cmp.Diff([]any{"taskBoardChanges", "board"}, event.Errors[0].Path); diff != "" {
		t.Errorf("path (-want +got):\n%s", diff)
	}
}

// TestBoardsThatAreShownNoMore: who subscribes to a board that ProPortal has stopped to show is told what queries
// are, though it was polled for another subscription when it could be seen.
func TestBoardsThatAreShownNoMore(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--watch-interval=10ms", "--metrics-listen=127.0.0.1:0")
	authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])
	if got := openEvents(t, i, authorization).next(); !strings.Contains(got, `"board":{"planned":[{"id":`) {
		t.Fatalf("got %.300s, want a board", got)
	}
	crms.SetFault("proportal.taskBoard", sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusForbidden})
	await(t, "a poll that is forbidden", func() bool { return figuresOf(t, i)[`crmgraph_watch_polls_total{result="failed"}`] > 0 })
	if got := openEvents(t, i, authorization).next(); codeOf(t, got) != "FORBIDDEN" || !strings.Contains(got, `"board":null`) {
		t.Errorf("got %.300s, want FORBIDDEN and no board", got)
	}
}
