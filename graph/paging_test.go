package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
	"crmgraph/upstream/sandbox"
)

// aPage is the page of a connection that all queries of these tests select.
const aPage = ` {
	totalCount
	pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
	edges { cursor node { __typename ... on Node { id } } }
} `

// pagedList is a list to be read in pages.
type pagedList struct {
	name  string
	query string // with the variables first and after, and one connection
}

func paged(name, before, field, arguments, after string) pagedList {
	return pagedList{name, fmt.Sprintf("query ($first: Int!, $after: String) { %s %s(%s first: $first, after: $after) %s %s }",
		before, field, arguments, aPage, after)}
}

// pagedLists are all connections there are, with and without filters and orders. The
// busiest customer has the most tasks; the first one has the most projects.
func pagedLists(data *sandbox.Data) []pagedList {
	manager := data.Managers[0]
	busiest := slices.MaxFunc(manager.Customers, func(a, b *sandbox.Customer) int { return len(a.Tasks) - len(b.Tasks) })
	group := slices.MaxFunc(manager.Groups, func(a, b *sandbox.Group) int { return len(a.CustomerIDs) - len(b.CustomerIDs) })
	ofBusiest := fmt.Sprintf(`customer(id: "%d") {`, busiest.ID)
	ofFirst := fmt.Sprintf(`customer(id: "%d") {`, manager.Customers[0].ID)
	ofGroup := fmt.Sprintf(`group(id: "%d") {`, group.ID)
	const ofProject = `project(id: "1") {`
	return []pagedList{
		paged("portfolio", "", "portfolio", "", ""),
		paged("portfolio by tasks", "", "portfolio", "tasks: OVERDUE", ""),
		paged("tasks", "", "tasks", "", ""),
		paged("tasks of a status", "", "tasks", "status: COMPLETED", ""),
		paged("Customer.tasks", ofBusiest, "tasks", "", "}"),
		paged("Customer.tasks of a status", ofBusiest, "tasks", "status: PLANNED", "}"),
		paged("Group.customers", ofGroup, "customers", "", "}"),
		paged("projects", "", "projects", "", ""),
		paged("projects filtered and ordered", "", "projects",
			"filter: {having: PAYMENTS, currencyIds: [1, 2]} orderBy: {field: PRICE, direction: DESC}", ""),
		paged("projects ordered with equals", "", "projects", "orderBy: {field: CURRENCY}", ""),
		paged("deleted projects", "", "projects", "deleted: true", ""),
		paged("Customer.projects", ofFirst, "projects", "", "}"),
		paged("Customer.projects filtered and ordered", ofFirst, "projects",
			`filter: {having: ACTIONS} orderBy: {fieldName: "probability"}`, "}"),
		paged("Project.actions", ofProject, "actions", "", "}"),
		paged("Project.actions of types", ofProject, "actions", "typeIds: [1, 2]", "}"),
		paged("Project.payments", ofProject, "payments", "", "}"),
		paged("Project.payments of a type", ofProject, "payments", "type: RECEIPT", "}"),
	}
}

// connectionPage is what was read of aPage.
type connectionPage struct {
	TotalCount *int
	PageInfo   struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
	Edges []struct {
		Cursor string
		Node   struct{ ID string }
	}
	Missing []string
}

func (p connectionPage) ids() []string {
	ids := []string{}
	for _, edge := range p.Edges {
		ids = append(ids, edge.Node.ID)
	}
	return ids
}

// connectionIn finds the connection in an answer.
func connectionIn(t *testing.T, data []byte) connectionPage {
	t.Helper()
	for {
		var page connectionPage
		if err := json.Unmarshal(data, &page); err == nil && page.Edges != nil {
			return page
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(data, &object); err != nil || len(object) != 1 {
			t.Fatalf("no connection in %.300s", data)
		}
		for _, below := range object {
			data = below
		}
	}
}

// whole returns the ids of a whole list, as the oracle has them.
func whole(t *testing.T, o *oracle, query string, variables map[string]any) []string {
	t.Helper()
	variables = maps.Clone(variables)
	if variables == nil {
		variables = map[string]any{}
	}
	variables["first"] = json.Number("1000000")
	return connectionIn(t, []byte(oracleAnswer(t, o, query, variables))).ids()
}

// checkPages reads a list in pages of one size and compares them with the whole.
func (w *world) checkPages(t *testing.T, query string, whole []string, size int) {
	t.Helper()
	var after *string
	read := []string{}
	for {
		got := w.ask(t, query, map[string]any{"first": size, "after": after})
		if len(got.Errors) != 0 {
			t.Fatalf("pages of %d, after %d: errors: %+v", size, len(read), got.Errors)
		}
		page := connectionIn(t, got.Data)
		info := page.PageInfo
		if want := len(read) > 0; info.HasPreviousPage != want {
			t.Errorf("pages of %d, after %d: hasPreviousPage: got %t, want %t", size, len(read), info.HasPreviousPage, want)
		}
		read = append(read, page.ids()...)
		if want := len(read) < len(whole); info.HasNextPage != want {
			t.Fatalf("pages of %d, up to %d of %d: hasNextPage: got %t, want %t", size, len(read), len(whole), info.HasNextPage, want)
		}
		if page.TotalCount != nil && *page.TotalCount != len(whole) {
			t.Errorf("pages of %d, up to %d: totalCount: got %d, want %d", size, len(read), *page.TotalCount, len(whole))
		}
		if !info.HasNextPage {
			break
		}
		last := len(page.Edges) - 1
		if last+1 != size || page.Edges[0].Cursor != *info.StartCursor || page.Edges[last].Cursor != *info.EndCursor {
			t.Fatalf("pages of %d: page info %+v does not describe %+v", size, info, page.Edges)
		}
		after = info.EndCursor
	}
	if diff := cmp.Diff(whole, read); diff != "" {
		t.Errorf("pages of %d together (-want +got):\n%s", size, diff)
	}
}

// Pages of any size together are the whole list, each element once, in the same order.
func TestPagesMakeTheWhole(t *testing.T) {
	t.Parallel()
	everySize := make([]int, 100)
	for i := range everySize {
		everySize[i] = i + 1
	}
	large := sandbox.Options{Dialect: sandbox.DialectReference, Customers: 104, Groups: 4, Tasks: 108, Projects: 106}
	small := sandbox.Options{
		Dialect: sandbox.DialectReference, Customers: 22, Groups: 2, Tasks: 40, Projects: 30,
		Mutate: func(data *sandbox.Data) {
			first := data.Projects[0]
			first.Actions, first.Payments = first.Actions[:25], first.Payments[:25]
		},
	}
	capped := large
	capped.Dialect, capped.Totals, capped.MaxPerPage = sandbox.DialectResource, true, 30
	documented := large
	documented.DocumentedOnly = true
	all := func(string) bool { return true }
	installations := []struct {
		name  string
		opts  sandbox.Options
		lists func(name string) bool
		sizes []int
	}{
		{"every size over several upstream pages", large, func(name string) bool { return name == "portfolio" }, everySize},
		{"every size", small, all, everySize},
		{"pages capped at 30 and totals", capped, all, []int{7, 29, 30, 31, 50, 99, 100}},
		// Groups have no documented endpoint for their customers.
		{"documented", documented, func(name string) bool { return name != "Group.customers" }, []int{13, 50, 51, 100}},
	}
	for _, installation := range installations {
		crms := startSandbox(t, installation.opts)
		o, err := newOracle(crms, installation.opts.Dialect, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range pagedLists(crms.Data()) {
			if !installation.lists(list.name) {
				continue
			}
			t.Run(installation.name+"/"+list.name, func(t *testing.T) {
				t.Parallel()
				w := newWorldOn(t, crms)
				whole := whole(t, o, list.query, nil)
				if len(whole) < 2 {
					t.Fatalf("the list has only %d elements", len(whole))
				}
				for _, size := range installation.sizes {
					if size > len(whole)+1 && size < 100 {
						continue // one page, as with any size above
					}
					w.checkPages(t, list.query, whole, size)
				}
			})
		}
	}
}

// A filter that joins its conditions by OR costs Customer.projects several upstream lists;
// pages of the merged one hold each project once, also where many are equal in the order.
func TestPagesOfMergedProjects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{BigCustomer: 60})
	o, err := newOracle(w.crms, sandbox.DialectReference, 0)
	if err != nil {
		t.Fatal(err)
	}
	of := fmt.Sprintf(`customer(id: "%d") {`, w.crms.Data().Managers[0].Customers[0].ID)
	for _, direction := range []string{"ASC", "DESC"} {
		list := paged(direction, of, "projects",
			"filter: {condition: OR, having: ACTIONS, currencyIds: [1, 3]} orderBy: {field: CURRENCY, direction: "+direction+"}", "}")
		ids := whole(t, o, list.query, nil)
		for _, size := range []int{1, 2, 5, 19, 20, 33, 100} {
			var after *string
			var read []string
			for more := true; more && len(read) <= len(ids); {
				page := connectionIn(t, w.ask(t, list.query, map[string]any{"first": size, "after": after}).Data)
				read = append(read, page.ids()...)
				after, more = page.PageInfo.EndCursor, page.PageInfo.HasNextPage
			}
			// In which order equals stand is nobody's promise.
			if diff := cmp.Diff(slices.Sorted(slices.Values(ids)), slices.Sorted(slices.Values(read))); diff != "" {
				t.Errorf("%s, pages of %d together (-want +got):\n%s", direction, size, diff)
			}
		}
	}
}

// One customer with very many projects neither hides nor costs those of the others.
func TestProjectsBesideABigCustomer(t *testing.T) {
	t.Parallel()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			crms := startSandbox(t, sandbox.Options{Dialect: dialect, BigCustomer: 1000})
			o, err := newOracle(crms, dialect, 0)
			if err != nil {
				t.Fatal(err)
			}
			const page = `portfolio(first: 20) { nodes { databaseId projects(first: 3, %s) {
				totalCount pageInfo { hasNextPage } nodes { databaseId price }
			} } }`
			tests := []struct {
				name, query string
				calls       map[string]int
			}{
				{
					"beside others", "{" + fmt.Sprintf(page, "") + "}",
					map[string]int{"proportal.portfolio": 1, "solos.filterProjects": 2},
				},
				{
					"beside others, in an order", "{" + fmt.Sprintf(page, "orderBy: {field: PRICE, direction: DESC}") + "}",
					map[string]int{"proportal.portfolio": 1, "solos.filterProjects": 2},
				},
				{
					"alone", `{ customer(id: "4007190") { projects(first: 100) { nodes { databaseId } pageInfo { hasNextPage } } } }`,
					map[string]int{"proportal.customer": 1, "solos.filterProjects": 1},
				},
			}
			for _, test := range tests {
				w := newWorldOn(t, crms)
				w.check(t, test.query, nil, oracleAnswer(t, o, test.query, nil), test.calls)
			}
			list := paged("", `customer(id: "4007190") {`, "projects", "orderBy: {field: PRICE}", "}")
			newWorldOn(t, crms).checkPages(t, list.query, whole(t, o, list.query, nil), 97)
		})
	}
}

// A list whose length solOS tells is not over where its pages are smaller than those asked for.
func TestPagesSmallerThanAskedFor(t *testing.T) {
	t.Parallel()
	const total, most = 7, 3
	solos := serverOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		var items []map[string]int
		for id := offset + 1; id <= min(offset+most, total); id++ {
			items = append(items, map[string]int{"id": id})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"items": items, "total": total}) //nolint:errchkjson // numbers
	}))
	w := newWorld(t, sandbox.Options{}, at(upstream.Solos, solos.URL))
	list := paged("", "", "projects", "", "")
	var after *string
	var read []string
	for more := true; more && len(read) <= total; {
		page := connectionIn(t, w.ask(t, list.query, map[string]any{"first": 5, "after": after}).Data)
		read = append(read, page.ids()...)
		after, more = page.PageInfo.EndCursor, page.PageInfo.HasNextPage
	}
	if len(read) != total {
		t.Errorf("got %d projects %v, want %d", len(read), read, total)
	}
}
