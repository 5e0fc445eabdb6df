package main

import (
	"encoding/json"
	"net/http"
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
