package graph_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// wired is a request as it arrives at a CRM, less its headers.
type wired struct {
	Method, Path, Query, Body string
}

// Where the emulated CRMs have their APIs.
const (
	workspace = "/proportal/api/crm/workspace/"
	public    = "/solos/backend/public/"
)

func get(path, query string) wired { return wired{Method: http.MethodGet, Path: path, Query: query} }

func filter(body string) wired {
	return wired{Method: http.MethodPost, Path: public + "projects/filter", Body: body}
}

// wiredBy returns the requests a query makes, ordered by path, query and body, and fails
// if the CRMs refuse one of them.
func wiredBy(t testing.TB, w *world, query string) []wired {
	t.Helper()
	w.crms.Reset()
	got := w.ask(t, query, nil)
	if len(got.Errors) != 0 {
		t.Fatalf("errors: %+v", got.Errors)
	}
	var requests []wired
	for _, r := range w.crms.Requests() {
		requests = append(requests, wired{Method: r.Method, Path: r.Path, Query: r.RawQuery, Body: r.Body})
	}
	slices.SortFunc(requests, func(a, b wired) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Query, b.Query), cmp.Compare(a.Body, b.Body))
	})
	return requests
}

// Every argument arrives at ProPortal under the name and with the value it documents. The
// defaults of status and count are the CRM's own, so they are not sent.
func TestWireOfProPortal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	manager := w.crms.Data().Managers[0]
	customer, group, task := manager.Customers[0].ID, manager.Groups[0].ID, manager.Tasks[0].ID
	cursor := func(page int) string {
		got := w.ask(t, fmt.Sprintf(`{ portfolio(first: %d) { pageInfo { endCursor } } }`, page), nil)
		return look(t, soundData(t, got), "portfolio", "pageInfo", "endCursor").(string)
	}
	tests := []struct {
		name, query string
		want        []wired
	}{
		{"groups", `{ groups { id } }`, []wired{get(workspace+"groups", "")}},
		{"groups by status", `{ groups(status: COMPLETE) { id } }`, []wired{get(workspace+"groups", "status=complete")}},
		{"groups by count", `{ groups(count: COMPLETE) { id } }`, []wired{get(workspace+"groups", "count=complete")}},
		{"groups by both", `{ groups(status: COMPLETE, count: COMPLETE) { id } }`, []wired{get(workspace+"groups", "status=complete&count=complete")}},
		{"active groups", `{ groups(status: ACTIVE, count: ACTIVE) { id } }`, []wired{get(workspace+"groups", "")}},
		{"group", fmt.Sprintf(`{ group(id: %d) { id } }`, group), []wired{get(fmt.Sprint(workspace, "groups/", group), "")}},
		{
			"group's customers", fmt.Sprintf(`{ group(id: %d) { customers { nodes { id } } } }`, group),
			[]wired{get(fmt.Sprint(workspace, "customers/group/", group), ""), get(fmt.Sprint(workspace, "groups/", group), "")},
		},
		{
			"group's customers by status", fmt.Sprintf(`{ group(id: %d) {
				planned: customers(status: PLANNED) { nodes { id } }
				completed: customers(status: COMPLETED) { nodes { id } }
			} }`, group),
			[]wired{
				get(fmt.Sprint(workspace, "customers/group/", group), "status=completed"),
				get(fmt.Sprint(workspace, "customers/group/", group), "status=planned"),
				get(fmt.Sprint(workspace, "groups/", group), ""),
			},
		},
		{"portfolio", `{ portfolio { nodes { id } } }`, []wired{get(workspace+"portfolio", "page=1")}},
		{"portfolio of planned tasks", `{ portfolio(tasks: PLANNED) { nodes { id } } }`, []wired{get(workspace+"portfolio", "page=1&tasks=planned")}},
		{"portfolio of completed tasks", `{ portfolio(tasks: COMPLETED) { nodes { id } } }`, []wired{get(workspace+"portfolio", "page=1&tasks=completed")}},
		{"portfolio of overdue tasks", `{ portfolio(tasks: OVERDUE) { nodes { id } } }`, []wired{get(workspace+"portfolio", "page=1&tasks=duedate")}},
		{"large page", `{ portfolio(first: 100) { nodes { id } } }`, []wired{get(workspace+"portfolio", "page=1&perPage=100")}},
		{
			"large page of tasks", `{ portfolio(tasks: PLANNED, first: 60) { nodes { id } } }`,
			[]wired{get(workspace+"portfolio", "page=1&tasks=planned&perPage=60")},
		},
		{
			"third page", fmt.Sprintf(`{ portfolio(first: 20, after: %q) { nodes { id } } }`, cursor(100)),
			[]wired{get(workspace+"portfolio", "page=3")},
		},
		{"size of the portfolio", `{ portfolio { totalCount } }`, []wired{get(workspace+"portfolio", "count=1")}},
		{"customer", fmt.Sprintf(`{ customer(id: %d) { name } }`, customer), []wired{get(fmt.Sprint(workspace, "customers/", customer), "")}},
		{
			"customer's tasks", fmt.Sprintf(`{ customer(id: %d) { tasks { nodes { id } } } }`, customer),
			[]wired{get(fmt.Sprint(workspace, "customers/", customer), ""), get(fmt.Sprint(workspace, "customers/", customer, "/tasks"), "")},
		},
		{"planned tasks", `{ tasks(status: PLANNED) { nodes { id } } }`, []wired{get(workspace+"tasks", "status=planned")}},
		{"completed tasks", `{ tasks(status: COMPLETED) { nodes { id } } }`, []wired{get(workspace+"tasks", "status=completed")}},
		{"overdue tasks", `{ tasks(status: OVERDUE) { nodes { id } } }`, []wired{get(workspace+"tasks", "status=duedate")}},
		{
			"all tasks", `{ tasks { nodes { id } } }`,
			[]wired{get(workspace+"tasks", "status=completed"), get(workspace+"tasks", "status=duedate"), get(workspace+"tasks", "status=planned")},
		},
		{"task board", `{ taskBoard { planned { id } } }`, []wired{get(workspace+"tasks", "")}},
		{"task", fmt.Sprintf(`{ task(id: %d) { id } }`, task), []wired{get(fmt.Sprint(workspace, "tasks/", task), "")}},
		{"viewer", `{ viewer { id } }`, nil},
		{"login", `mutation { login { viewer { id } } }`, []wired{get("/proportal/auth/login", "")}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { // not parallel: the requests of one world are counted
			if diff := gocmp.Diff(test.want, wiredBy(t, w, test.query)); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// Every argument arrives at solOS under the name and with the value it documents. A list
// that can be paged is asked for one element more than wanted, to learn whether it ends.
func TestWireOfSolos(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	info := get(public+"projects/info", "id=1")
	cursor := func(field string) string {
		got := w.ask(t, fmt.Sprintf(`{ project(id: 1) { %s(first: 40) { pageInfo { endCursor } } } }`, field), nil)
		return look(t, soundData(t, got), "project", field, "pageInfo", "endCursor").(string)
	}
	projects := look(t, soundData(t, w.ask(t, `{ projects(first: 40) { pageInfo { endCursor } } }`, nil)), "projects", "pageInfo", "endCursor")
	customer := *firstProjectWithCustomer(t, w.crms).CustomerID
	tests := []struct {
		name, query string
		want        []wired
	}{
		{"projects", `{ projects { nodes { id } } }`, []wired{get(public+"projects", "count=21&offset=0&order_by=id&reverse=0&deleted=0")}},
		{
			"deleted projects", `{ projects(deleted: true, first: 100) { nodes { id } } }`,
			[]wired{get(public+"projects", "count=101&offset=0&order_by=id&reverse=0&deleted=1")},
		},
		{
			"descending projects", `{ projects(orderBy: {field: PRICE, direction: DESC}, first: 1) { nodes { id } } }`,
			[]wired{get(public+"projects", "count=2&offset=0&order_by=price&reverse=1&deleted=0")},
		},
		{
			"projects by a dynamic field", `{ projects(orderBy: {fieldName: "contract_date"}) { nodes { id } } }`,
			[]wired{get(public+"projects", "count=21&offset=0&order_by=contract_date&reverse=0&deleted=0")},
		},
		{
			"later projects", fmt.Sprintf(`{ projects(first: 10, after: %q) { nodes { id } } }`, projects),
			[]wired{get(public+"projects", "count=11&offset=40&order_by=id&reverse=0&deleted=0")},
		},
		{"project", `{ project(id: 1) { name } }`, []wired{info}},
		{"project beyond 32 bits", `{ project(id: "18446744073709551615") { name } }`, []wired{get(public+"projects/info", "id=18446744073709551615")}},
		{"steps", `{ project(id: 1) { steps { id } } }`, []wired{info, get(public+"projects/steps", "id=1")}},
		{
			"some steps", `{ project(id: 1) { steps(date: "2021-05-21", stepIds: [1, 2, 3, 4, 5]) { id } } }`,
			[]wired{info, get(public+"projects/steps", "id=1&filter_date=2021-05-21&filter_steps=1_2_3_4_5")},
		},
		{"actions", `{ project(id: 1) { actions { nodes { id } } } }`, []wired{get(public+"projects/actions", "id=1&count=21&offset=0"), info}},
		{
			"some actions", `{ project(id: 1) { actions(id: 1, date: "2021-05-21", typeIds: [1, 2, 3, 4, 5], first: 100) { nodes { id } } } }`,
			[]wired{get(public+"projects/actions", "id=1&count=101&offset=0&filter_id=1&filter_date=2021-05-21&filter_actions=1_2_3_4_5"), info},
		},
		{
			"later actions", fmt.Sprintf(`{ project(id: 1) { actions(first: 9, after: %q) { nodes { id } } } }`, cursor("actions")),
			[]wired{get(public+"projects/actions", "id=1&count=10&offset=40"), info},
		},
		{"action", `{ action(id: 1) { text } }`, []wired{get(public+"projects/actions/info", "id=1")}},
		{"checklists", `{ project(id: 1) { checklists { id } } }`, []wired{get(public+"projects/checklists", "id=1"), info}},
		{"goods", `{ project(id: 1) { goods { id } } }`, []wired{get(public+"projects/goods", "id=1"), info}},
		{"payments", `{ project(id: 1) { payments { nodes { id } } } }`, []wired{info, get(public+"projects/payments", "id=1&count=21&offset=0")}},
		{
			"some payments", `{ project(id: 1) { payments(id: 1, date: "2021-05-21", type: RECEIPT, first: 100) { nodes { id } } } }`,
			[]wired{info, get(public+"projects/payments", "id=1&count=101&offset=0&filter_id=1&filter_date=2021-05-21&filter_type=1")},
		},
		{
			"write-offs", `{ project(id: 1) { payments(type: WRITE_OFF) { nodes { id } } } }`,
			[]wired{info, get(public+"projects/payments", "id=1&count=21&offset=0&filter_type=0")},
		},
		{
			"later payments", fmt.Sprintf(`{ project(id: 1) { payments(first: 9, after: %q) { nodes { id } } } }`, cursor("payments")),
			[]wired{info, get(public+"projects/payments", "id=1&count=10&offset=40")},
		},
		{
			"whole filter", `{ projects(first: 99, filter: {
				condition: AND
				having: CHECKLISTS_EXPIRED
				created: {from: "2020-01-01", to: "2020-12-31"}
				salesFunnelIds: [1, 2]
				stepIds: [1, 2, 3, 4, 5]
				userIds: [2, 4, 6, 8]
				groupIds: [1, 2, 3]
				price: "100"
				currencyIds: [1, 2, 3]
				participantUserIds: [1, 2, 4, 5, 7, 8]
				participantGroupIds: [1, 2, 4, 5, 7, 8]
				actionTypeIds: [1, 2, 3]
				goodIds: [10, 11, 12]
				fields: [{name: "client_id", value: [1, 3]}, {name: "contract_date", value: "2020-01-01"}]
			}) { nodes { id } } }`,
			[]wired{filter(`{"count":100,"offset":0,"order_by":"id","reverse":"0","deleted":"0","condition":"and","having":"checklists_expired",` +
				`"buildin_data":{"created":"2020-01-01;2020-12-31","sales_funnel_id":[1,2],"step_id":[1,2,3,4,5],"user_id":[2,4,6,8],` +
				`"group_id":[1,2,3],"price":100,"currency_id":[1,2,3],"participants_user_id":[1,2,4,5,7,8],` +
				`"participants_group_id":[1,2,4,5,7,8],"actions_type_id":[1,2,3],"good_id":[10,11,12]},` +
				`"data":{"client_id":[1,3],"contract_date":"2020-01-01"}}`)},
		},
		{
			"either condition", `{ projects(deleted: true, orderBy: {field: CREATED, direction: DESC}, filter: {condition: OR, price: "0.10", userIds: [5]}) { nodes { id } } }`,
			[]wired{filter(`{"count":21,"offset":0,"order_by":"created","reverse":"1","deleted":"1","condition":"or","buildin_data":{"user_id":[5],"price":0.10}}`)},
		},
		{
			"empty filter", `{ projects(filter: {}) { nodes { id } } }`,
			[]wired{filter(`{"count":21,"offset":0,"order_by":"id","reverse":"0","deleted":"0","condition":"and"}`)},
		},
		{
			"open ranges", `{
				a: projects(filter: {created: {from: "2020-01-01"}}) { nodes { id } }
				b: projects(filter: {created: {to: "2020-12-31"}}) { nodes { id } }
			}`,
			[]wired{
				filter(`{"count":21,"offset":0,"order_by":"id","reverse":"0","deleted":"0","condition":"and","buildin_data":{"created":"2020-01-01;"}}`),
				filter(`{"count":21,"offset":0,"order_by":"id","reverse":"0","deleted":"0","condition":"and","buildin_data":{"created":";2020-12-31"}}`),
			},
		},
		{
			"kinds of values", `{ projects(filter: {fields: [
				{name: "probability", value: 50}, {name: "source", value: "\"Сайт\""}, {name: "deadline", value: ["2026-01-01", "2026-01-02"]}
			]}) { nodes { id } } }`,
			[]wired{filter(`{"count":21,"offset":0,"order_by":"id","reverse":"0","deleted":"0","condition":"and",` +
				`"data":{"probability":50,"source":"\"Сайт\"","deadline":["2026-01-01","2026-01-02"]}}`)},
		},
		{
			"customer's projects", fmt.Sprintf(`{ customer(id: %d) { projects(first: 5, filter: {having: NO_GOODS}) { nodes { id } } } }`, customer),
			[]wired{
				get(fmt.Sprint("/proportal/api/crm/workspace/customers/", customer), ""),
				filter(fmt.Sprintf(`{"count":6,"offset":0,"order_by":"id","reverse":"0","deleted":"0","condition":"and","having":"no_goods","data":{"client_id":[%d]}}`, customer)),
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { // not parallel: the requests of one world are counted
			if diff := gocmp.Diff(test.want, wiredBy(t, w, test.query)); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// Every value of the enums of a project list has its word at solOS.
func TestWireOfEnums(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	having := map[string]string{
		"ACTIONS": "actions", "PAYMENTS": "payments", "TASKS": "tasks", "GOODS": "goods",
		"NO_ACTIONS": "no_actions", "NO_PAYMENTS": "no_payments", "NO_TASKS": "no_tasks", "NO_GOODS": "no_goods",
		"CHECKLISTS_EXPIRED": "checklists_expired",
	}
	for value, word := range having {
		got := wiredBy(t, w, fmt.Sprintf(`{ projects(filter: {having: %s}) { nodes { id } } }`, value))
		want := []wired{filter(`{"count":21,"offset":0,"order_by":"id","reverse":"0","deleted":"0","condition":"and","having":"` + word + `"}`)}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("having %s (-want +got):\n%s", value, diff)
		}
	}
	orders := map[string]string{
		"ID": "id", "NAME": "name", "CREATED": "created", "PRICE": "price", "CURRENCY": "currency_id",
		"SALES_FUNNEL": "sales_funnel_id", "STEP": "step_id", "USER": "user_id", "GROUP": "group_id",
	}
	for value, word := range orders {
		got := wiredBy(t, w, fmt.Sprintf(`{ projects(orderBy: {field: %s}) { nodes { id } } }`, value))
		want := []wired{get(public+"projects", "count=21&offset=0&order_by="+word+"&reverse=0&deleted=0")}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("order by %s (-want +got):\n%s", value, diff)
		}
	}
}

// Each CRM gets its own credentials and never the other's.
func TestWireOfHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, smallWorld())
	token := w.crms.Token(w.crms.ManagerIDs()[0])
	got, err := w.post(token, `{ groups { id } projects { nodes { id } } filtered: projects(filter: {price: "1"}) { nodes { id } } }`, nil)
	if err != nil || len(got.Errors) != 0 {
		t.Fatalf("errors: %v %+v", err, got.Errors)
	}
	type credentials struct {
		Authorization, Token, Secret, Accept, ContentType []string
	}
	keys := credentials{Token: []string{w.crms.SolosToken()}, Secret: []string{w.crms.SolosSecret()}, Accept: []string{"application/json"}}
	withBody := keys
	withBody.ContentType = []string{"application/json"}
	want := map[string]credentials{
		"proportal.groups":     {Authorization: []string{"Bearer " + token}, Accept: []string{"application/json"}},
		"solos.projects":       keys,
		"solos.filterProjects": withBody,
	}
	sent := map[string]credentials{}
	for _, r := range w.crms.Requests() {
		sent[r.Call] = credentials{
			Authorization: r.Header["Authorization"], Token: r.Header["X-Crypto-Token"], Secret: r.Header["X-Crypto-Secret"],
			Accept: r.Header["Accept"], ContentType: r.Header["Content-Type"],
		}
		if strings.HasPrefix(r.Call, "solos.") && strings.Contains(fmt.Sprint(r.Header), token) {
			t.Errorf("solOS received the viewer's token: %v", r.Header)
		}
	}
	if diff := gocmp.Diff(want, sent); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}
