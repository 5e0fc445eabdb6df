package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/graph"
	"crmgraph/upstream"
	"crmgraph/upstream/sandbox"
)

// refusal is what a client is told of an argument that cannot be.
type refusal struct {
	Path []any
	Code any
}

func refusals(errs []answerError) []refusal {
	var out []refusal
	for _, e := range errs {
		out = append(out, refusal{Path: e.Path, Code: e.Extensions["code"]})
	}
	return out
}

// badField is a field that refuses arguments.
type badField struct {
	path  string // dotted
	query string // with %s for the field's arguments
	call  string // the upstream call it makes when it does not
}

func badFields() []badField {
	return []badField{
		{"portfolio", "{ portfolio(%s) { totalCount nodes { id } } }", "proportal.portfolio"},
		{"tasks", "{ tasks(%s) { totalCount } }", "proportal.tasks"},
		{"projects", "{ projects(%s) { totalCount } }", "solos.projects"},
		{"group.customers", `{ group(id: "283") { customers(%s) { totalCount } } }`, "proportal.groupCustomers"},
		{"customer.tasks", `{ customer(id: "4007190") { tasks(%s) { totalCount } } }`, "proportal.customerTasks"},
		{"customer.projects", `{ customer(id: "4007190") { projects(%s) { totalCount } } }`, "solos.filterProjects"},
		{"customer.timeline", `{ customer(id: "4007190") { timeline(%s) { totalCount } } }`, "solos.filterProjects"},
		{"project.actions", `{ project(id: "1") { actions(%s) { totalCount } } }`, "solos.actions"},
		{"project.payments", `{ project(id: "1") { payments(%s) { totalCount } } }`, "solos.payments"},
	}
}

// Pages that cannot be are refused where they were asked for, and cost no call.
func TestBadPages(t *testing.T) {
	t.Parallel()
	crms := startSandbox(t, sandbox.Options{})
	w := newWorldOn(t, crms)
	arguments := []string{
		"first: 0", "first: -1", "first: 101", "first: 2147483647",
		`after: ""`, `after: "!"`, `after: "AAAA"`, `after: "bzEyMw"`, `after: "MQ=="`, `after: "20"`,
	}
	for _, field := range badFields() {
		for _, arguments := range arguments {
			w.checkRefused(t, fmt.Sprintf(field.query, arguments), nil, field.path, field.call)
		}
	}
}

// What is wrong with a page is told whatever it would cost, and however its size is written; what stands beside it is answered.
func TestBadPagesAreNotTooExpensive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{}, limitedTo(graph.Limits{Calls: 5}))
	const parts = "{ nodes { steps { id } goods { id } checklists { id } payments { totalCount } } }"
	for _, test := range []struct{ query, path string }{
		{"{ projects(first: %s) " + parts + " }", "projects"},
		{`{ customer(id: "4007190") { projects(first: %s) ` + parts + " } }", "customer.projects"},
		{"{ portfolio(first: 2) { nodes { projects(first: %s) " + parts + " } } }", "portfolio.nodes.0.projects"},
	} {
		for _, size := range []int{101, 100_000, 1 << 40, 0, -1} {
			for name, got := range map[string]answer{
				"literal":       w.ask(t, fmt.Sprintf(test.query, fmt.Sprint(size)), nil),
				"variable":      w.ask(t, "query ($first: Int!) "+fmt.Sprintf(test.query, "$first"), map[string]any{"first": size}),
				"default":       w.ask(t, fmt.Sprintf("query ($first: Int! = %d) ", size)+fmt.Sprintf(test.query, "$first"), nil),
				"text variable": w.ask(t, "query ($first: Int!) "+fmt.Sprintf(test.query, "$first"), map[string]any{"first": fmt.Sprint(size)}),
			} {
				if len(got.Errors) == 0 {
					t.Errorf("%s of %d in %s: got %s, want an error", name, size, test.query, got.Data)
					continue
				}
				path := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(got.Errors[0].Path), "[]")), ".")
				if code := got.Errors[0].Extensions["code"]; code != "BAD_USER_INPUT" || path != test.path {
					t.Errorf("%s of %d in %s: got %v at %s, want BAD_USER_INPUT at %s", name, size, test.query, code, path, test.path)
				}
			}
		}
	}
}

// A cursor is good for the very list it came from: same field, parent, filter and order.
func TestForeignCursors(t *testing.T) {
	t.Parallel()
	crms := startSandbox(t, sandbox.Options{})
	w := newWorldOn(t, crms)
	cursorOf := func(query string) string {
		got := w.ask(t, query, nil)
		tree, err := readTree(got.Data)
		if err != nil || len(got.Errors) != 0 {
			t.Fatalf("%s: %v, errors %+v", query, err, got.Errors)
		}
		return endCursor(tree)
	}
	const end = "{ pageInfo { endCursor } }"
	lists := []struct{ path, query, call string }{
		{"portfolio", "portfolio(first: 2 %s)", "proportal.portfolio"},
		{"portfolio", "portfolio(tasks: PLANNED first: 2 %s)", "proportal.portfolio"},
		{"portfolio", "portfolio(tasks: OVERDUE first: 2 %s)", "proportal.portfolio"},
		{"tasks", "tasks(first: 2 %s)", "proportal.tasks"},
		{"tasks", "tasks(status: PLANNED first: 2 %s)", "proportal.tasks"},
		{"group.customers", `group(id: "283") { customers(first: 2 %s)`, "proportal.groupCustomers"},
		{"group.customers", `group(id: "129") { customers(first: 2 %s)`, "proportal.groupCustomers"},
		{"group.customers", `group(id: "283") { customers(status: PLANNED first: 2 %s)`, "proportal.groupCustomers"},
		{"customer.tasks", `customer(id: "4007337") { tasks(first: 2 %s)`, "proportal.customerTasks"},
		{"customer.tasks", `customer(id: "4007273") { tasks(first: 2 %s)`, "proportal.customerTasks"},
		{"customer.tasks", `customer(id: "4007337") { tasks(status: PLANNED first: 2 %s)`, "proportal.customerTasks"},
		{"customer.projects", `customer(id: "4007190") { projects(first: 2 %s)`, "solos.filterProjects"},
		{"customer.projects", `customer(id: "4007237") { projects(first: 2 %s)`, "solos.filterProjects"},
		{"customer.projects", `customer(id: "4007190") { projects(filter: {having: ACTIONS} first: 2 %s)`, "solos.filterProjects"},
		{"customer.timeline", `customer(id: "4007190") { timeline(first: 2 %s)`, "solos.filterProjects"},
		{"customer.timeline", `customer(id: "4007237") { timeline(first: 2 %s)`, "solos.filterProjects"},
		{"projects", "projects(first: 2 %s)", "solos.projects"},
		{"projects", "projects(filter: {having: ACTIONS} first: 2 %s)", "solos.filterProjects"},
		{"projects", "projects(filter: {having: GOODS} first: 2 %s)", "solos.filterProjects"},
		{"projects", "projects(orderBy: {field: NAME} first: 2 %s)", "solos.projects"},
		{"projects", "projects(orderBy: {field: NAME, direction: DESC} first: 2 %s)", "solos.projects"},
		{"projects", "projects(deleted: true first: 2 %s)", "solos.projects"},
		{"project.actions", `project(id: "1") { actions(first: 2 %s)`, "solos.actions"},
		{"project.actions", `project(id: "3") { actions(first: 2 %s)`, "solos.actions"},
		{"project.actions", `project(id: "1") { actions(typeIds: [1] first: 2 %s)`, "solos.actions"},
		{"project.payments", `project(id: "1") { payments(first: 2 %s)`, "solos.payments"},
		{"project.payments", `project(id: "1") { payments(type: RECEIPT first: 2 %s)`, "solos.payments"},
	}
	query := func(list, argument string) string {
		closing := strings.Repeat("}", strings.Count(list, " { "))
		return "{ " + fmt.Sprintf(list, argument) + end + closing + " }"
	}
	cursors := map[string]string{}
	for _, list := range lists {
		cursor := cursorOf(query(list.query, ""))
		if cursor == "" {
			t.Fatalf("no cursor from %s", list.query)
		}
		for other, taken := range cursors {
			if cursor == taken {
				t.Errorf("%s and %s have the same cursor", list.query, other)
			}
		}
		cursors[list.query] = cursor
	}
	for _, list := range lists {
		for from, cursor := range cursors {
			if from == list.query {
				continue
			}
			w.checkRefused(t, query(list.query, fmt.Sprintf("after: %q", cursor)), nil, list.path, list.call)
		}
		// A cursor that was cut or added to is none of the list's either.
		own := cursors[list.query]
		for _, broken := range []string{own + "A", own[:len(own)-1], "A" + own, own + "="} {
			w.checkRefused(t, query(list.query, fmt.Sprintf("after: %q", broken)), nil, list.path, list.call)
		}
	}
}

// Ids are the graph's own of the right type or, where an argument allows it, the CRM's number.
func TestBadIDs(t *testing.T) {
	t.Parallel()
	crms := startSandbox(t, sandbox.Options{})
	w := newWorldOn(t, crms)
	nonsense := []string{
		"", " ", "0", "-1", "+1", "007", "1.5", "1e3", "abc", "18446744073709551616", "4007190 ", "4007190\n", "１",
		nodeID("Customer", "x"), nodeID("Customer", 0), nodeID("Customer", -1), nodeID("Customer", "01"), nodeID("Customer", 1, 2), nodeID("Customer"),
		nodeID("Nobody", 1), nodeID("customer", 1), nodeID("Step", 1), nodeID("Step", 0, 1), nodeID("Viewer", 2), nodeID("Customer", 4007190) + "=",
	}
	types := []string{"Group", "Customer", "Task", "Project", "Action"}
	for field, typ := range map[string]string{"group": "Group", "customer": "Customer", "task": "Task", "project": "Project", "action": "Action"} {
		bad := slices.Clone(nonsense)
		for _, other := range types {
			if other != typ {
				bad = append(bad, nodeID(other, 1))
			}
		}
		bad = append(bad, nodeID("Payment", 3, 878))
		if typ != "Project" && typ != "Action" {
			bad = append(bad, "9223372036854775808", nodeID(typ, "9223372036854775808"))
		}
		for _, id := range bad {
			w.checkRefused(t, fmt.Sprintf("query ($id: ID!) { %s(id: $id) { id } }", field), map[string]any{"id": id}, field, "")
		}
	}
	for _, id := range append([]string{"4007190"}, nonsense...) {
		w.checkRefused(t, "query ($id: ID!) { node(id: $id) { id } }", map[string]any{"id": id}, "node", "")
	}
	parts := []badField{
		{"project.actions", `query ($id: ID!) { project(id: "1") { actions(id: $id) { totalCount } } }`, "solos.actions"},
		{"project.actions", `query ($id: ID!) { project(id: "1") { actions(typeIds: [1, $id]) { totalCount } } }`, "solos.actions"},
		{"project.payments", `query ($id: ID!) { project(id: "1") { payments(id: $id) { totalCount } } }`, "solos.payments"},
		{"project.steps", `query ($id: ID!) { project(id: "1") { steps(stepIds: [$id]) { id } } }`, "solos.steps"},
		{"projects", "query ($id: ID!) { projects(filter: {stepIds: [$id]}) { totalCount } }", "solos.filterProjects"},
		{"projects", "query ($id: ID!) { projects(filter: {goodIds: [1, $id]}) { totalCount } }", "solos.filterProjects"},
	}
	for _, part := range parts {
		for _, id := range append([]string{nodeID("Task", 1), nodeID("Good", 1, 1)}, nonsense...) {
			w.checkRefused(t, part.query, map[string]any{"id": id}, part.path, part.call)
		}
	}
}

// What is no id is null in its place, with an error there, and keeps nobody from the others.
func TestBadNodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	project := nodeID("Project", 3)
	w.crms.Reset()
	ids := []string{
		"x", project, "", "3", nodeID("Viewer", 2), nodeID("Task", "9223372036854775808"), nodeID("Project", "18446744073709551616"),
		nodeID("Step", 1), project, nodeID("Project", 999999), nodeID("Customer", 4007190),
	}
	got := w.ask(t, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", map[string]any{"ids": ids})
	found := fmt.Sprintf(`{"id":%q}`, project)
	data := `{"nodes":[null,` + found + `,null,null,null,null,null,null,` + found + `,null,` + fmt.Sprintf(`{"id":%q}`, ids[10]) + `]}`
	if diff := cmp.Diff(data, string(got.Data)); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	var want []refusal
	for _, i := range []int{0, 2, 3, 4, 5, 6, 7} {
		want = append(want, refusal{Path: []any{"nodes", float64(i)}, Code: "BAD_USER_INPUT"})
	}
	if diff := cmp.Diff(want, refusals(got.Errors)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"solos.project": 2, "proportal.customer": 1}, w.crms.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// Too many ids are too many altogether. The list is not nullable, so that this leaves no data.
func TestTooManyNodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	many := slices.Repeat([]string{nodeID("Project", 3)}, 101)
	w.crms.Reset()
	got := w.ask(t, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", map[string]any{"ids": many})
	want := []refusal{{Path: []any{"nodes"}, Code: "BAD_USER_INPUT"}}
	if diff := cmp.Diff(want, refusals(got.Errors)); diff != "" || string(got.Data) != "null" {
		t.Errorf("data %s, errors (-want +got):\n%s", got.Data, diff)
	}
	if diff := cmp.Diff(map[string]int{}, w.crms.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	got = w.ask(t, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", map[string]any{"ids": many[:100]})
	if diff := cmp.Diff(map[string]int{"solos.project": 1}, w.crms.Calls()); diff != "" || len(got.Errors) != 0 {
		t.Errorf("a hundred ids: errors %+v, calls (-want +got):\n%s", got.Errors, diff)
	}
}

// Filters and orders that cannot be.
func TestBadProjectQueries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	for _, arguments := range []string{
		"orderBy: {}",
		`orderBy: {field: ID, fieldName: "source"}`,
		`orderBy: {fieldName: ""}`,
		`filter: {fields: [{name: "", value: 1}]}`,
		`filter: {fields: [{name: "source", value: {a: 1}}]}`,
		`filter: {fields: [{name: "source", value: ["a", null]}]}`,
		`filter: {fields: [{name: "source", value: ["a", {a: 1}]}]}`,
		`filter: {fields: [{name: "source", value: [["a"]]}]}`,
		`filter: {fields: [{name: "source", value: "a"}, {name: "client_id", value: 1}, {name: "source", value: "b"}]}`,
		`filter: {condition: OR, fields: [{name: "source", value: "a"}, {name: "source", value: "a"}]}`,
		`filter: {created: {from: "2026-02-01", to: "2026-01-31"}}`,
	} {
		for _, field := range []badField{
			{"projects", "{ projects(%s) { totalCount } }", "solos.filterProjects"},
			{"customer.projects", `{ customer(id: "4007190") { projects(%s) { totalCount } } }`, "solos.filterProjects"},
		} {
			w.checkRefused(t, fmt.Sprintf(field.query, arguments), nil, field.path, field.call)
		}
	}
	// Which dynamic fields there are, solOS alone knows.
	got := w.ask(t, `{ projects(orderBy: {fieldName: "no_such_field"}) { totalCount } }`, nil)
	want := []refusal{{Path: []any{"projects"}, Code: "BAD_USER_INPUT"}}
	if diff := cmp.Diff(want, refusals(got.Errors)); diff != "" {
		t.Errorf("an unknown field: errors (-want +got):\n%s", diff)
	}
}

// checkRefused expects null and BAD_USER_INPUT at a path, and no call for it.
func (w *world) checkRefused(t *testing.T, query string, variables map[string]any, path, call string) {
	t.Helper()
	w.crms.Reset()
	got := w.ask(t, query, variables)
	about := fmt.Sprintf("%s %v", query, variables)
	var names []any
	for name := range strings.SplitSeq(path, ".") {
		names = append(names, name)
	}
	want := []refusal{{Path: names, Code: "BAD_USER_INPUT"}}
	if diff := cmp.Diff(want, refusals(got.Errors)); diff != "" {
		t.Errorf("%s: errors (-want +got):\n%s", about, diff)
		return
	}
	if about := got.Errors[0].Extensions["upstream"]; about != nil {
		t.Errorf("%s: got the error of a call, %v, where none was made", query, about)
	}
	var data any
	if err := json.Unmarshal(got.Data, &data); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data = data.(map[string]any)[name.(string)]
	}
	if data != nil {
		t.Errorf("%s: got %v, want null", about, data)
	}
	if calls := w.crms.Calls(); call == "" && len(calls) != 0 || calls[call] != 0 {
		t.Errorf("%s: calls %v", about, calls)
	}
}

// Any text can be looked for, and a list that is written out is one, too, where it has no elements.
func TestValuesOfDynamicFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	for _, value := range []string{`"{"`, `["{", "[null]"]`, "[]"} {
		got := w.ask(t, fmt.Sprintf(`{ projects(filter: {fields: [{name: "source", value: %s}]}) { totalCount } }`, value), nil)
		if string(got.Data) != `{"projects":{"totalCount":0}}` || len(got.Errors) != 0 {
			t.Errorf("%s: got %s and %+v, want no projects", value, got.Data, got.Errors)
		}
	}
}

// A list of numbers means any of its elements: where it has none, nothing is found, and nobody
// need be asked.
func TestListsOfNoNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	const page, none = "{ totalCount nodes { id } pageInfo { hasNextPage } }", `{"totalCount":0,"nodes":[],"pageInfo":{"hasNextPage":false}}`
	check := func(query, want string, calls map[string]int) {
		t.Helper()
		if strings.Contains(query, "$none") {
			query = "query ($none: [ID!]) " + query
		}
		w.check(t, query, map[string]any{"none": []string{}}, want, calls)
	}
	for _, list := range []string{
		"salesFunnelIds", "stepIds", "userIds", "groupIds", "currencyIds", "participantUserIds", "participantGroupIds", "actionTypeIds", "goodIds",
	} {
		for _, filter := range []string{"%s: []", "%s: $none, having: GOODS", "condition: OR, %s: [], created: null, fields: []"} {
			filter = fmt.Sprintf(filter, list)
			check(fmt.Sprintf("{ projects(filter: {%s}) %s }", filter, page), `{"projects":`+none+`}`, map[string]int{})
			check(fmt.Sprintf("{ customer(id: 4007190) { projects(filter: {%s}) %s } }", filter, page), `{"customer":{"projects":`+none+`}}`,
				map[string]int{"proportal.customer": 1})
		}
	}
	// Of conditions of which one has to hold, it is the one that does not.
	whole := w.ask(t, "{ projects(filter: {having: GOODS}) "+page+" }", nil)
	check("{ projects(filter: {condition: OR, having: GOODS, stepIds: []}) "+page+" }", string(whole.Data), map[string]int{"solos.filterProjects": 1})

	check("{ project(id: 1) { actions(typeIds: []) "+page+" steps(stepIds: $none) { id } } }", `{"project":{"actions":`+none+`,"steps":[]}}`,
		map[string]int{"solos.project": 1})
}

// A condition on the field that holds the customer means below a customer what it means for all projects.
func TestValuesOfTheCustomerField(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	of := func(number int64) int {
		count := 0
		for _, p := range w.crms.Data().Projects {
			if p.CustomerID != nil && *p.CustomerID == number && !p.Deleted {
				count++
			}
		}
		return count
	}
	const customer = 4007195
	if of(customer) == 0 {
		t.Fatal("the customer has no projects")
	}
	const query = `query ($v: JSON!) { customer(id: 4007195) { projects(filter: {fields: [{name: "client_id", value: $v}]}, first: 100) { nodes { id } } }
		projects(filter: {fields: [{name: "client_id", value: $v}]}, first: 100) { nodes { id } } }`
	for value, want := range map[string]int{
		"4007195": of(customer), `"4007195"`: of(customer), "[1, 4007195]": of(customer), `["4007195"]`: of(customer), "4007195.0": of(customer),
		"4007195.5": 0, "[4007195.9]": 0, `"4007195x"`: 0, "1": 0, "[]": 0,
	} {
		got := w.ask(t, query, map[string]any{"v": json.RawMessage(value)})
		data := dataOf(t, got)
		below := len(look(t, data, "customer", "projects", "nodes").([]any))
		all := len(look(t, data, "projects", "nodes").([]any))
		if below != want || all != want || len(got.Errors) > 0 {
			t.Errorf("%s: got %d projects of the customer and %d of all with errors %v, want %d", value, below, all, got.Errors, want)
		}
	}
}

// A payment's id names its project, too: in another one it finds nothing, and asks nobody.
func TestPaymentOfAnotherProject(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	project := w.crms.Data().Projects[0]
	number := project.Payments[0].ID
	for of, want := range map[int]int{int(project.ID): 1, int(project.ID) + 1: 0} {
		w.crms.Reset()
		got := w.ask(t, "query ($project: ID!, $id: ID!) { project(id: $project) { payments(id: $id) { totalCount nodes { databaseId } } } }",
			map[string]any{"project": fmt.Sprint(project.ID), "id": nodeID("Payment", of, number)})
		if count := look(t, dataOf(t, got), "project", "payments", "totalCount"); count != float64(want) || len(got.Errors) != 0 {
			t.Errorf("payment %d:%d: got %s and %+v, want %d payments", of, number, got.Data, got.Errors, want)
		}
		if calls := w.crms.Calls()["solos.payments"]; calls != want {
			t.Errorf("payment %d:%d: got %d calls, want %d", of, number, calls, want)
		}
	}
}

// The path of an error ends with the field that is null, as GraphQL has it; which of its arguments
// cannot be read is told apart.
func TestUnreadableArguments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	tests := map[string]struct{ path, argument string }{
		`{ a: projects(filter: {price: "x"}) { totalCount } }`:                                                 {"a", "filter.price"},
		`{ projects(filter: {created: {to: "2026-02-30"}}) { totalCount } }`:                                   {"projects", "filter.created.to"},
		`{ p: project(id: 1) { payments(date: "today") { totalCount } } }`:                                     {"p.payments", "date"},
		`{ projects(first: 1) { nodes { steps(date: "today") { id } } } }`:                                     {"projects.nodes.0.steps", "date"},
		`query ($day: Date = "today") { project(id: 1) { actions(date: $day) { totalCount } }}`:                {"project.actions", "date"},
		`{ portfolio(first: 0) { totalCount } }`:                                                               {"portfolio", "first"},
		`{ tasks(after: "x") { totalCount } }`:                                                                 {"tasks", "after"},
		`{ customer(id: 4007190) { timeline(first: 0) { totalCount } } }`:                                      {"customer.timeline", "first"},
		`{ customer(id: 4007190) { timeline(after: "x") { totalCount } } }`:                                    {"customer.timeline", "after"},
		`{ group(id: 0) { id } }`:                                                                              {"group", "id"},
		`{ customer(id: 0) { id } }`:                                                                           {"customer", "id"},
		`{ task(id: 0) { id } }`:                                                                               {"task", "id"},
		`{ project(id: 0) { id } }`:                                                                            {"project", "id"},
		`{ action(id: 0) { id } }`:                                                                             {"action", "id"},
		`{ node(id: 0) { id } }`:                                                                               {"node", "id"},
		`{ nodes(ids: ["UHJvamVjdDox", "x"]) { id } }`:                                                         {"nodes.1", "ids[1]"},
		`{ project(id: 1) { steps(stepIds: [0]) { id } } }`:                                                    {"project.steps", "stepIds[0]"},
		`{ project(id: 1) { actions(typeIds: [1, 0]) { totalCount } } }`:                                       {"project.actions", "typeIds[1]"},
		`{ project(id: 1) { actions(id: 0) { totalCount } } }`:                                                 {"project.actions", "id"},
		`{ project(id: 1) { payments(id: 0) { totalCount } } }`:                                                {"project.payments", "id"},
		`{ projects(filter: {stepIds: [1], goodIds: [1, "x"]}) { totalCount } }`:                               {"projects", "filter.goodIds[1]"},
		`{ projects(filter: {fields: [{name: "a", value: 1}, {name: "", value: 1}]}) { totalCount } }`:         {"projects", "filter.fields[1].name"},
		`{ projects(filter: {fields: [{name: "a", value: {b: 1}}]}) { totalCount } }`:                          {"projects", "filter.fields[0].value"},
		`{ projects(filter: {created: {from: "2026-02-01", to: "2026-01-31"}}) { totalCount } }`:               {"projects", "filter.created"},
		`{ projects(orderBy: {}) { totalCount } }`:                                                             {"projects", "orderBy"},
		`{ projects(orderBy: {fieldName: " "}) { totalCount } }`:                                               {"projects", "orderBy.fieldName"},
		`{ customer(id: 4007190) { projects(filter: {userIds: ["9007199254740993000000"]}) { totalCount } } }`: {"customer.projects", "filter.userIds[0]"},
	}
	for query, want := range tests {
		got := w.ask(t, query, nil)
		if len(got.Errors) != 1 {
			t.Errorf("%s: got %+v, want one error", query, got.Errors)
			continue
		}
		path := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(got.Errors[0].Path), "[]")), ".")
		if about := got.Errors[0].Extensions; path != want.path || about["argument"] != want.argument || about["code"] != "BAD_USER_INPUT" {
			t.Errorf("%s: got the path %s and %v, want %+v", query, path, about, want)
		}
	}
}

// An error tells where in the document its field stands, whatever is wrong: an argument, or an element of a list.
func TestErrorsTellLocations(t *testing.T) {
	t.Parallel()
	pair := newTwins(t, sandbox.Options{}, upstream.CallerOptions{})
	for query, column := range map[string]int{
		`{ viewer { id } nodes(ids: ["x"]) { id } }`:                                                        17,
		`{ viewer { id } project(id: "x") { id } }`:                                                         17,
		`{ viewer { id } projects(filter: {price: "x"}) { totalCount } }`:                                   17,
		`{ projects(first: 1) { nodes { p: payments(date: "x") { totalCount } } } }`:                        32,
		`{ customer(id: 4007195) { name ...F } } fragment F on Customer { tasks(first: 0) { totalCount } }`: 66,
	} {
		got := pair.compare(t, query, nil)
		if len(got.Errors) != 1 || len(got.Errors[0].Locations) != 1 || got.Errors[0].Locations[0].Line != 1 || got.Errors[0].Locations[0].Column != column {
			t.Errorf("%s: got %+v, want one error at column %d", query, got.Errors, column)
		}
	}
}

// A variable that names a value of an enum in lower case names none: nothing else is read into it, such as no filter.
func TestEnumsInVariablesAreExact(t *testing.T) {
	t.Parallel()
	crms := startSandbox(t, sandbox.Options{})
	w := newWorldOn(t, crms)
	tests := []struct {
		query     string
		variables map[string]any
		path      []any
	}{
		{"query($s: TaskStatus) { tasks(status: $s) { totalCount } }", map[string]any{"s": "planned"}, []any{"variable", "s"}},
		{"query($s: GroupStatus!) { groups(status: $s) { id } }", map[string]any{"s": "Complete"}, []any{"variable", "s"}},
		{
			"query($f: ProjectFilter) { projects(filter: $f) { totalCount } }",
			map[string]any{"f": map[string]any{"condition": "or", "having": "GOODS"}},
			[]any{"variable", "f", "condition"},
		},
		{
			"query($o: ProjectOrder) { projects(orderBy: $o) { totalCount } }",
			map[string]any{"o": map[string]any{"field": "PRICE", "direction": "desc"}},
			[]any{"variable", "o", "direction"},
		},
	}
	for _, test := range tests {
		got := w.ask(t, test.query, test.variables)
		if diff := cmp.Diff([]refusal{{Path: test.path, Code: "GRAPHQL_VALIDATION_FAILED"}}, refusals(got.Errors)); diff != "" {
			t.Errorf("%s with %v (-want +got):\n%s", test.query, test.variables, diff)
		}
		if _, err := graph.Plan(test.query, "", test.variables); err == nil {
			t.Errorf("%s with %v: got a plan, want an error", test.query, test.variables)
		}
	}
	if calls := crms.Calls(); len(calls) > 0 {
		t.Errorf("calls: got %v, want none", calls)
	}
	got := w.ask(t, "query($s: TaskStatus = PLANNED, $f: ProjectFilter) { tasks(status: $s, first: 1) { nodes { status } } projects(filter: $f, first: 1) { totalCount } }",
		map[string]any{"f": map[string]any{"condition": nil, "having": "GOODS", "stepIds": "1"}})
	if len(got.Errors) > 0 {
		t.Errorf("names as they are: got %v, want no errors", got.Errors)
	}
}

// A null that a request gives for a variable with a default is no value where none is allowed: not the zero
// value of its type, nor a fault of the gateway. It is the field's error, and what stands beside that is answered.
func TestNullsWhereNoneCanBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	for query, want := range map[string]struct{ field, argument string }{
		"query ($v: Boolean = true) { projects(deleted: $v) { totalCount } viewer { id } }":                                       {"projects", "deleted"},
		"query ($v: GroupStatus = COMPLETE) { groups(status: $v) { id } viewer { id } }":                                          {"groups", "status"},
		"query ($v: GroupStatus) { groups(count: $v) { id } viewer { id } }":                                                      {"groups", "count"},
		"query ($v: Int = 5) { portfolio(first: $v) { totalCount } viewer { id } }":                                               {"portfolio", "first"},
		`query ($v: ID = "3") { project(id: $v) { id } viewer { id } }`:                                                           {"project", "id"},
		"query ($v: OrderDirection = DESC) { projects(orderBy: {field: ID, direction: $v}) { totalCount } viewer { id } }":        {"projects", "orderBy.direction"},
		"query ($v: ID = 1) { projects(filter: {stepIds: [2, $v]}) { totalCount } viewer { id } }":                                {"projects", "filter.stepIds[1]"},
		`query ($v: JSON = 1) { projects(filter: {fields: [{name: "source", value: $v}]}) { totalCount } viewer { id } }`:         {"projects", "filter.fields[0].value"},
		"query ($v: GroupStatus = COMPLETE, $no: Boolean! = false) { groups(status: $v) @include(if: $no) { id } viewer { id } }": {},
		"query ($v: TaskStatus = PLANNED) { tasks(status: $v, first: 1) { nodes { id } } viewer { id } }":                         {},
	} {
		w.crms.Reset()
		got := w.ask(t, query, map[string]any{"v": nil})
		if viewer := look(t, dataOf(t, got), "viewer", "id"); viewer == nil {
			t.Errorf("%s: got %s, want the viewer", query, got.Data)
		}
		if want.field == "" {
			if len(got.Errors) > 0 {
				t.Errorf("%s: got %+v, want no errors", query, got.Errors)
			}
			continue
		}
		if diff := cmp.Diff([]refusal{{Path: []any{want.field}, Code: "BAD_USER_INPUT"}}, refusals(got.Errors)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
			continue
		}
		if argument := got.Errors[0].Extensions["argument"]; argument != want.argument {
			t.Errorf("%s: got the argument %v, want %s", query, argument, want.argument)
		}
		if calls := w.crms.Calls(); len(calls) > 0 {
			t.Errorf("%s: calls: got %v, want none", query, calls)
		}
	}
}

// Nobody can tell by null what is to be left out.
func TestNullsThatDecide(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	for _, query := range []string{
		"query ($v: Boolean = true) { viewer @skip(if: $v) { id } }",
		"query ($v: Boolean = false) { viewer { ... @include(if: $v) { id } } }",
		"query ($v: Boolean = false) { viewer { ...F @include(if: $v) } } fragment F on Viewer { id }",
		"query ($v: Boolean = false) { viewer { ...F } } fragment F on Viewer { id @skip(if: $v) }",
		"query ($v: Boolean = false) { __schema @skip(if: $v) { queryType { name } } }",
	} {
		variables := map[string]any{"v": nil}
		got := w.ask(t, query, variables)
		if diff := cmp.Diff([]refusal{{Path: []any{"variable", "v"}, Code: "GRAPHQL_VALIDATION_FAILED"}}, refusals(got.Errors)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
		if _, err := graph.Plan(query, "", variables); err == nil {
			t.Errorf("%s: got a plan, want an error", query)
		}
		if got := w.ask(t, query, nil); len(got.Errors) > 0 {
			t.Errorf("%s with its default: got %v, want no errors", query, got.Errors)
		}
	}
}
