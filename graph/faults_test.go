package graph_test

import (
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/sandbox"
)

// failure is one way in which a CRM fails, and what a client is told of it.
type failure struct {
	name string

	// How it fails: as the emulated CRM does, or as serve does in its place, or because
	// nothing listens at its address.
	fault   sandbox.Fault
	serve   http.HandlerFunc
	nowhere bool
	timeout time.Duration

	told verdicts
}

// verdict is what an error says, besides which call it was.
type verdict struct {
	code       string
	status     int    // 0: there was no answer
	retryAfter int    // seconds, 0: not told
	object     string // the field named where a single object was due, "": none
	forgiven   bool   // a single object is null without an error
}

// verdicts has what is told of each CRM's failure.
type verdicts map[upstream.Service]verdict

func alike(v verdict) verdicts { return verdicts{upstream.ProPortal: v, upstream.Solos: v} }

// failures lists every way to fail; elsewhere is a URL on another host.
func failures(elsewhere string) []failure {
	const short = 50 * time.Millisecond
	status := func(status int) sandbox.Fault {
		return sandbox.Fault{Kind: sandbox.FaultStatus, Status: status}
	}
	tooMany := sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: 7 * time.Second}
	lost := alike(verdict{code: "UPSTREAM_UNAVAILABLE"})
	late := alike(verdict{code: "UPSTREAM_TIMEOUT"})
	unreadable := alike(verdict{code: "UPSTREAM_BAD_RESPONSE", status: 200})
	return []failure{
		{name: "connection refused", nowhere: true, told: lost},
		{name: "connection closed", fault: sandbox.Fault{Kind: sandbox.FaultRefuse}, told: lost},
		{name: "connection reset", fault: sandbox.Fault{Kind: sandbox.FaultReset}, told: lost},
		{name: "connection broken in the body", fault: sandbox.Fault{Kind: sandbox.FaultTruncate}, told: lost},
		{name: "hang", fault: sandbox.Fault{Kind: sandbox.FaultHang}, timeout: short, told: late},
		{name: "hang in the body", serve: hangInBody, timeout: short, told: late},
		{name: "401", fault: status(401), told: verdicts{
			upstream.ProPortal: {code: "UNAUTHENTICATED", status: 401},
			upstream.Solos:     {code: "UPSTREAM_REJECTED", status: 401},
		}},
		{name: "403", fault: status(403), told: verdicts{
			upstream.ProPortal: {code: "FORBIDDEN", status: 403},
			upstream.Solos:     {code: "UPSTREAM_REJECTED", status: 403},
		}},
		{name: "404", fault: status(404), told: alike(verdict{code: "NOT_FOUND", status: 404, forgiven: true})},
		{name: "429", fault: tooMany, told: alike(verdict{code: "RATE_LIMITED", status: 429, retryAfter: 7})},
		{name: "500", fault: status(500), told: alike(verdict{code: "UPSTREAM_UNAVAILABLE", status: 500})},
		{name: "502", fault: status(502), told: alike(verdict{code: "UPSTREAM_UNAVAILABLE", status: 502})},
		{name: "JSON cut short", serve: says(http.StatusOK, `{"data":`), told: unreadable},
		{name: "PHP error page", fault: sandbox.Fault{Kind: sandbox.FaultPHPError}, told: unreadable},
		{name: "login page", fault: sandbox.Fault{Kind: sandbox.FaultHTML}, told: unreadable},
		{name: "nothing", serve: says(http.StatusOK, ""), told: unreadable},
		{name: "another shape", fault: sandbox.Fault{Kind: sandbox.FaultGarbage}, told: alike(verdict{
			code: "UPSTREAM_BAD_RESPONSE", status: 200, object: "id",
		})},
		{name: "huge", fault: sandbox.Fault{Kind: sandbox.FaultHuge}, told: unreadable},
		{
			name: "redirect to another host", fault: sandbox.Fault{Kind: sandbox.FaultRedirect, Location: elsewhere},
			told: alike(verdict{code: "UPSTREAM_BAD_RESPONSE", status: 302}),
		},
	}
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hangInBody begins an answer and leaves it at that until the client goes.
func hangInBody(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, `[{"id":1`)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// strike returns the settings of a graph for which a CRM fails so, and sets the fault.
func (f failure) strike(t testing.TB, crms *sandbox.Sandbox, service upstream.Service) []setting {
	t.Helper()
	// A huge answer is none the less too large for a smaller limit, and sooner so.
	settings := []setting{func(w *wiring) {
		w.caller.MaxBody = 1 << 20
		w.timeouts = map[upstream.Service]time.Duration{service: f.timeout}
	}}
	switch {
	case f.nowhere:
		settings = append(settings, at(service, addressOfNobody(t)))
	case f.serve != nil:
		settings = append(settings, at(service, serverOf(t, f.serve).URL))
	default:
		crms.SetFault(string(service), f.fault)
	}
	return settings
}

// at moves a CRM to another URL.
func at(service upstream.Service, url string) setting {
	return func(w *wiring) {
		if service == upstream.ProPortal {
			w.proPortalURL = url
		} else {
			w.solosURL = url
		}
	}
}

func serverOf(t testing.TB, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// addressOfNobody returns the URL of a port that was just free.
func addressOfNobody(t testing.TB) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return url
}

// smallWorld has little data, so that many of them start at once.
func smallWorld() sandbox.Options {
	return sandbox.Options{Customers: 12, Groups: 2, Tasks: 40, Projects: 24}
}

// bothQuery asks both CRMs for lists, single objects and an edge from one to the other.
const bothQuery = `query ($group: ID!, $project: ID!) {
	groups { id name }
	group(id: $group) { id name }
	portfolio(first: 2) { nodes { id name projects(first: 1) { nodes { id name } } } }
	projects(first: 2) { nodes { id name } }
	project(id: $project) { id name }
}`

func bothVariables(crms *sandbox.Sandbox) map[string]any {
	return map[string]any{"group": fmt.Sprint(crms.Data().Managers[0].Groups[0].ID), "project": fmt.Sprint(crms.Data().Projects[0].ID)}
}

// branch is a part of an answer that needs one call.
type branch struct {
	path      []any
	operation string
	object    bool // a single object, not a list
}

func bothBranches(service upstream.Service) []branch {
	if service == upstream.ProPortal {
		return []branch{
			{path: []any{"group"}, operation: "group", object: true},
			{path: []any{"groups"}, operation: "groups"},
			{path: []any{"portfolio"}, operation: "portfolio"},
		}
	}
	return []branch{
		{path: []any{"portfolio", "nodes", 0., "projects"}, operation: "filterProjects"},
		{path: []any{"portfolio", "nodes", 1., "projects"}, operation: "filterProjects"},
		{path: []any{"project"}, operation: "project", object: true},
		{path: []any{"projects"}, operation: "projects"},
	}
}

// sentence is the one thing a client is told in words.
func sentence(code string, service upstream.Service) string {
	name := map[upstream.Service]string{upstream.ProPortal: "ProPortal", upstream.Solos: "solOS"}[service]
	switch code {
	case "UNAUTHENTICATED":
		return "This needs a valid ProPortal token: send it as Authorization: Bearer …, or log in again."
	case "FORBIDDEN":
		return name + " does not let this viewer see this."
	case "NOT_FOUND":
		return name + " has nothing there, or does not show it to this viewer."
	case "RATE_LIMITED":
		return name + " asks for fewer calls; try again later."
	case "UPSTREAM_TIMEOUT":
		return name + " did not answer in time."
	case "UPSTREAM_UNAVAILABLE":
		return name + " cannot be reached or fails just now."
	case "UPSTREAM_REJECTED":
		return name + " refused the gateway's own credentials."
	case "UPSTREAM_BAD_RESPONSE":
		return name + " sent an answer that cannot be read."
	default:
		return ""
	}
}

// errorOf is the error a branch ends in.
func errorOf(service upstream.Service, b branch, v verdict) answerError {
	about := map[string]any{
		"service":   string(service),
		"operation": b.operation,
		"status":    nil,
		"retryable": v.code == "RATE_LIMITED" || v.code == "UPSTREAM_TIMEOUT" || v.code == "UPSTREAM_UNAVAILABLE",
	}
	if v.status != 0 {
		about["status"] = float64(v.status)
	}
	if v.retryAfter != 0 {
		about["retryAfter"] = float64(v.retryAfter)
	}
	if b.object && v.object != "" {
		about["field"] = v.object
	}
	return answerError{
		Message:    sentence(v.code, service),
		Path:       b.path,
		Extensions: map[string]any{"code": v.code, "upstream": about},
	}
}

// dataOf decodes an answer's data.
func dataOf(t testing.TB, got answer) any {
	t.Helper()
	var data any
	if err := json.Unmarshal(got.Data, &data); err != nil {
		t.Fatalf("data %q: %v", got.Data, err)
	}
	return data
}

// soundData decodes the data of an answer that must have no errors.
func soundData(t testing.TB, got answer) any {
	t.Helper()
	if len(got.Errors) != 0 {
		t.Fatalf("errors without any fault: %+v", got.Errors)
	}
	return dataOf(t, got)
}

// look returns what stands at path.
func look(t testing.TB, data any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, ok := data.(map[string]any)
			if !ok {
				t.Fatalf("no object around %q in %v", step, path)
			}
			data = object[step]
		case float64:
			list, ok := data.([]any)
			if !ok || int(step) >= len(list) {
				t.Fatalf("no element %v in %v", step, path)
			}
			data = list[int(step)]
		}
	}
	return data
}

// clearAt makes null of what stands at path, which must not be null already.
func clearAt(t testing.TB, data any, path []any) {
	t.Helper()
	if look(t, data, path...) == nil {
		t.Fatalf("%v is null without any fault", path)
	}
	last := len(path) - 1
	switch parent := look(t, data, path[:last]...).(type) {
	case map[string]any:
		parent[path[last].(string)] = nil
	case []any:
		parent[int(path[last].(float64))] = nil
	}
}

func sortErrors(errs []answerError) {
	slices.SortFunc(errs, func(a, b answerError) int {
		return cmp.Or(cmp.Compare(fmt.Sprint(a.Path), fmt.Sprint(b.Path)), cmp.Compare(fmt.Sprint(a.Extensions), fmt.Sprint(b.Extensions)))
	})
}

// expect compares data and errors, these in any order, with what is wanted.
func expect(t testing.TB, got answer, wantData any, wantErrors []answerError) {
	t.Helper()
	if diff := gocmp.Diff(wantData, dataOf(t, got)); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	sortErrors(wantErrors)
	sortErrors(got.Errors)
	if diff := gocmp.Diff(wantErrors, got.Errors); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

// One CRM down is half an answer, and the half that stands is the one without any fault.
func TestFaultOfOneCRM(t *testing.T) {
	t.Parallel()
	var strayed atomic.Int64
	elsewhere := serverOf(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Add(1) }))
	t.Cleanup(func() {
		if n := strayed.Load(); n != 0 {
			t.Errorf("%d requests followed a redirect to another host", n)
		}
	})
	for _, service := range []upstream.Service{upstream.ProPortal, upstream.Solos} {
		for _, f := range failures(elsewhere.URL) {
			t.Run(string(service)+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				sound := newWorld(t, smallWorld())
				variables := bothVariables(sound.crms)
				want := soundData(t, sound.ask(t, bothQuery, variables))
				v := f.told[service]
				var wantErrors []answerError
				for _, b := range bothBranches(service) {
					clearAt(t, want, b.path)
					if !b.object || !v.forgiven {
						wantErrors = append(wantErrors, errorOf(service, b, v))
					}
				}

				struck := newWorldOn(t, sound.crms, f.strike(t, sound.crms, service)...)
				expect(t, struck.ask(t, bothQuery, variables), want, wantErrors)

				sound.crms.Reset()
				if !f.nowhere && f.serve == nil && f.timeout == 0 {
					soundData(t, struck.ask(t, bothQuery, variables))
				}
			})
		}
	}
}

// Both CRMs down is no data, and still an answer.
func TestFaultOfBothCRMs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, smallWorld())
	w.crms.SetFault("*", sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusServiceUnavailable})
	got := w.ask(t, `{ viewer { id } groups { id } projects { nodes { id } } }`, nil)
	down := verdict{code: "UPSTREAM_UNAVAILABLE", status: 503}
	expect(t, got, map[string]any{"viewer": map[string]any{"id": "2"}, "groups": nil, "projects": nil}, []answerError{
		errorOf(upstream.ProPortal, branch{path: []any{"groups"}, operation: "groups"}, down),
		errorOf(upstream.Solos, branch{path: []any{"projects"}, operation: "projects"}, down),
	})
}

// What cannot be read is an error that names the field, never a zero value.
func TestFaultUnreadableField(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		service upstream.Service
		body    string
		query   string
		branch  branch
		field   string
	}{
		{
			"time", upstream.ProPortal, `[{"id":129,"name":"A"},{"id":130,"name":"B","created_at":"soon"}]`,
			`{ groups { id createdAt } }`,
			branch{path: []any{"groups"}, operation: "groups"},
			"[1].created_at",
		},
		{
			"status", upstream.ProPortal, `{"data":[{"id":1,"customer":{"id":7,"name":"A"},"status":"Отложено"}]}`,
			`{ tasks(status: PLANNED) { nodes { status } } }`,
			branch{path: []any{"tasks"}, operation: "tasks"},
			"data[0].status",
		},
		{
			"number", upstream.ProPortal, `{"current_page":1,"data":[{"client_id":"seven","name":"A"}],"per_page":50,"total":1}`,
			`{ portfolio { nodes { name } } }`,
			branch{path: []any{"portfolio"}, operation: "portfolio"},
			"data[0].client_id",
		},
		{
			"missing name", upstream.ProPortal, `{"id":129}`,
			`{ group(id: 129) { name } }`,
			branch{path: []any{"group"}, operation: "group"},
			"name",
		},
		{
			"price", upstream.Solos, `{"payload":[{"id":1,"price":"1 250 roubles"}]}`,
			`{ projects { nodes { price } } }`,
			branch{path: []any{"projects"}, operation: "projects"},
			"payload[0].price",
		},
		{
			"another project", upstream.Solos, `{"id":2,"name":"A"}`,
			`{ project(id: 1) { name } }`,
			branch{path: []any{"project"}, operation: "project"},
			"id",
		},
		{
			"customer", upstream.Solos, `[{"id":1,"name":"A","data":{"client_id":"many"}}]`,
			`{ projects { nodes { customer { id } } } }`,
			branch{path: []any{"projects", "nodes", 0., "customer"}, operation: "projects"},
			"data.client_id",
		},
	}
	crms := newWorld(t, smallWorld()).crms
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorldOn(t, crms, at(test.service, serverOf(t, says(http.StatusOK, test.body)).URL))
			got := w.ask(t, test.query, nil)
			want := errorOf(test.service, test.branch, verdict{code: "UPSTREAM_BAD_RESPONSE", status: 200})
			want.Extensions["upstream"].(map[string]any)["field"] = test.field
			if diff := gocmp.Diff([]answerError{want}, got.Errors); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			if at := look(t, dataOf(t, got), test.branch.path...); at != nil {
				t.Errorf("data at the unreadable branch: got %v, want null", at)
			}
		})
	}
}

// A CRM that does not like a request blames whoever chose its arguments, else this program.
func TestFaultOfRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, smallWorld())
	w.crms.SetFault("*", sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusUnprocessableEntity})
	got := w.ask(t, `{
		groups { id }
		project(id: 1) { id }
		ordered: projects(orderBy: {fieldName: "no_such_field"}) { nodes { id } }
		filtered: projects(filter: {fields: [{name: "no_such_field", value: 1}]}) { nodes { id } }
	}`, nil)
	refused := verdict{status: http.StatusUnprocessableEntity}
	internal := func(service upstream.Service, operation string) answerError {
		err := errorOf(service, branch{path: []any{operation}, operation: operation}, refused)
		err.Message = "Something went wrong inside the gateway. The request id helps its operators to find out what."
		err.Extensions["code"], err.Extensions["requestId"] = "INTERNAL_SERVER_ERROR", "request-1"
		return err
	}
	blamed := func(field, operation string) answerError {
		err := errorOf(upstream.Solos, branch{path: []any{field}, operation: operation}, refused)
		err.Message = "solOS does not accept this filter or order."
		err.Extensions["code"] = "BAD_USER_INPUT"
		return err
	}
	expect(t, got, map[string]any{"groups": nil, "project": nil, "ordered": nil, "filtered": nil}, []answerError{
		internal(upstream.ProPortal, "groups"), internal(upstream.Solos, "project"),
		blamed("ordered", "projects"), blamed("filtered", "filterProjects"),
	})
}

// A part that fails takes no other part of its project along.
func TestFaultOfOnePart(t *testing.T) {
	t.Parallel()
	const query = `query ($id: ID!) { project(id: $id) {
		name
		steps { id name }
		actions(first: 3) { nodes { id text } }
		checklists { id name }
		goods { id name }
		payments(first: 3) { nodes { id sum } }
	} }`
	for _, part := range []string{"steps", "actions", "checklists", "goods", "payments"} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, smallWorld())
			variables := map[string]any{"id": fmt.Sprint(w.crms.Data().Projects[0].ID)}
			want := soundData(t, w.ask(t, query, variables))
			path := []any{"project", part}
			clearAt(t, want, path)

			w.crms.SetFault("solos."+part, sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusInternalServerError})
			expect(t, w.ask(t, query, variables), want, []answerError{
				errorOf(upstream.Solos, branch{path: path, operation: part}, verdict{code: "UPSTREAM_UNAVAILABLE", status: 500}),
			})
		})
	}
}

// A single object that is not there is null, whichever call says so and however.
func TestMissingObjectIsNull(t *testing.T) {
	t.Parallel()
	const query = `{
		group(id: 99) { name }
		customer(id: 99) { name }
		task(id: 99) { comment }
		project(id: 99999999) { name }
		action(id: 99999999) { text }
	}`
	want := map[string]any{"group": nil, "customer": nil, "task": nil, "project": nil, "action": nil}
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			options := smallWorld()
			options.Dialect = dialect
			expect(t, newWorld(t, options).ask(t, query, nil), want, nil)
		})
	}
	t.Run("empty array", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, smallWorld())
		for _, operation := range []string{"proportal.group", "proportal.customer", "proportal.task", "solos.project", "solos.action"} {
			w.crms.SetFault(operation, sandbox.Fault{Kind: sandbox.FaultEmptyArray})
		}
		expect(t, w.ask(t, query, nil), want, nil)
	})
}

// timelineCustomer returns a customer whose whole history has entries of each source and
// fits one page.
func timelineCustomer(t testing.TB, crms *sandbox.Sandbox) *sandbox.Customer {
	t.Helper()
	for _, customer := range crms.Data().Managers[0].Customers {
		tasks, actions, payments, projects := len(customer.Tasks), 0, 0, 0
		for _, project := range crms.Data().Projects {
			if project.CustomerID != nil && *project.CustomerID == customer.ID && !project.Deleted {
				projects++
				actions += len(project.Actions)
				payments += len(project.Payments)
			}
		}
		if projects > 1 && tasks > 0 && actions > 0 && payments > 0 && tasks+actions+payments <= 100 {
			return customer
		}
	}
	t.Fatal("no customer with a short history of tasks, actions and payments")
	return nil
}

// A timeline stands on the sources that answer and names those that do not.
func TestFaultOfTimelineSource(t *testing.T) {
	t.Parallel()
	const query = `query ($id: ID!) { customer(id: $id) { name timeline(first: 100) {
		nodes { __typename ... on Node { id } } missing totalCount pageInfo { hasNextPage }
	} } }`
	path := []any{"customer", "timeline"}
	broken := sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusBadGateway}
	tests := []struct {
		name       string
		targets    []string
		missing    []any
		operations []string
	}{
		{"payments", []string{"solos.payments"}, []any{"PAYMENTS"}, []string{"payments"}},
		{"actions", []string{"solos.actions"}, []any{"ACTIONS"}, []string{"actions"}},
		{"tasks", []string{"proportal.customerTasks"}, []any{"TASKS"}, []string{"customerTasks"}},
		{"projects", []string{"solos.filterProjects"}, []any{"ACTIONS", "PAYMENTS"}, []string{"filterProjects"}},
		{"actions and payments", []string{"solos.actions", "solos.payments"}, []any{"ACTIONS", "PAYMENTS"}, []string{"actions", "payments"}},
		{"all", []string{"proportal.customerTasks", "solos"}, nil, []string{"customerTasks", "filterProjects"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{})
			variables := map[string]any{"id": fmt.Sprint(timelineCustomer(t, w.crms).ID)}
			want := soundData(t, w.ask(t, query, variables))
			if test.missing == nil {
				clearAt(t, want, path)
			} else {
				leaveOut(t, look(t, want, path...).(map[string]any), test.missing)
			}
			var wantErrors []answerError
			for _, operation := range test.operations {
				service := upstream.Solos
				if operation == "customerTasks" {
					service = upstream.ProPortal
				}
				wantErrors = append(wantErrors, errorOf(service, branch{path: path, operation: operation},
					verdict{code: "UPSTREAM_UNAVAILABLE", status: 502}))
			}

			for _, target := range test.targets {
				w.crms.SetFault(target, broken)
			}
			expect(t, w.ask(t, query, variables), want, wantErrors)
		})
	}
}

// leaveOut makes of a whole timeline the one that lacks some sources.
func leaveOut(t testing.TB, timeline map[string]any, missing []any) {
	t.Helper()
	typeNames := map[any]string{"TASKS": "Task", "ACTIONS": "Action", "PAYMENTS": "Payment"}
	nodes := timeline["nodes"].([]any)
	whole := len(nodes)
	for _, source := range missing {
		before := len(nodes)
		nodes = slices.DeleteFunc(nodes, func(node any) bool { return node.(map[string]any)["__typename"] == typeNames[source] })
		if len(nodes) == before {
			t.Fatalf("the timeline of %d entries has none of %v", whole, source)
		}
	}
	timeline["nodes"], timeline["missing"], timeline["totalCount"] = nodes, missing, nil
	timeline["pageInfo"] = map[string]any{"hasNextPage": true} // the missing entries are to come
}

// One failing call of many nulls its own branch.
func TestFaultOfOneCall(t *testing.T) {
	t.Parallel()
	const query = `{ projects(first: 10) { nodes { id steps { id name } } } }`
	w := newWorld(t, smallWorld())
	want := soundData(t, w.ask(t, query, nil))

	w.crms.SetFault("solos.steps", sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusInternalServerError, Times: 1})
	got := w.ask(t, query, nil)
	if len(got.Errors) != 1 {
		t.Fatalf("errors: got %+v, want one", got.Errors)
	}
	path := got.Errors[0].Path
	clearAt(t, want, path)
	expect(t, got, want, []answerError{
		errorOf(upstream.Solos, branch{path: path, operation: "steps"}, verdict{code: "UPSTREAM_UNAVAILABLE", status: 500}),
	})
	if len(path) != 4 || path[3] != "steps" {
		t.Errorf("path: got %v, want projects.nodes.<index>.steps", path)
	}
}

// One failing call that several fields wait for is made once and nulls each of them.
func TestFaultOfSharedCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, smallWorld())
	w.crms.SetFault("solos.steps", sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusBadGateway})
	got := w.ask(t, `query ($id: ID!) { project(id: $id) { currentStep { id } steps { id } again: steps { name } } }`,
		map[string]any{"id": fmt.Sprint(w.crms.Data().Projects[0].ID)})
	var wantErrors []answerError
	for _, field := range []string{"again", "currentStep", "steps"} {
		wantErrors = append(wantErrors, errorOf(upstream.Solos, branch{path: []any{"project", field}, operation: "steps"},
			verdict{code: "UPSTREAM_UNAVAILABLE", status: 502}))
	}
	expect(t, got, map[string]any{"project": map[string]any{"currentStep": nil, "steps": nil, "again": nil}}, wantErrors)
	if diff := gocmp.Diff(map[string]int{"solos.project": 1, "solos.steps": 1}, w.crms.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if lines := strings.Count(w.log.String(), "upstream call failed"); lines != 1 {
		t.Errorf("the failed call was logged %d times, want once:\n%s", lines, w.log)
	}
}

// notConfigured is the error of a branch whose CRM this gateway runs without.
func notConfigured(service upstream.Service, b branch) answerError {
	name := map[upstream.Service]string{upstream.ProPortal: "ProPortal", upstream.Solos: "solOS"}[service]
	err := errorOf(service, b, verdict{code: "UPSTREAM_UNAVAILABLE"})
	err.Message = name + " is not configured at this gateway."
	err.Extensions["upstream"].(map[string]any)["retryable"] = false
	return err
}

// A gateway on one CRM answers that CRM's fields and calls nobody for the others.
func TestNotConfigured(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		service  upstream.Service
		setting  setting
		query    string
		branches []branch
		want     map[string]any // nil: everything else is as with both CRMs
	}{
		{
			name: "roots of ProPortal", service: upstream.ProPortal, setting: func(w *wiring) { w.noProPortal = true },
			query: `query ($customer: ID!, $project: ID!) {
				viewer { id }
				groups { id } group(id: 1) { id } portfolio { nodes { id } } count: portfolio { totalCount }
				customer(id: $customer) { name } tasks { nodes { id } } planned: tasks(status: PLANNED) { totalCount }
				task(id: 1) { id } taskBoard { planned { id } }
				project(id: $project) { name steps { name } }
			}`,
			branches: []branch{
				{path: []any{"groups"}, operation: "groups"},
				{path: []any{"group"}, operation: "group"},
				{path: []any{"portfolio"}, operation: "portfolio"},
				{path: []any{"count"}, operation: "portfolio"}, // which is asked for anyway
				{path: []any{"customer"}, operation: "customer"},
				{path: []any{"tasks"}, operation: "tasks"},
				{path: []any{"planned"}, operation: "tasks"},
				{path: []any{"task"}, operation: "task"},
				{path: []any{"taskBoard"}, operation: "taskBoard"},
			},
		},
		{
			name: "edges to ProPortal", service: upstream.ProPortal, setting: func(w *wiring) { w.noProPortal = true },
			query: `query ($project: ID!) { project(id: $project) {
				name
				number: customer { databaseId projects(first: 1) { nodes { name } } }
				named: customer { name }
				stub: customer { id card { inn } tasks { totalCount } }
			} }`,
			branches: []branch{
				{path: []any{"project", "named"}, operation: "customer"},
				{path: []any{"project", "stub"}, operation: "customer"},
			},
		},
		{
			name: "roots of solOS", service: upstream.Solos, setting: func(w *wiring) { w.noSolos = true },
			query: `query ($customer: ID!, $project: ID!) {
				groups { name } customer(id: $customer) { name tasks { nodes { id } } }
				projects { nodes { id } } filtered: projects(filter: {price: "1"}) { nodes { id } }
				project(id: $project) { id } action(id: 1) { id }
			}`,
			branches: []branch{
				{path: []any{"projects"}, operation: "projects"},
				{path: []any{"filtered"}, operation: "filterProjects"},
				{path: []any{"project"}, operation: "project"},
				{path: []any{"action"}, operation: "action"},
			},
		},
		{
			name: "edges to solOS", service: upstream.Solos, setting: func(w *wiring) { w.noSolos = true },
			query: `query ($customer: ID!) { customer(id: $customer) { name projects { nodes { id } } lastTask { id } } }`,
			branches: []branch{
				{path: []any{"customer", "projects"}, operation: "filterProjects"},
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sound := newWorld(t, smallWorld())
			project := firstProjectWithCustomer(t, sound.crms)
			variables := map[string]any{"customer": fmt.Sprint(*project.CustomerID), "project": fmt.Sprint(project.ID)}
			maps.DeleteFunc(variables, func(name string, _ any) bool { return !strings.Contains(test.query, "$"+name) })
			want := soundDataAfter(t, sound, test.query, variables, test.branches)
			var wantErrors []answerError
			for _, b := range test.branches {
				wantErrors = append(wantErrors, notConfigured(test.service, b))
			}

			sound.crms.Reset()
			w := newWorldOn(t, sound.crms, test.setting)
			expect(t, w.ask(t, test.query, variables), want, wantErrors)
			for call := range w.crms.Calls() {
				if strings.HasPrefix(call, string(test.service)+".") {
					t.Errorf("call of a CRM that is not configured: %s", call)
				}
			}
		})
	}
}

// soundDataAfter returns the data of an answer without fault, in which branches are null.
func soundDataAfter(t testing.TB, w *world, query string, variables map[string]any, branches []branch) any {
	t.Helper()
	want := soundData(t, w.ask(t, query, variables))
	for _, b := range branches {
		last := len(b.path) - 1
		look(t, want, b.path[:last]...).(map[string]any)[b.path[last].(string)] = nil
	}
	return want
}

// firstProjectWithCustomer returns an active project of one of the first manager's customers.
func firstProjectWithCustomer(t testing.TB, crms *sandbox.Sandbox) *sandbox.Project {
	t.Helper()
	manager := crms.Data().Managers[0]
	for _, project := range crms.Data().Projects {
		if project.CustomerID == nil || project.Deleted {
			continue
		}
		if slices.ContainsFunc(manager.Customers, func(c *sandbox.Customer) bool { return c.ID == *project.CustomerID }) {
			return project
		}
	}
	t.Fatal("no project has a customer")
	return nil
}

// Without solOS a timeline is the viewer's tasks, and login needs nothing but ProPortal.
func TestNotConfiguredTimelineAndLogin(t *testing.T) {
	t.Parallel()
	sound := newWorld(t, smallWorld())
	customer := sound.crms.Data().Managers[0].Customers[slices.IndexFunc(sound.crms.Data().Managers[0].Customers,
		func(c *sandbox.Customer) bool { return len(c.Tasks) > 0 })]
	t.Run("timeline", func(t *testing.T) {
		t.Parallel()
		w := newWorldOn(t, sound.crms, func(w *wiring) { w.noSolos = true })
		got := w.ask(t, `query ($id: ID!) { customer(id: $id) { timeline(first: 100) { nodes { ... on Task { id } } missing totalCount } } }`,
			map[string]any{"id": fmt.Sprint(customer.ID)})
		tasks := slices.Clone(customer.Tasks)
		slices.SortFunc(tasks, func(a, b *sandbox.Task) int {
			return cmp.Or(b.StartsAt.Compare(a.StartsAt), cmp.Compare(b.ID, a.ID))
		})
		nodes := []any{}
		for _, task := range tasks {
			nodes = append(nodes, map[string]any{"id": model.NodeID{Type: model.TaskNode, Number: uint64(task.ID)}.String()})
		}
		want := map[string]any{"customer": map[string]any{"timeline": map[string]any{
			"nodes": nodes, "missing": []any{"ACTIONS", "PAYMENTS"}, "totalCount": nil,
		}}}
		expect(t, got, want, []answerError{
			notConfigured(upstream.Solos, branch{path: []any{"customer", "timeline"}, operation: "filterProjects"}),
		})
	})
	t.Run("login", func(t *testing.T) {
		t.Parallel()
		w := newWorldOn(t, sound.crms, func(w *wiring) { w.noProPortal = true })
		expect(t, w.ask(t, `mutation { login { token } }`, nil), map[string]any{"login": nil}, []answerError{
			notConfigured(upstream.ProPortal, branch{path: []any{"login"}, operation: "login"}),
		})
	})
}

// A token that nobody can read came with an answer, of which the error tells the status.
func TestLoginWithATokenThatIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, smallWorld(), func(w *wiring) { w.caller.Transport = canned{"auth/login": `{"token":"abc"}`} })
	got := w.ask(t, `mutation { login { token } }`, nil)
	want := map[string]any{"service": "proportal", "operation": "login", "status": 200.0, "retryable": false, "field": "token"}
	if len(got.Errors) != 1 || gocmp.Diff(any(want), got.Errors[0].Extensions["upstream"]) != "" {
		t.Errorf("got errors %+v, want one with upstream %v", got.Errors, want)
	}
}

// A client that goes away takes its upstream calls along.
func TestCanceledRequestCancelsCalls(t *testing.T) {
	t.Parallel()
	for _, service := range []upstream.Service{upstream.ProPortal, upstream.Solos} {
		t.Run(string(service), func(t *testing.T) {
			t.Parallel()
			const calls = 2
			arrived, ended := make(chan struct{}, calls), make(chan struct{}, calls)
			crm := serverOf(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // a server only notices that its client leaves once the body is read
				arrived <- struct{}{}
				<-r.Context().Done()
				ended <- struct{}{}
			}))
			query := `{ groups { id } portfolio { nodes { id } } }`
			if service == upstream.Solos {
				query = `{ projects { nodes { id } } filtered: projects(filter: {price: "1"}) { nodes { id } } }`
			}
			w := newWorld(t, smallWorld(), at(service, crm.URL))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() {
				_, err := receive(ctx, w, w.crms.Token(w.crms.ManagerIDs()[0]), query, nil)
				done <- err
			}()
			await(t, "the calls to arrive", arrived, calls)
			cancel()
			await(t, "the calls to end", ended, calls)
			if err := <-done; err == nil {
				t.Error("the canceled request was answered")
			}
		})
	}
}

// await takes n signals, or fails long after they were due.
func await(t testing.TB, what string, signals <-chan struct{}, n int) {
	t.Helper()
	late := time.After(20 * time.Second)
	for range n {
		select {
		case <-signals:
		case <-late:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// The largest answer a CRM can send costs no more memory than the limit of a body. It is
// not parallel because it measures the memory of the whole process.
func TestHugeAnswerCostsLittleMemory(t *testing.T) {
	const mebibyte = 1 << 20
	tests := []struct {
		name  string
		limit uint64 // MiB
		serve func(w http.ResponseWriter, sent *atomic.Int64)
	}{
		{"plain", upstream.DefaultMaxBody / mebibyte, func(w http.ResponseWriter, sent *atomic.Int64) { stream(w, sent) }},
		{"compressed", 4, func(w http.ResponseWriter, sent *atomic.Int64) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			stream(packed, sent)
			_ = packed.Close()
		}},
		{"announced", 4, func(w http.ResponseWriter, sent *atomic.Int64) {
			w.Header().Set("Content-Length", fmt.Sprint(1<<30))
			stream(w, sent)
		}},
	}
	for _, service := range []upstream.Service{upstream.ProPortal, upstream.Solos} {
		for _, test := range tests {
			t.Run(string(service)+"/"+test.name, func(t *testing.T) {
				var sent atomic.Int64
				finished := make(chan struct{}, 1)
				crm := serverOf(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					defer func() { finished <- struct{}{} }()
					test.serve(w, &sent)
				}))
				w := newWorld(t, smallWorld(), at(service, crm.URL), func(w *wiring) { w.caller.MaxBody = int64(test.limit) * mebibyte })
				query, path, operation := `{ groups { name } }`, "groups", "groups"
				if service == upstream.Solos {
					query, path, operation = `{ projects { nodes { name } } }`, "projects", "projects"
				}

				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				got := w.ask(t, query, nil)
				await(t, "the CRM to be cut off", finished, 1)
				runtime.ReadMemStats(&after)

				expect(t, got, map[string]any{path: nil}, []answerError{
					errorOf(service, branch{path: []any{path}, operation: operation}, verdict{code: "UPSTREAM_BAD_RESPONSE", status: 200}),
				})
				// A buffer that doubles up to the limit allocates four times as much, twice that under
				// the race detector.
				most := 10 * test.limit
				if allocated := (after.TotalAlloc - before.TotalAlloc) / mebibyte; allocated >= most {
					t.Errorf("allocated %d MiB for an answer of 1 GiB, want less than %d", allocated, most)
				}
				if got := sent.Load() / mebibyte; got >= 48 {
					t.Errorf("read %d MiB of an answer of 1 GiB, want less than 48", got)
				}
			})
		}
	}
}

// stream writes 1 GiB of JSON and counts it, until the reader has had enough.
func stream(w io.Writer, sent *atomic.Int64) {
	piece := []byte(`[` + strings.Repeat(" ", 64<<10-1))
	for sent.Load() < 1<<30 {
		n, err := w.Write(piece)
		sent.Add(int64(n))
		if err != nil {
			return
		}
		piece[0] = ' '
	}
}
