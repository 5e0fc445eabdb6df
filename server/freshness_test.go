package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"crmgraph/upstream/sandbox"
)

// startOnSandbox runs the program on CRMs of the test's own.
func startOnSandbox(t *testing.T, opts sandbox.Options, args ...string) (*instance, *sandbox.Sandbox) {
	t.Helper()
	crms := startCRMs(t, opts)
	return startForTest(t, []string{
		"CRMGRAPH_PROPORTAL_URL=" + crms.ProPortalURL(), "CRMGRAPH_PROPORTAL_JWT_SECRET=" + crms.JWTSecret(),
		"CRMGRAPH_SOLOS_URL=" + crms.SolosURL(),
		"CRMGRAPH_SOLOS_TOKEN=" + crms.SolosToken(), "CRMGRAPH_SOLOS_SECRET=" + crms.SolosSecret(),
	}, args...), crms
}

// fresh is what a client sees of how fresh an answer is.
type fresh struct {
	Data       json.RawMessage
	Errors     []struct{ Extensions struct{ Code string } }
	Extensions struct {
		Freshness []struct {
			Service, Operation, State string
			Age                       float64
			Answers                   int
		}
	}
	header http.Header
}

// states lists operations with their states: "proportal.tasks fresh".
func (f fresh) states() string {
	var states []string
	for _, part := range f.Extensions.Freshness {
		states = append(states, fmt.Sprintf("%s.%s %s", part.Service, part.Operation, part.State))
	}
	return strings.Join(states, ", ")
}

func askFresh(t *testing.T, i *instance, authorization, body string, header http.Header) fresh {
	t.Helper()
	all := queryHeader(authorization)
	maps.Copy(all, header)
	got, gotHeader := do(t, http.MethodPost, i.url+"/graphql", body, all)
	answer := fresh{header: gotHeader}
	if err := json.Unmarshal([]byte(got.Body), &answer); err != nil {
		t.Fatalf("%v in %s", err, got.Body)
	}
	return answer
}

const tasksQuery = `{"query":"{ tasks(status: PLANNED, first: 1) { nodes { databaseId } } }"}`

func TestFreshnessContract(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--cache-ttl=proportal.tasks=1m")
	authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])
	report := func(cacheControl string) http.Header {
		header := http.Header{"X-Crmgraph-Freshness": {"1"}}
		if cacheControl != "" {
			header.Set("Cache-Control", cacheControl)
		}
		return header
	}
	withTerms := func(terms string) string {
		return strings.TrimSuffix(tasksQuery, "}") + `,"extensions":{"freshness":` + terms + `}}`
	}
	steps := []struct {
		name   string
		body   string
		header http.Header
		states string
		calls  int // of the CRM in all
		code   string
	}{
		{"nothing kept yet", tasksQuery, report("only-if-cached"), "", 0, "NOT_CACHED"},
		{"the first", tasksQuery, report(""), "proportal.tasks fresh", 1, ""},
		{"kept", tasksQuery, report(""), "proportal.tasks fresh", 1, ""},
		{"kept, without a report", tasksQuery, nil, "", 1, ""},
		{"only what is kept", tasksQuery, report("only-if-cached"), "proportal.tasks fresh", 1, ""},
		{"young enough", tasksQuery, report("max-age=60"), "proportal.tasks fresh", 1, ""},
		{"nothing kept will do", tasksQuery, report("no-cache"), "proportal.tasks revalidated", 2, ""},
		{"nothing older than now", tasksQuery, report("max-age=0"), "proportal.tasks revalidated", 3, ""},
		{"the same in the body", withTerms(`{"noCache":true,"report":true}`), nil, "proportal.tasks revalidated", 4, ""},
		{"the body comes before the header", withTerms(`{"noCache":false,"report":true}`), report("no-cache"), "proportal.tasks fresh", 4, ""},
		{"unreadable terms", withTerms(`{"maxAge":-1}`), nil, "", 4, "BAD_USER_INPUT"},
		{"unknown terms", withTerms(`{"age":1}`), nil, "", 4, "BAD_USER_INPUT"},
		{"terms that are none", withTerms(`"fresh"`), nil, "", 4, "BAD_USER_INPUT"},
	}
	for _, step := range steps {
		got := askFresh(t, i, authorization, step.body, step.header)
		code := ""
		if len(got.Errors) > 0 {
			code = got.Errors[0].Extensions.Code
		}
		if got.states() != step.states || code != step.code {
			t.Errorf("%s: got %q and code %q, want %q and %q", step.name, got.states(), code, step.states, step.code)
		}
		if calls := crms.Calls()["proportal.tasks"]; calls != step.calls {
			t.Errorf("%s: %d calls of the CRM so far, want %d", step.name, calls, step.calls)
		}
	}
}

// TestFreshnessHeaders: an answer may be kept as long as all of its parts are fresh, by its viewer alone.
func TestFreshnessHeaders(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--cache-ttl=*=1h;proportal.tasks=100s;proportal.groups=0s")
	authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])
	maxAge := regexp.MustCompile(`^private, max-age=(\d+)$`)
	tests := []struct {
		name, query string
		want        string // of Cache-Control
	}{
		{"one part", `{ tasks(status: PLANNED) { nodes { id } } }`, "private, max-age=100"},
		{"the shortest of two", `{ tasks(status: PLANNED) { nodes { id } } project(id: 1) { id } }`, "private, max-age=100"},
		{"a part that is never kept", `{ tasks(status: PLANNED) { nodes { id } } groups { id } }`, "private, max-age=0"},
		{"no CRM asked", `{ viewer { id } }`, "no-store"},
		{"failed", `{ customer(id: "nonsense") { id } }`, "no-store"},
	}
	for _, test := range tests {
		body, err := json.Marshal(map[string]string{"query": test.query})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // asked for, then kept
			got := askFresh(t, i, authorization, string(body), nil).header
			control, age := got.Get("Cache-Control"), got.Get("Age")
			// What a second or two that went by take away is in Age.
			later := age != "0" && maxAge.MatchString(control)
			if want := test.want; control != want && (!later || !maxAge.MatchString(want)) {
				t.Errorf("%s: got Cache-Control %q, want %q", test.name, control, want)
			}
			if known := strings.HasPrefix(test.want, "private"); known != (age != "") {
				t.Errorf("%s: got Age %q", test.name, age)
			}
		}
	}
}

// TestStaleOnErrorIsMarked: while a CRM fails, kept answers serve and say so, asked or not.
func TestStaleOnErrorIsMarked(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--cache-ttl=proportal.tasks=1ns", "--cache-stale-while-revalidate=0s", "--upstream-max-attempts=1")
	authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])
	before := askFresh(t, i, authorization, tasksQuery, nil)
	crms.SetFault("proportal.tasks", sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusBadGateway})
	for range 3 {
		got := askFresh(t, i, authorization, tasksQuery, nil)
		if string(got.Data) != string(before.Data) || len(got.Errors) > 0 {
			t.Fatalf("got %s with errors %v, want %s", got.Data, got.Errors, before.Data)
		}
		if want := "proportal.tasks stale-on-error"; got.states() != want {
			t.Errorf("got %q, want %q", got.states(), want)
		}
		if want := "private, max-age="; !strings.HasPrefix(got.header.Get("Cache-Control"), want) {
			t.Errorf("got Cache-Control %q", got.header.Get("Cache-Control"))
		}
	}
	if got := askFresh(t, i, authorization, tasksQuery, http.Header{"Cache-Control": {"no-cache"}}); len(got.Errors) == 0 || got.Errors[0].Extensions.Code != "UPSTREAM_UNAVAILABLE" {
		t.Errorf("with no-cache: got %s and errors %v, want the failure", got.Data, got.Errors)
	}
}

// TestRequestTimeoutHeader: what does not make it is null in time, what did is there.
func TestRequestTimeoutHeader(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--no-upstream-hedge")
	authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])
	crms.SetFault("solos.project", sandbox.Fault{Kind: sandbox.FaultHang})
	began := time.Now()
	got := askFresh(t, i, authorization, `{"query":"{ tasks(status: PLANNED, first: 1) { nodes { databaseId } } project(id: 1) { id } }"}`,
		http.Header{"X-Request-Timeout": {"500"}})
	if took := time.Since(began); took > 5*time.Second { // the server's own limit is 30 s
		t.Errorf("took %v", took)
	}
	if len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "UPSTREAM_TIMEOUT" || !strings.Contains(string(got.Data), `"project":null`) ||
		!strings.Contains(string(got.Data), `"tasks":{"nodes":[{`) {
		t.Errorf("got %s with errors %+v", got.Data, got.Errors)
	}
}
