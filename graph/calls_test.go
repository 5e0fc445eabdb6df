package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// The main job: two CRMs as one graph, in the fewest calls.
func TestCallsOfDashboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	got := w.ask(t, `{ portfolio(first: 50) { nodes {
		name
		tasks(first: 5) { nodes { status } }
		projects(first: 3) { nodes { id name steps { name } payments(first: 5) { nodes { sum } } } }
	} } }`, nil)
	if len(got.Errors) != 0 {
		t.Fatalf("errors: %+v", got.Errors)
	}
	calls := w.crms.Calls()
	projects := calls["solos.steps"]
	want := map[string]int{
		"proportal.portfolio": 1, "proportal.tasks": 3,
		"solos.filterProjects": 1, "solos.steps": projects, "solos.payments": projects,
	}
	if diff := cmp.Diff(want, calls); diff != "" || projects == 0 {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}
