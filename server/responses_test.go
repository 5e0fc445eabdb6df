package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"crmgraph/upstream/sandbox"
)

// Responses are written into buffers that are used again. However many are under way at
// the same time, each client gets its own, whole.
func TestResponsesDoNotMix(t *testing.T) {
	t.Parallel()
	g := newGateway(t, sandbox.Options{Customers: 40, Tasks: 60, Projects: 30}, true)
	var bodies []string
	for i := range 24 {
		bodies = append(bodies, bodyOf([]string{
			fmt.Sprintf(`{ portfolio(first: %d) { totalCount nodes { id name } } }`, i+1),
			fmt.Sprintf(`{ project(id: %d) { name fields { name value } } missing: project(id: 999%d) { name } }`, i+1, i),
			fmt.Sprintf(`{ viewer { id } wrong: node(id: "%d") { id } }`, i),      // data and an error
			fmt.Sprintf(`{ __schema { queryType { name } } a%d: __typename }`, i), // not by the compiled executor
		}[i%4]))
	}
	ask := func(body string) string {
		w := httptest.NewRecorder()
		g.handler.ServeHTTP(w, newRequest(t, body, g.authorization))
		if w.Code != http.StatusOK {
			t.Errorf("%s: status %d", body, w.Code)
		}
		return w.Body.String()
	}
	want := make([]string, len(bodies))
	for i, body := range bodies {
		want[i] = ask(body)
	}
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for i, body := range bodies {
				if got := ask(body); got != want[i] {
					t.Errorf("%s: got %s, want %s", body, got, want[i])
				}
			}
		})
	}
	clients.Wait()
}
