package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/google/go-cmp/cmp"

	"crmgraph/graph"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
)

// tape is a transport that remembers what the CRMs answer, and later answers in their
// place, each time after the same while.
type tape struct {
	mu       sync.Mutex
	answers  map[string]*recordedAnswer
	replay   bool
	duration time.Duration
}

type recordedAnswer struct {
	status int
	body   []byte
}

func (r *tape) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	key := req.Method + " " + req.URL.String() + " " + string(body)
	if !r.replay {
		return r.record(req, key)
	}
	r.mu.Lock()
	known := r.answers[key]
	r.mu.Unlock()
	if known == nil {
		return nil, fmt.Errorf("not on tape: %s", key)
	}
	time.Sleep(r.duration)
	return &http.Response{StatusCode: known.status, Body: io.NopCloser(bytes.NewReader(known.body)), Header: http.Header{}}, nil
}

func (r *tape) record(req *http.Request, key string) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[key] = &recordedAnswer{status: resp.StatusCode, body: body}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// newTapedGraph returns a graph whose clients call through a tape.
func newTapedGraph(t *testing.T, crms *sandbox.Sandbox, r *tape) http.Handler {
	t.Helper()
	caller := upstream.CallerOptions{Transport: r}
	pp, err := proportal.New(crms.ProPortalURL(), proportal.Options{CallerOptions: caller, Now: crms.Now})
	if err != nil {
		t.Fatal(err)
	}
	so, err := solos.New(crms.SolosURL(), crms.SolosToken(), crms.SolosSecret(), solos.Options{CallerOptions: caller})
	if err != nil {
		t.Fatal(err)
	}
	executor, err := graph.New(graph.Options{
		ProPortal: pp, Solos: so, Logger: slog.New(slog.DiscardHandler), Limits: graph.Limits{Calls: 10_000},
	})
	if err != nil {
		t.Fatal(err)
	}
	executor.AddTransport(transport.POST{})
	return executor
}

func answerOf(t *testing.T, handler http.Handler, token, query string) answer {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	caller := graph.Caller{Authenticate: func(context.Context) (*graph.Viewer, error) {
		return &graph.Viewer{ID: "2", Token: token}, nil
	}}
	req := httptest.NewRequestWithContext(graph.WithCaller(t.Context(), caller), http.MethodPost, "/graphql", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, req)
	var got answer
	if err := json.Unmarshal(recorder.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Errors) != 0 {
		t.Fatalf("errors: %+v", got.Errors)
	}
	return got
}

// roundQueries are queries with the calls and the dependent rounds that are the least
// the two APIs allow.
func roundQueries() []roundQuery {
	return append(measuredQueries(),
		roundQuery{"groups_customers_tasks", `{ groups { name customers(first: 10) { nodes { name tasks(first: 3) { nodes { comment } } } } } }`, 3},
		roundQuery{"aliases", `{ a: portfolio(first: 10) { nodes { projects(first: 3) { nodes { name } } } }
			b: portfolio(first: 20) { nodes { projects(first: 3) { nodes { name } } } } }`, 2},
		roundQuery{"four_paths_to_a_customer", `{ portfolio(first: 20) { nodes { name
			tasks(first: 3) { nodes { customer { name industry } } }
			projects(first: 3) { nodes { customer { name lastActivity { at } } } }
			timeline(first: 5) { nodes { ... on Task { customer { industry } } ... on Payment { project { customer { industry } } } } } } } }`, 3},
		roundQuery{"nodes_of_mixed_types", `{ nodes(ids: ["Q3VzdG9tZXI6NDAwNzE5NQ", "Q3VzdG9tZXI6NDAwNzE5MA", "UHJvamVjdDox", "VGFzazoyNTk4NDMx", "R3JvdXA6MTI5"]) {
			id ... on Customer { name } ... on Task { comment } ... on Project { title: name } ... on Group { name } } }`, 1},
		roundQuery{"timeline_of_twenty", `{ portfolio(first: 20) { nodes { timeline(first: 10) { nodes { __typename } } } } }`, 3},
		roundQuery{"customer_by_id", `{ customer(id: 4007195) { name card { inn } tasks { nodes { comment } } projects(first: 3) { nodes { name } } } }`, 1},
		roundQuery{"customers_by_id", `{ a: customer(id: 4007195) { name projects(first: 3) { nodes { name } } } b: customer(id: 4007190) { name projects(first: 3) { nodes { name } } } }`, 1},
		roundQuery{"more_calls_than_have_goroutines", `{ projects(first: 100) { nodes { steps { name } actions(first: 1) { nodes { text } } goods { name }
			payments(first: 1) { nodes { sum } } checklists { name } currentStep { name } } } }`, 2},
		roundQuery{"portfolio_of_hundred", `{ portfolio(first: 100) { totalCount nodes { name } } }`, 1},
	)
}

// In a world whose clock only moves when everybody waits, an answer takes its rounds times
// what a call takes, to the nanosecond: nobody ever waits for a timer of our own.
func TestRoundsAreTheOnlyWait(t *testing.T) {
	t.Parallel()
	const call = 20 * time.Millisecond
	crms := startSandbox(t, sandbox.Options{})
	token := crms.TokenValidFor(crms.ManagerIDs()[0], 24*365*50*time.Hour)
	for _, query := range roundQueries() {
		t.Run(query.name, func(t *testing.T) {
			t.Parallel()
			r := &tape{answers: map[string]*recordedAnswer{}, duration: call}
			handler := newTapedGraph(t, crms, r)
			want := answerOf(t, handler, token, query.text)
			r.replay = true
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				got := answerOf(t, newTapedGraph(t, crms, r), token, query.text)
				if took, rounds := time.Since(start), time.Duration(query.rounds); took != rounds*call {
					t.Errorf("took %v, which is %.2f rounds, want %d", took, float64(took)/float64(call), rounds)
				}
				if diff := cmp.Diff(string(want.Data), string(got.Data)); diff != "" {
					t.Errorf("answer (-recorded +replayed):\n%s", diff)
				}
			})
		})
	}
}
