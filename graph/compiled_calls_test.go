package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/sandbox"
)

// Fields of the same type with the same arguments share their batch wherever they stand.
func TestJoinedCalls(t *testing.T) {
	t.Parallel()
	groups, heads := activeGroups(t)
	timelineProjects := projectsOf(t, 4007195)
	tests := []struct {
		name, query string
		want        map[string]int
	}{
		{
			"aliases", `{ a: portfolio(first: 3) { nodes { projects(first: 3) { nodes { id } } } }
				b: portfolio(first: 3, after: null, tasks: PLANNED) { nodes { projects(first: 3) { nodes { id } } } } }`,
			map[string]int{"proportal.portfolio": 2, "solos.filterProjects": 1},
		},
		{
			"levels", `{ a: portfolio(first: 10) { nodes { projects(first: 3) { nodes { id } } } }
				b: groups { customers { nodes { projects(first: 3) { nodes { id } } } } } }`,
			map[string]int{"proportal.portfolio": 1, "proportal.groups": 1, "proportal.groupCustomers": groups, "solos.filterProjects": 1},
		},
		{
			"a variable and a literal", `query ($three: Int! = 3) { a: portfolio(first: 3) { nodes { projects(first: $three) { nodes { id } } } }
				b: tasks(first: 5) { nodes { customer { projects(first: 3) { nodes { id } } } } } }`,
			map[string]int{"proportal.portfolio": 1, "proportal.tasks": 3, "solos.filterProjects": 1},
		},
		{
			"other arguments", `{ a: portfolio(first: 3) { nodes { projects(first: 3) { nodes { id } } } }
				b: tasks(first: 5) { nodes { customer { projects(first: 3, deleted: true) { nodes { id } } } } } }`,
			map[string]int{"proportal.portfolio": 1, "proportal.tasks": 3, "solos.filterProjects": 2},
		},
		{
			"below one another", `{ a: portfolio(first: 3) { nodes { projects(first: 1) { nodes { customer { projects(first: 1) { nodes { id } } } } } } }
				b: portfolio(first: 4) { nodes { projects(first: 1) { nodes { customer { projects(first: 1) { nodes { id } } } } } } } }`,
			map[string]int{"proportal.portfolio": 1, "solos.filterProjects": 1}, // the same page
		},
		{
			"a branch that stays empty", `{ a: portfolio(first: 3) { nodes { tasks(status: PLANNED) { nodes { id } } } }
				b: project(id: 999999) { customer { tasks(status: PLANNED) { nodes { id } } } } }`,
			map[string]int{"proportal.portfolio": 1, "solos.project": 1, "proportal.tasks": 1},
		},
		{
			"the count beside a page", `{ a: portfolio { totalCount } b: portfolio(first: 5) { nodes { name } } }`,
			map[string]int{"proportal.portfolio": 1},
		},
		{
			"the count beside a large page", `{ a: portfolio { totalCount } b: portfolio(first: 100) { nodes { name } } }`,
			map[string]int{"proportal.portfolio": 1},
		},
		{
			"the count beside a later page",
			fmt.Sprintf(`{ a: portfolio { totalCount } b: portfolio(first: 30, after: %q) { nodes { name } } }`, model.OffsetCursor(model.PortfolioScope(""), 59)),
			map[string]int{"proportal.portfolio": 1},
		},
		{
			"the count beside a page of some", `{ a: portfolio { totalCount } b: portfolio(first: 100, tasks: PLANNED) { nodes { name } } }`,
			map[string]int{"proportal.portfolio": 1, "proportal.portfolioCount": 1},
		},
		{
			"one customer's projects in pages of two sizes and on a timeline", `{ customer(id: 4007195) { a: projects(first: 2) { nodes { name } }
				b: projects(first: 5) { nodes { name } } timeline(first: 1) { missing } } }`,
			map[string]int{"proportal.customer": 1, "proportal.customerTasks": 1, "solos.filterProjects": 1, "solos.actions": timelineProjects, "solos.payments": timelineProjects},
		},
		{
			"projects of customers by their ids", `{ a: customer(id: 4007190) { name projects { nodes { id } } }
				b: node(id: "Q3VzdG9tZXI6NDAwNzE5NQ") { ... on Customer { name projects(first: 20) { nodes { id } } } } }`,
			map[string]int{"proportal.customer": 2, "solos.filterProjects": 1},
		},
		{
			"tasks of customers by their ids", `{ a: customer(id: 4007190) { tasks { totalCount } } b: customer(id: 4007195) { tasks { totalCount } }
				c: customer(id: 4007200) { tasks { totalCount } } d: customer(id: 4007128) { tasks { totalCount } } }`,
			map[string]int{"proportal.customer": 4, "proportal.tasks": 3},
		},
		{
			"some tasks and all of few customers", `{ portfolio(first: 2) { nodes { tasks(status: PLANNED) { totalCount } lastTask { id } } } }`,
			map[string]int{"proportal.portfolio": 1, "proportal.customerTasks": 2},
		},
		{
			"tasks of each status of few customers", `{ portfolio(first: 2) { nodes { a: tasks(status: PLANNED) { totalCount }
				b: tasks(status: OVERDUE) { totalCount } c: tasks(status: COMPLETED) { totalCount } } } }`,
			map[string]int{"proportal.portfolio": 1, "proportal.customerTasks": 2},
		},
		{
			"a list that is there and all tasks of few customers", `{ tasks(status: PLANNED) { totalCount } portfolio(first: 3) { nodes { tasks { totalCount } } } }`,
			map[string]int{"proportal.portfolio": 1, "proportal.tasks": 3},
		},
		{
			"payments and actions of projects that are on a timeline", `{ customer(id: 4007195) { timeline(first: 5) { nodes { ... on Payment { project { actions(first: 3) { nodes { id } } } } } }
				projects { nodes { payments(first: 2) { nodes { id } } actions { totalCount } } } } }`,
			map[string]int{"proportal.customer": 1, "proportal.customerTasks": 1, "solos.filterProjects": 1, "solos.actions": timelineProjects, "solos.payments": timelineProjects},
		},
		{
			"a page of a list", `{ groups { customers(first: 1) { nodes { card { inn } } } } }`,
			map[string]int{"proportal.groups": 1, "proportal.groupCustomers": groups, "proportal.customer": heads},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{})
			got := w.ask(t, test.query, nil)
			if len(got.Errors) != 0 {
				t.Fatalf("errors: %+v", got.Errors)
			}
			if diff := cmp.Diff(test.want, w.crms.Calls()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			w.checkPlan(t, test.query, got)
		})
	}
}

// activeGroups returns how many groups the first manager sees, and how many different
// customers come first in one.
func activeGroups(t *testing.T) (groups, heads int) {
	t.Helper()
	got := newWorld(t, sandbox.Options{}).ask(t, `{ groups { customers(first: 1) { nodes { id } } } }`, nil)
	var data struct {
		Groups []struct {
			Customers struct{ Nodes []struct{ ID string } }
		}
	}
	if err := json.Unmarshal(got.Data, &data); err != nil {
		t.Fatal(err)
	}
	first := map[string]bool{}
	for _, group := range data.Groups {
		for _, customer := range group.Customers.Nodes {
			first[customer.ID] = true
		}
	}
	return len(data.Groups), len(first)
}

// A branch whose CRM fails holds up no other that waits to share a batch with it.
func TestJoinedWithFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, smallWorld())
	w.crms.SetFault("proportal.groups", sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusBadGateway})
	got := w.ask(t, `{ groups { customers { nodes { projects { nodes { id } } } } }
		portfolio(first: 2) { nodes { projects { totalCount } same: projects { nodes { id } } } } }`, nil)
	if len(got.Errors) != 1 || !cmp.Equal(got.Errors[0].Path, []any{"groups"}) {
		t.Errorf("errors: got %+v, want one at groups", got.Errors)
	}
	if calls := w.crms.Calls()["solos.filterProjects"]; calls != 1 {
		t.Errorf("filter calls: got %d, want 1", calls)
	}
}

// What an id in the operation leads on to is asked for at the same time as the object.
func TestSpeculation(t *testing.T) {
	t.Parallel()
	const latency = 300 * time.Millisecond
	probe := newWorld(t, smallWorld()).crms
	project := firstProjectWithCustomer(t, probe)
	customer := *project.CustomerID
	parts := `name steps { id } actions { nodes { id } } payments { nodes { id } } goods { id } checklists { id }`
	node := func(kind model.NodeType, number uint64) string {
		return model.NodeID{Type: kind, Number: number}.String()
	}
	of := map[string]int{"solos.project": 1, "solos.steps": 1, "solos.actions": 1, "solos.payments": 1, "solos.goods": 1, "solos.checklists": 1}
	tests := []struct {
		name, query string
		want        map[string]int // all in one round
	}{
		{"project", fmt.Sprintf(`{ project(id: %d) { %s } }`, project.ID, parts), of},
		{"project by variable", fmt.Sprintf(`query ($id: ID! = "%d") { p: project(id: $id) { ...P } } fragment P on Project { %s }`, project.ID, parts), of},
		{"node", fmt.Sprintf(`{ node(id: %q) { id ... on Project { %s } ... on Customer { card { inn } } } }`, node(model.ProjectNode, project.ID), parts), of},
		{
			"customer", fmt.Sprintf(`{ customer(id: %d) { name card { inn } tasks { nodes { id } } projects { nodes { id } } } }`, customer),
			map[string]int{"proportal.customer": 1, "proportal.customerTasks": 1, "solos.filterProjects": 1},
		},
		{
			"group", fmt.Sprintf(`{ group(id: %d) { name customers { nodes { id } } } }`, probe.Data().Managers[0].Groups[0].ID),
			map[string]int{"proportal.group": 1, "proportal.groupCustomers": 1},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := smallWorld()
			opts.Latency = latency
			w := newWorld(t, opts)
			if got := w.ask(t, test.query, nil); len(got.Errors) != 0 {
				t.Fatalf("errors: %+v", got.Errors)
			}
			if diff := cmp.Diff(test.want, w.crms.Calls()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			requests := w.crms.Requests()
			arrived := func(a, b sandbox.Request) int { return a.At.Compare(b.At) }
			first, last := slices.MinFunc(requests, arrived), slices.MaxFunc(requests, arrived)
			if took := last.At.Sub(first.At); took >= latency {
				t.Errorf("%s came %v after %s: not before that was answered", last.Call, took, first.Call)
			}
		})
	}
}

// Where the object does not exist, or its id is none, what was asked for in advance is
// dropped, errors and all.
func TestSpeculationInVain(t *testing.T) {
	t.Parallel()
	pair := newTwins(t, smallWorld(), upstream.CallerOptions{})
	pair.crms.SetFault("solos.steps", sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusBadGateway})
	for _, query := range []string{
		`{ project(id: 999999) { steps { id } actions(date: "no day") { nodes { id } } } }`,
		`{ project(id: "no id") { steps { id } } }`,
		`{ customer(id: 999999) { timeline { missing } tasks { nodes { id } } } }`,
		`{ node(id: "no id") { ... on Project { steps { id } } } }`,
	} {
		pair.compare(t, query, nil)
	}
}

// Customers of whom different things are asked are looked up apart: for whom a number is
// enough, nobody is called.
func TestJoinedByNeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	got := w.ask(t, `{ tasks(status: COMPLETED, first: 2) { nodes { customer { card { inn } } } }
		taskBoard { overdue { customer { databaseId } } planned { customer { name } } } }`, nil)
	if len(got.Errors) != 0 {
		t.Fatalf("errors: %+v", got.Errors)
	}
	want := map[string]int{"proportal.tasks": 1, "proportal.taskBoard": 1, "proportal.customer": 2}
	if diff := cmp.Diff(want, w.crms.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// projectsOf returns how many projects a customer has that are not deleted.
func projectsOf(t *testing.T, customer int64) int {
	t.Helper()
	count := 0
	for _, project := range startSandbox(t, sandbox.Options{}).Data().Projects {
		if project.CustomerID != nil && *project.CustomerID == customer && !project.Deleted {
			count++
		}
	}
	return count
}
