package graph_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/graph"
	"crmgraph/graph/executor"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
)

// twins are two graphs on the same CRMs: one runs operations compiled, the other has
// gqlgen's own executor do it all.
type twins struct {
	crms                *sandbox.Sandbox
	compiled, reference http.Handler
	// fallbacks are the reasons why the compiled one has left operations to the other.
	fallbacks []executor.Reason
}

func newTwins(t testing.TB, opts sandbox.Options, caller upstream.CallerOptions) *twins {
	t.Helper()
	pair := &twins{crms: newWorld(t, opts).crms}
	pool := &http.Transport{MaxIdleConnsPerHost: 256}
	t.Cleanup(pool.CloseIdleConnections)
	caller.Transport = pool
	pp, err := proportal.New(pair.crms.ProPortalURL(), proportal.Options{CallerOptions: caller, Now: pair.crms.Now})
	if err != nil {
		t.Fatal(err)
	}
	so, err := solos.New(pair.crms.SolosURL(), pair.crms.SolosToken(), pair.crms.SolosSecret(), solos.Options{CallerOptions: caller})
	if err != nil {
		t.Fatal(err)
	}
	build := func(reference bool) http.Handler {
		server, err := graph.New(graph.Options{
			ProPortal: pp, Solos: so,
			Limits:    graph.Limits{Calls: 1_000_000},
			Logger:    slog.New(slog.DiscardHandler),
			Reference: reference,
			OnFallback: func(_ context.Context, reason executor.Reason) {
				pair.fallbacks = append(pair.fallbacks, reason)
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		server.AddTransport(transport.POST{})
		server.Use(extension.Introspection{})
		return withCaller(pair.crms, server)
	}
	pair.compiled, pair.reference = build(false), build(true)
	return pair
}

// response is a response as it came.
type response struct {
	Data   json.RawMessage
	Errors []locatedError
}

// locatedError is what of an error does not depend on how it was come by.
type locatedError struct {
	Message    string
	Path       []any
	Locations  []struct{ Line, Column int }
	Extensions struct{ Code string }
}

// run sends an operation as the first manager straight to a graph.
func (pair *twins) run(t testing.TB, to http.Handler, query string, variables map[string]any) response {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+pair.crms.Token(pair.crms.ManagerIDs()[0]))
	recorder := httptest.NewRecorder()
	to.ServeHTTP(recorder, request)
	var got response
	if err := json.Unmarshal(recorder.Body.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, recorder.Body)
	}
	slices.SortFunc(got.Errors, func(a, b locatedError) int { return cmp.Compare(asJSON(t, a), asJSON(t, b)) })
	return got
}

func asJSON(t testing.TB, value any) string {
	t.Helper()
	plain, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// compare expects the same bytes of data and the same set of errors from both executors,
// and no fallback. It returns the answer.
func (pair *twins) compare(t testing.TB, query string, variables map[string]any) response {
	t.Helper()
	pair.fallbacks = nil
	want := pair.run(t, pair.reference, query, variables)
	got := pair.run(t, pair.compiled, query, variables)
	if diff := gocmp.Diff(string(want.Data), string(got.Data)); diff != "" {
		t.Errorf("data (-reference +compiled):\n%s\nof %s\n%s", diff, query, asJSON(t, variables))
	}
	if diff := gocmp.Diff(want.Errors, got.Errors); diff != "" {
		t.Errorf("errors (-reference +compiled):\n%s\nof %s\n%s", diff, query, asJSON(t, variables))
	}
	if len(pair.fallbacks) > 0 {
		t.Errorf("left to the reference because of %v: %s", pair.fallbacks, query)
	}
	return got
}

// Every golden operation gives the same answer compiled as it gives by gqlgen's executor.
func TestCompiledGolden(t *testing.T) {
	t.Parallel()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			pair := newTwins(t, sandbox.Options{Dialect: dialect}, upstream.CallerOptions{})
			for _, name := range goldenNames(t) {
				if orReference(onlyDialect(name)) != dialect {
					continue
				}
				t.Run(name, func(t *testing.T) {
					query, variables := readOperation(t, name)
					pair.compare(t, query, variables)
				})
			}
		})
	}
}

// faultQueries reach every part of the schema. None cuts a list in front of a further call:
// the compiled executor asks for those objects alone that are on the page, and so the two
// may pick different endpoints.
func faultQueries() []string {
	return []string{
		`{ viewer { id } groups { id name customers(first: 100) { nodes { name tasks(first: 1) { nodes { id } } projects(first: 1) { nodes { id steps { id } } } } } } }`,
		`{ portfolio(first: 3) { totalCount nodes { name lastTask { id } card { inn codes { okvedAll } } timeline(first: 2) { missing nodes { __typename ... on Node { id } } } } } }`,
		`{ a: projects(first: 2) { nodes { name customer { name lastActivity { at } } payments(first: 1) { nodes { sum project { id } } } } } projects(filter: {price: "1"}) { totalCount } }`,
		`{ project(id: "1") { name steps { id } actions(first: 1) { nodes { id } } payments { nodes { id } } goods { id } checklists { items { name } } currentStep { id } } }`,
		`{ taskBoard { planned { customer { name industry } } } tasks(status: COMPLETED, first: 2) { nodes { id } } task(id: "1") { id } action(id: "1") { id } }`,
		`{ nodes(ids: ["UHJvamVjdDox", "R3JvdXA6MTI5", "U3RlcDoxOjE"]) { __typename id ... on Project { name customer { card { inn } } } ... on Group { name } } }`,
		`mutation { login { viewer { id } again: viewer { id } } }`,
	}
}

// Whatever fault strikes whichever call, both executors lose the same branches.
func TestCompiledFaults(t *testing.T) {
	t.Parallel()
	elsewhere := serverOf(t, says(http.StatusOK, `[]`))
	faults := []sandbox.Fault{
		{Kind: sandbox.FaultStatus, Status: 401},
		{Kind: sandbox.FaultStatus, Status: 403},
		{Kind: sandbox.FaultStatus, Status: 404},
		{Kind: sandbox.FaultStatus, Status: 422},
		{Kind: sandbox.FaultStatus, Status: 429, RetryAfter: 7 * time.Second},
		{Kind: sandbox.FaultStatus, Status: 500},
		{Kind: sandbox.FaultHang},
		{Kind: sandbox.FaultRefuse},
		{Kind: sandbox.FaultReset},
		{Kind: sandbox.FaultTruncate},
		{Kind: sandbox.FaultPHPError},
		{Kind: sandbox.FaultHTML},
		{Kind: sandbox.FaultEmptyArray},
		{Kind: sandbox.FaultHuge},
		{Kind: sandbox.FaultGarbage},
		{Kind: sandbox.FaultSlowHeaders, Delay: time.Millisecond},
		{Kind: sandbox.FaultSlowBody, Delay: time.Millisecond},
		{Kind: sandbox.FaultRedirect, Location: elsewhere.URL},
	}
	for _, fault := range faults {
		t.Run(string(fault.Kind)+http.StatusText(fault.Status), func(t *testing.T) {
			t.Parallel()
			caller := upstream.CallerOptions{MaxBody: 1 << 20}
			queries := faultQueries()
			targets := []string{"*", "proportal", "solos", "proportal.tasks", "proportal.customer", "solos.filterProjects", "solos.steps", "solos.project"}
			if fault.Kind == sandbox.FaultHang { // each costs its time
				caller.Timeout = 600 * time.Millisecond
				queries, targets = queries[2:4], []string{"proportal", "solos.steps"}
			}
			pair := newTwins(t, smallWorld(), caller)
			for _, target := range targets {
				pair.crms.Reset()
				pair.crms.SetFault(target, fault)
				for _, query := range queries {
					pair.compare(t, query, nil)
				}
			}
		})
	}
}

// What is left to gqlgen is left on purpose, and somebody is told why.
func TestCompiledFallback(t *testing.T) {
	t.Parallel()
	pair := newTwins(t, smallWorld(), upstream.CallerOptions{})
	tests := []struct {
		query string
		want  []executor.Reason
	}{
		{`{ viewer { id } }`, nil},
		{`{ __typename }`, nil},
		{`mutation { __typename login { token } }`, nil},
		{`{ __schema { queryType { name } } viewer { id } }`, []executor.Reason{executor.ReasonIntrospection}},
		{`{ __type(name: "Query") { name } }`, []executor.Reason{executor.ReasonIntrospection}},
		{`{ ... F } fragment F on Query { __type(name: "Query") { name } }`, []executor.Reason{executor.ReasonIntrospection}},
	}
	for _, test := range tests {
		pair.fallbacks = nil
		want := pair.run(t, pair.reference, test.query, nil)
		got := pair.run(t, pair.compiled, test.query, nil)
		if bytes.Contains([]byte(test.query), []byte("login")) {
			want, got = response{}, response{} // every token is new
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-reference +compiled):\n%s", test.query, diff)
		}
		if diff := gocmp.Diff(test.want, pair.fallbacks); diff != "" {
			t.Errorf("%s: fallbacks (-want +got):\n%s", test.query, diff)
		}
	}
}
