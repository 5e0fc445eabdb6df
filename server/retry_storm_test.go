package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmgraph/upstream/sandbox"
)

// flaky stands in front of a CRM and fails some of the requests in its place.
type flaky struct {
	*httptest.Server
	requests atomic.Int64
	fails    atomic.Pointer[func(n int64) bool] // by the number of the request; nil for none
}

func newFlaky(t *testing.T, target string) *flaky {
	t.Helper()
	address, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	f := new(flaky)
	connections := &http.Transport{MaxIdleConnsPerHost: 256}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(address) }, Transport: connections}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := f.requests.Add(1)
		if fails := f.fails.Load(); fails != nil && (*fails)(n) {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		f.Close()
		connections.CloseIdleConnections()
	})
	return f
}

const (
	stormCalls   = 2000
	stormWorkers = 2
	stormBatch   = 50 // calls of one operation
)

// TestRetryStorm: whatever part of thousands of calls fails, hardly more than a tenth as many
// are sent again, with the circuit breaker's help or without it.
func TestRetryStorm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		healthy int // calls before the first failure
		fails   func(n int64) bool
		opens   int // times that the circuit opens at least
	}{
		// Half of what it sees opens the circuit, so that a little less has to do.
		{"too few failures for the circuit breaker", 300, func(n int64) bool { return n%5 < 2 }, 0},
		{"every other request fails", 0, func(n int64) bool { return n%2 == 0 }, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			crms, err := sandbox.Start(sandbox.Options{Projects: 400})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := crms.Close(); err != nil {
					t.Error(err)
				}
			})
			solos := newFlaky(t, crms.SolosURL())
			i := startForTest(t, environment(crms),
				"--solos-url="+solos.URL, "--cache-size=0", "--no-upstream-hedge", "--no-request-shed", "--upstream-breaker-delay=100ms", "--metrics-listen=127.0.0.1:0")
			storm := newStorm(t, i, crms)
			if test.healthy > 0 {
				storm.ask(t, test.healthy, func(figures) bool { return true })
			}
			began := time.Now()
			solos.fails.Store(&test.fails)
			storm.ask(t, stormCalls, func(f figures) bool { return f.opened("solos") >= test.opens })

			after := figuresOf(t, i)
			first, again := after.attempts("solos", "first"), after.attempts("solos", "retry")
			t.Logf("%d calls asked for, %d of them failed; sent %d times, %d more times after a failure (%.1f %%); circuit: %s",
				storm.calls.Load(), storm.failed.Load(), first, again, 100*float64(again)/float64(first), circuitStates(i, "solos", began))
			// The budget starts with three.
			if most := first/10 + 3; again > most {
				t.Errorf("retries: got %d of %d calls, want at most %d", again, first, most)
			}
			if got := int(solos.requests.Load()); got != first+again {
				t.Errorf("solOS got %d requests, but %d are counted", got, first+again)
			}
			opened := after.opened("solos")
			if test.opens == 0 && (opened > 0 || again < first/20) {
				t.Errorf("the circuit opened %d times, and %d of %d calls were retried; want none, and the budget used", opened, again, first)
			}
		})
	}
}

// storm asks for many projects at once.
type storm struct {
	i             *instance
	authorization string
	bodies        []string // of requests, no project is in two
	calls, failed atomic.Int64
}

func newStorm(t *testing.T, i *instance, crms *sandbox.Sandbox) *storm {
	t.Helper()
	s := &storm{i: i, authorization: "Bearer " + crms.Token(crms.ManagerIDs()[0])}
	numbers := projectsOf(t, crms, 2*stormWorkers*stormBatch)
	for len(numbers) > 0 {
		var query strings.Builder
		for _, number := range numbers[:stormBatch] {
			_, _ = fmt.Fprintf(&query, " p%d: project(id: %d) { name }", number, number)
		}
		s.bodies = append(s.bodies, `{"query":"{`+query.String()+` }"}`)
		numbers = numbers[stormBatch:]
	}
	return s
}

// ask asks for that many projects, and goes on until the metrics are done.
func (s *storm) ask(t *testing.T, calls int, done func(figures) bool) {
	t.Helper()
	goal := s.calls.Load() + int64(calls)
	await(t, "the storm is over", func() bool {
		var running sync.WaitGroup
		for worker := range stormWorkers {
			running.Go(func() {
				for _, body := range s.bodies[2*worker : 2*worker+2] {
					s.askOnce(t, body)
				}
			})
		}
		running.Wait()
		return t.Failed() || s.calls.Load() >= goal && done(figuresOf(t, s.i))
	})
}

func (s *storm) askOnce(t *testing.T, body string) {
	got, _, err := send(t.Context(), http.MethodPost, s.i.url+"/graphql", body, queryHeader(s.authorization))
	var answer struct {
		Data   map[string]*struct{ Name string }
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err == nil {
		err = json.Unmarshal([]byte(got.Body), &answer)
	}
	if err != nil || len(answer.Data) != stormBatch {
		t.Errorf("%v: %+v", err, got)
		return
	}
	nulls := 0
	for _, project := range answer.Data {
		if project == nil {
			nulls++
		}
	}
	for _, e := range answer.Errors {
		if e.Extensions.Code != "UPSTREAM_UNAVAILABLE" {
			t.Errorf("got %s", e.Extensions.Code)
		}
	}
	if nulls != len(answer.Errors) {
		t.Errorf("got %d errors for %d projects that are null", len(answer.Errors), nulls)
	}
	s.calls.Add(stormBatch)
	s.failed.Add(int64(nulls))
}

// circuitStates tells from the log what the circuit to a CRM has been through since a time.
func circuitStates(i *instance, service string, since time.Time) string {
	type record struct {
		Time         time.Time
		Msg, Service string
	}
	var changes []record
	for line := range strings.SplitSeq(i.log.String(), "\n") {
		var r record
		if json.Unmarshal([]byte(line), &r) == nil && r.Service == service && strings.HasPrefix(r.Msg, "circuit ") {
			changes = append(changes, r)
		}
	}
	slices.SortStableFunc(changes, func(a, b record) int { return a.Time.Compare(b.Time) })
	states := []string{"closed"}
	for _, r := range changes {
		states = append(states, fmt.Sprintf("%s after %v", strings.TrimPrefix(r.Msg, "circuit "), r.Time.Sub(since).Round(time.Millisecond)))
	}
	return strings.Join(states, ", ")
}
