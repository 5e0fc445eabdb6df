package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"crmgraph/upstream/sandbox"
)

// largeDashboard can take 605 calls, and its operation 7.2 MiB.
const largeDashboard = `{"query":"{ portfolio(first: 100) { nodes { id name tasks(first: 5) { nodes { id comment } }` +
	` projects(first: 3) { nodes { id name steps { name date } payments(first: 5) { nodes { date sum } } } } } } }"}`

// startLimited starts the program with a limit of memory, of which operations have what is
// kept of answers and documents leaves.
func startLimited(t *testing.T, binary, memory string, crms *sandbox.Sandbox, env ...string) *attacked {
	t.Helper()
	env = append(env, "GOMEMLIMIT="+memory, "CRMGRAPH_CACHE_SIZE=0", "CRMGRAPH_REQUEST_QUERY_CACHE=1MiB", "CRMGRAPH_COST_MAX_CALLS=1000")
	return startGateway(t, binary, crms.Token(crms.ManagerIDs()[0]), append(environment(crms), env...)...)
}

// TestManyDashboardsInLittleMemory: more of them at once than there is memory for are all answered
// whole, and the process stays near its limit. When they did not wait for each other it took twice as
// much, and the collector most of the processors.
func TestManyDashboardsInLittleMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory of another process is read as Linux tells it")
	}
	const limit, clients, each = 64 << 20, 40, 2
	crms := startCRMs(t, sandbox.Options{})
	gateway := startLimited(t, build(t, ".", "crmgraph"), fmt.Sprint(limit), crms)
	var asking sync.WaitGroup
	for range clients {
		asking.Go(func() {
			for range each {
				got, err := post(t.Context(), gateway, largeDashboard, nil)
				if err != nil || got != (seen{status: http.StatusOK}) {
					t.Errorf("got %v, %v, want an answer without errors", got, err)
				}
			}
		})
	}
	asking.Wait()
	peak := gateway.memory(t).peak
	t.Logf("at most %d MiB", peak>>20)
	if peak > limit*3/2 {
		t.Errorf("the process took %d MiB, want %d at most", peak>>20, limit*3/2>>20)
	}
}

// TestWaitingForMemoryEndsInTime: who waits while another has all the memory is told to come again when
// half of their time is over.
func TestWaitingForMemoryEndsInTime(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, sandbox.Options{})
	crms.SetFault("proportal.portfolio", sandbox.Fault{Kind: sandbox.FaultHang})
	gateway := startLimited(t, build(t, ".", "crmgraph"), "24MiB", crms)
	ctx, leave := context.WithCancel(t.Context())
	var first sync.WaitGroup
	first.Go(func() { _, _ = post(ctx, gateway, largeDashboard, nil) })
	await(t, "the first operation calls a CRM", func() bool { return crms.Calls()["proportal.portfolio"] > 0 })
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, gateway.url(), strings.NewReader(largeDashboard))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = attackHeader(gateway)
	r.Header.Set("X-Request-Timeout", "500")
	response, err := attackClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if got := response.Header.Get("Retry-After"); response.StatusCode != http.StatusServiceUnavailable || got != "1" || !strings.Contains(string(body), `"code":"OVERLOADED"`) {
		t.Errorf("got status %d, Retry-After %q and %s, want 503, 1 and OVERLOADED", response.StatusCode, got, body)
	}
	leave()
	first.Wait()
	crms.Reset()
	if got, err := post(t.Context(), gateway, largeDashboard, nil); err != nil || got != (seen{status: http.StatusOK}) {
		t.Errorf("when the first has left: got %v, %v, want an answer without errors", got, err)
	}
}
