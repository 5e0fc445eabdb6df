package graph_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/graph"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
)

func limitedTo(limits graph.Limits) setting {
	return func(w *wiring) { w.limits = limits }
}

const dashboard = `{ portfolio(first: 50) { nodes {
	tasks(first: 5) { nodes { status } }
	projects(first: 3) { nodes { id steps { name } payments(first: 5) { nodes { sum } } } }
} } }`

// The plan of a document depends on its variables, however often it has come before.
func TestEstimateFollowsTheVariables(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	const query = `query ($first: Int!, $steps: Boolean!) { projects(first: $first) { nodes { id steps @include(if: $steps) { name } } } }`
	for range 2 {
		for _, test := range []struct {
			first     int
			steps     bool
			estimated int
		}{{3, true, 4}, {5, true, 6}, {5, false, 1}} {
			got := w.ask(t, query, map[string]any{"first": test.first, "steps": test.steps})
			if cost := got.Extensions.Cost; cost.Estimated.Solos != test.estimated || cost.Actual.Solos != test.estimated {
				t.Errorf("first %d, steps %t: got %+v, want %d estimated and made", test.first, test.steps, cost, test.estimated)
			}
		}
	}
}

// A page's size is what it is, however the variables have it.
func TestEstimateReadsNumbersInText(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	const query = `query ($first: Int!) { projects(first: $first) { nodes { steps { name } } } }`
	got := w.ask(t, query, map[string]any{"first": "5"})
	if cost := got.Extensions.Cost; cost.Estimated.Solos != 6 || cost.Actual.Solos != 6 {
		t.Errorf("got %+v and %+v, want 6 calls estimated and made", cost, got.Errors)
	}
}

// What could make more calls than it may is refused before it makes any.
func TestOperationsOverTheLimitMakeNoCall(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limits    graph.Limits
		estimated float64
		limit     float64
	}{
		"of both CRMs": {graph.Limits{Calls: 304}, 305, 304},
		"of ProPortal": {graph.Limits{Calls: 400, ProPortal: 3}, 4, 3},
		"of solOS":     {graph.Limits{Calls: 400, Solos: 300}, 301, 300},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{}, limitedTo(test.limits))
			got := w.ask(t, dashboard, nil)
			if len(got.Errors) != 1 || string(got.Data) != "null" {
				t.Fatalf("got %+v with data %s, want one error and no data", got.Errors, got.Data)
			}
			want := map[string]any{
				"code": "COST_ESTIMATED_TOO_EXPENSIVE", "estimated": test.estimated, "limit": test.limit,
				"costliest": []any{
					map[string]any{"path": "portfolio.nodes.projects.nodes.payments", "calls": 150.0},
					map[string]any{"path": "portfolio.nodes.projects.nodes.steps", "calls": 150.0},
					map[string]any{"path": "portfolio.nodes.tasks", "calls": 3.0},
					map[string]any{"path": "portfolio", "calls": 1.0},
					map[string]any{"path": "portfolio.nodes.projects", "calls": 1.0},
				},
			}
			if diff := cmp.Diff(want, got.Errors[0].Extensions); diff != "" {
				t.Errorf("extensions (-want +got):\n%s", diff)
			}
			if calls := w.crms.Calls(); len(calls) != 0 {
				t.Errorf("calls were made: %v", calls)
			}
		})
	}
	t.Run("at the limit", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sandbox.Options{}, limitedTo(graph.Limits{Calls: 305, ProPortal: 4, Solos: 301}))
		if got := w.ask(t, dashboard, nil); len(got.Errors) != 0 {
			t.Errorf("errors: %+v", got.Errors)
		}
	})
}

// Nobody can know beforehand how many projects a customer has. Where they are more than
// a plan takes them to be, the limit holds while the operation runs.
func TestTheLimitHoldsForWhatAPlanCannotKnow(t *testing.T) {
	t.Parallel()
	const limit = 100
	w := newWorld(t, sandbox.Options{BigCustomer: 300}, limitedTo(graph.Limits{Calls: limit}))
	big := w.crms.Data().Managers[0].Customers[0].ID
	got := w.ask(t, `query($id: ID!) { customer(id: $id) { name timeline(first: 5) { nodes { __typename } missing } } }`,
		map[string]any{"id": big})
	if len(got.Errors) == 0 {
		t.Fatalf("no error for a timeline over 300 projects: %s", got.Data)
	}
	for _, err := range got.Errors {
		if code := err.Extensions["code"]; code != "COST_ESTIMATED_TOO_EXPENSIVE" {
			t.Errorf("code: got %v", code)
		}
	}
	total := 0
	for _, count := range w.crms.Calls() {
		total += count
	}
	if total > limit {
		t.Errorf("%d calls were made, %d are allowed", total, limit)
	}
}

// Each login is a call of its own, though nobody is known whose it is.
func TestLoginsCount(t *testing.T) {
	t.Parallel()
	const limit = 3
	for _, test := range []struct {
		query  string
		logins int
		code   any
	}{
		{`mutation { a: login { token } b: login { token } c: login { token } }`, limit, nil},
		{`mutation { a: login { token } a: login { expiresAt } b: login { token } c: login { token } }`, limit, nil},
		{`mutation { a: login { token } b: login { token } c: login { token } d: login { token } }`, 0, "COST_ESTIMATED_TOO_EXPENSIVE"},
	} {
		told := 0
		w := newWorld(t, sandbox.Options{}, limitedTo(graph.Limits{Calls: limit}), func(w *wiring) {
			w.onCalls = func(_ context.Context, calls int) { told += calls }
		})
		got := w.ask(t, test.query, nil)
		var code any
		if len(got.Errors) > 0 {
			code = got.Errors[0].Extensions["code"]
		}
		if made := w.crms.Calls()[proportal.LoginCall.String()]; made != test.logins || told != test.logins || code != test.code {
			t.Errorf("%s: got %d logins, %d told of, code %v, want %d and %v", test.query, made, told, code, test.logins, test.code)
		}
	}
}
