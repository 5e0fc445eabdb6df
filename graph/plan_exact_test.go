package graph_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/graph"
	"crmgraph/upstream/sandbox"
)

// fullWorld has at least n projects for each customer, and tasks for many.
func fullWorld(customers, n int) sandbox.Options {
	return sandbox.Options{
		Customers: customers, Tasks: 5 * customers, Projects: n * customers,
		Mutate: func(data *sandbox.Data) {
			manager := data.Managers[0]
			for i, project := range data.Projects {
				id := manager.Customers[i%len(manager.Customers)].ID
				project.CustomerID, project.Deleted = &id, false
				project.Fields[0].Value = id
			}
		},
	}
}

// Where every list is as full as its page, an operation makes exactly the calls of its plan.
func TestPlansAreExactWhereListsAreFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fullWorld(60, 3))
	queries := append(measuredQueries(),
		roundQuery{name: "pages of parts", text: `{ projects(first: 40) { nodes { goods { name } checklists { name } actions(first: 3) { nodes { text } } } } }`},
		roundQuery{name: "cards", text: `{ portfolio(first: 50) { nodes { card { inn } } } }`},
		roundQuery{name: "aliases", text: `{ a: portfolio(first: 20) { nodes { projects(first: 2) { nodes { steps { name } } } } }
			b: portfolio(first: 50) { nodes { tasks(status: PLANNED) { nodes { id } } } } }`},
	)
	for _, query := range queries {
		w.crms.Reset()
		got := w.ask(t, query.text, nil)
		if len(got.Errors) != 0 {
			t.Fatalf("%s: %+v", query.name, got.Errors)
		}
		cost := got.Extensions.Cost
		if diff := cmp.Diff(cost.Estimated, cost.Actual); diff != "" {
			t.Errorf("%s (-estimated +actual):\n%s\nreceived %v", query.name, diff, w.crms.Calls())
		}
		w.checkPlan(t, query.text, got)
	}
}

// The dashboard of n customers with three projects each takes one call for the portfolio,
// three for tasks, one for projects, and two a project.
func TestCallsGrowWithTheirListsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fullWorld(100, 3))
	for _, n := range []int{10, 100} {
		w.crms.Reset()
		got := w.ask(t, `query($n: Int!) { portfolio(first: $n) { nodes { tasks(first: 5) { nodes { id } }
			projects(first: 3) { nodes { steps { id } payments(first: 5) { nodes { id } } } } } } }`, map[string]any{"n": n})
		if len(got.Errors) != 0 {
			t.Fatal(got.Errors)
		}
		want := map[string]int{
			"proportal.portfolio": 1, "proportal.tasks": 3, "solos.filterProjects": 1,
			"solos.steps": 3 * n, "solos.payments": 3 * n,
		}
		if diff := cmp.Diff(want, w.crms.Calls()); diff != "" {
			t.Errorf("%d customers: calls (-want +got):\n%s", n, diff)
		}
	}
}

// Where a page has fewer customers than it could, what is asked of them is still no more than was planned.
func TestFewCustomersKeepToThePlanForMany(t *testing.T) {
	t.Parallel()
	const known = `{ customer(id: 4007190) { tasks { totalCount } } }` // that the endpoint is there
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		for customers := 1; customers <= 4; customers++ {
			w := newWorld(t, sandbox.Options{Dialect: dialect, Customers: customers, Groups: 1, Tasks: 20, Projects: 4})
			w.ask(t, known, nil)
			for _, test := range []struct {
				query string
				most  int // calls for tasks
			}{
				{`{ portfolio { nodes { tasks(status: PLANNED) { totalCount } all: tasks { totalCount } } } }`, min(customers, 3)},
				{`{ portfolio { nodes { tasks(status: PLANNED) { totalCount } lastTask { id } } } }`, min(customers, 3)},
				{`{ portfolio { nodes { tasks(status: PLANNED) { totalCount } lastTask { customer { tasks { totalCount } } } } } }`, 3},
			} {
				w.crms.Reset()
				got := w.ask(t, test.query, nil)
				if len(got.Errors) != 0 {
					t.Fatal(got.Errors)
				}
				w.checkPlan(t, test.query, got)
				if calls := w.crms.Calls(); calls["proportal.tasks"]+calls["proportal.customerTasks"] > test.most {
					t.Errorf("%s %d customers: %s\ncalls: %v", dialect, customers, test.query, calls)
				}
			}
		}
	}
}

// So it is where the tasks of one of them were asked for already, as it is another path's customer, too.
func TestFewCustomersOfSeveralPathsKeepToThePlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{Customers: 4, Groups: 1, Tasks: 20, Projects: 6})
	w.ask(t, `{ customer(id: 4007190) { tasks { totalCount } } }`, nil) // that the endpoint is there
	for _, query := range []string{
		`{ tasks(status: PLANNED) { totalCount } projects(first: 1) { nodes { customer { lastTask { customer { tasks { totalCount } } } } } }
			portfolio(first: 3) { nodes { lastTask { id } tasks(status: OVERDUE) { totalCount } } } }`,
		`{ customer(id: 4007190) { tasks { totalCount } } projects(first: 3) { nodes { customer { tasks(status: PLANNED) { totalCount } } } }
			portfolio(first: 3) { nodes { tasks(status: OVERDUE) { totalCount } all: tasks { totalCount } } } }`,
	} {
		w.crms.Reset()
		got := w.ask(t, query, nil)
		if len(got.Errors) != 0 {
			t.Fatal(got.Errors)
		}
		w.checkPlan(t, query, got)
	}
}

// A thousand customers in twelve groups take as many calls for tasks and projects as one.
func TestAThousandCustomersShareTheirCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{Customers: 1000, Groups: 12, Tasks: 3000, Projects: 300})
	got := w.ask(t, `{ groups { customers(first: 100) { nodes { name tasks(first: 2) { nodes { id } } projects(first: 2) { nodes { id } } } } } }`, nil)
	if len(got.Errors) != 0 {
		t.Fatal(got.Errors)
	}
	calls := w.crms.Calls()
	want := map[string]int{
		"proportal.groups": 1, "proportal.groupCustomers": calls["proportal.groupCustomers"],
		"proportal.tasks": 3, "solos.filterProjects": 1,
	}
	if diff := cmp.Diff(want, calls); diff != "" || calls["proportal.groupCustomers"] < 10 || calls["proportal.groupCustomers"] > 12 {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// Whichever endpoint the same facts come from, they are the same.
func TestEndpointsAgree(t *testing.T) {
	t.Parallel()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		for _, documentedOnly := range []bool{false, true} {
			t.Run(fmt.Sprint(dialect, " documented only ", documentedOnly), func(t *testing.T) {
				t.Parallel()
				crms := startSandbox(t, sandbox.Options{Dialect: dialect, DocumentedOnly: documentedOnly})
				// Each query is answered by a graph that knows nothing of the installation yet.
				from := func(query string, path ...any) any {
					t.Helper()
					got := newWorldOn(t, crms).ask(t, query, nil)
					if len(got.Errors) != 0 {
						t.Fatalf("%s: %+v", query, got.Errors)
					}
					return look(t, dataOf(t, got), path...)
				}
				const customer = `{ id name industry valuation revenue { amount period } lastActivity { result at } lastTask { id } }`
				row := from(`{ portfolio(first: 2) { nodes `+customer+` } }`, "portfolio", "nodes", 1.0)
				id := look(t, row, "id")
				agree(t, "customer", row, map[string]any{
					"by its id":      from(fmt.Sprintf(`{ customer(id: %q) %s }`, id, customer), "customer"),
					"among nodes":    from(fmt.Sprintf(`{ nodes(ids: [%q, "Q3VzdG9tZXI6NDAwNzE5MA", "Q3VzdG9tZXI6MQ"]) { ... on Customer %s } }`, id, customer), "nodes", 0.0),
					"with its card":  without(t, from(fmt.Sprintf(`{ customer(id: %q) { card { inn } %s }`, id, customer[1:]), "customer"), "card"),
					"of its tasks":   from(fmt.Sprintf(`{ customer(id: %q) { tasks(first: 1) { nodes { customer %s } } } }`, id, customer), "customer", "tasks", "nodes", 0.0, "customer"),
					"of its project": from(fmt.Sprintf(`{ customer(id: %q) { projects(first: 1) { nodes { customer %s } } } }`, id, customer), "customer", "projects", "nodes", 0.0, "customer"),
				})
				const task = `{ totalCount nodes { id status type startsAt createdAt comment result { code userId } customer { id } } }`
				tasks := from(`{ portfolio(first: 2) { nodes { tasks `+task+` } } }`, "portfolio", "nodes", 1.0, "tasks")
				agree(t, "tasks", tasks, map[string]any{
					"of one customer":   from(fmt.Sprintf(`{ customer(id: %q) { tasks %s } }`, id, task), "customer", "tasks"),
					"of many customers": from(`{ portfolio(first: 20) { nodes { tasks `+task+` } } }`, "portfolio", "nodes", 1.0, "tasks"),
					"beside the lists":  from(fmt.Sprintf(`{ tasks(first: 1) { totalCount } customer(id: %q) { tasks %s } }`, id, task), "customer", "tasks"),
				})
				const project = `{ id name price createdAt stepId fields { name value } participants { userIds groupIds } customer { id } }`
				listed := from(`{ projects(first: 1) { nodes `+project+` } }`, "projects", "nodes", 0.0)
				number := look(t, listed, "id")
				agree(t, "project", listed, map[string]any{
					"by its id":       from(fmt.Sprintf(`{ project(id: %q) %s }`, number, project), "project"),
					"by a filter":     from(`{ projects(first: 1, filter: {}) { nodes `+project+` } }`, "projects", "nodes", 0.0),
					"of its customer": from(fmt.Sprintf(`{ customer(id: %q) { projects(first: 1) { nodes %s } } }`, look(t, listed, "customer", "id"), project), "customer", "projects", "nodes", 0.0),
				})
			})
		}
	}
}

func agree(t *testing.T, what string, want any, others map[string]any) {
	t.Helper()
	for name, got := range others {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", what, name, diff)
		}
	}
}

func without(t *testing.T, object any, field string) any {
	t.Helper()
	delete(object.(map[string]any), field)
	return object
}

func TestLimitsAreTheDefaultOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{}, limitedTo(graph.Limits{}))
	got := w.ask(t, `{ projects(first: 100) { nodes { steps { id } goods { id } checklists { id } payments { nodes { id } } } } }`, nil)
	if len(got.Errors) != 1 || got.Errors[0].Extensions["limit"] != float64(graph.DefaultMaxCalls) || got.Errors[0].Extensions["estimated"] != 401.0 {
		t.Errorf("got %+v, want a refusal of 401 calls where %d are allowed", got.Errors, graph.DefaultMaxCalls)
	}
}
