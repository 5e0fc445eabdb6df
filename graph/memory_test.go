package graph_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmgraph/graph"
	"crmgraph/upstream/sandbox"
)

func withMemory(memory *graph.Memory) setting {
	return func(w *wiring) { w.memory = memory }
}

// TestOperationsWaitForMemory: with memory for one operation, the calls of several come one after
// the other, and all are answered.
func TestOperationsWaitForMemory(t *testing.T) {
	t.Parallel()
	const operations = 5
	crms := startSandbox(t, sandbox.Options{})
	memory := graph.NewMemory(1)
	var underWay atomic.Int32
	var allThere sync.Once
	crm := newProxy(t, crms.SolosURL(), func() func() {
		if underWay.Add(1) > 1 {
			t.Error("two operations make calls at once")
		}
		allThere.Do(func() {
			eventually(t, func() bool { return memory.Stats().Waiting == operations-1 })
		})
		return func() { underWay.Add(-1) }
	})
	w := newWorldOn(t, crms, withMemory(memory), func(w *wiring) { w.solosURL = crm })
	var asking sync.WaitGroup
	for i := range operations {
		asking.Go(func() {
			got, err := w.post(crms.Token(crms.ManagerIDs()[0]), fmt.Sprintf("{ project(id: %d) { id } }", i+1), nil)
			if err != nil || len(got.Errors) > 0 {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	asking.Wait()
}

// newProxy returns the URL of a CRM that calls began before each answer of another, and what that
// returned after it.
func newProxy(t *testing.T, target string, began func() (ended func())) string {
	t.Helper()
	parsed, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(parsed)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer began()()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); {
		if time.Now().After(end) {
			t.Error("it did not come to pass")
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// TestMemoryIsGivenBack: whatever becomes of an operation, those after it have the same memory.
func TestMemoryIsGivenBack(t *testing.T) {
	t.Parallel()
	memory := graph.NewMemory(1 << 20)
	panics := false
	w := newWorld(t, sandbox.Options{}, withMemory(memory), func(w *wiring) {
		w.limits = graph.Limits{Calls: 20}
		w.onCalls = func(context.Context, int) {
			if panics {
				panic("boom")
			}
		}
	})
	for _, query := range []string{
		`{ project(id: 1) { id steps { name } } }`,
		`{ project(id: 1) { id } task(id: 999999) { id } }`,
		`{ projects(filter: {fields: [{name: "nothing", value: "x"}]}) { nodes { id } } }`,
		`{ portfolio(first: 100) { nodes { projects { nodes { steps { name } } } } } }`, // too expensive
		`mutation { login { token } }`,
		`{ __typename }`,
		`{ project(id: "x") { id } }`,
	} {
		for _, panics = range []bool{false, true} {
			w.ask(t, query, nil)
			if taken := memory.Stats().Taken; taken != 0 {
				t.Errorf("%s, panics %t: %d bytes are taken, want none", query, panics, taken)
			}
		}
	}
}
