package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
	"crmgraph/upstream/resilience"
	"crmgraph/upstream/sandbox"
)

// noWait is an upper bound for what happens at once. It leaves room for a busy machine and
// is well below the ten seconds that a call may take where no flag says otherwise.
const noWait = 5 * time.Second

// TestFaults has a CRM fail in every way and at every age of the kept answer.
func TestFaults(t *testing.T) {
	t.Parallel()
	right := rightAnswer(t)
	for _, f := range faultContract() {
		for _, service := range f.services {
			for _, a := range []age{cold, warm, past} {
				t.Run(fmt.Sprintf("%s/%s/%s", f.name, service, a), func(t *testing.T) {
					t.Parallel()
					testFault(t, f, service, a, right)
				})
			}
		}
	}
}

func testFault(t *testing.T, f fault, service upstream.Service, a age, right rightData) {
	t.Helper()
	failing, want := partOf(service), f.expect(a)
	args := []string{"--no-upstream-hedge", "--cache-ttl=*=1h", "--upstream-max-body=1MiB"}
	if a == past {
		args = append(args, "--cache-ttl=*=1ns", "--cache-stale-while-revalidate=0s")
	}
	if want.wait == forTimeout {
		args = append(args, fmt.Sprintf("--%s-timeout=%v", service, shortTimeout))
	}
	i, crms := startOnFailing(t, args...)
	if a != cold {
		askUntilRight(t, i, crms)
		crms.Reset()
	}
	if err := f.strike(crms, failing.call); err != nil {
		t.Fatal(err)
	}

	got := askBoth(t, i, crms)
	if diff := cmp.Diff(want.view, got.view(t, failing, right, crms)); diff != "" {
		t.Errorf("seen (-want +got):\n%s", diff)
	}
	if !got.waited(want.wait) {
		t.Errorf("took %v, want an answer %s", got.took, want.wait)
	}
	working := partOf(otherThan(service)).field
	if diff := cmp.Diff(string(right[working]), string(got.Data[working])); diff != "" {
		t.Errorf("%s, of the CRM that works (-want +got):\n%s", working, diff)
	}
	if a == past {
		checkStillKept(t, i, crms, failing, right, !want.forgets)
	}
}

// checkStillKept checks whether a kept answer would serve if the CRM were away.
func checkStillKept(t *testing.T, i *instance, crms *sandbox.Sandbox, failing part, right rightData, kept bool) {
	t.Helper()
	crms.SetFault(failing.call.String(), sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusBadGateway})
	got := askBoth(t, i, crms).view(t, failing, right, crms)
	want := failed("UPSTREAM_UNAVAILABLE", 0).view
	if kept {
		want = served(upstream.StaleOnError, 0).view
	}
	// Whether the CRM is asked again so soon is another question.
	got.Attempts, got.Calls = 0, 0
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("afterwards, with the CRM away (-want +got):\n%s", diff)
	}
}

// TestFaultWhileRevalidating: nobody waits for a CRM that does not answer while an answer
// past its time may serve.
func TestFaultWhileRevalidating(t *testing.T) {
	t.Parallel()
	right := rightAnswer(t)
	for _, service := range []upstream.Service{upstream.ProPortal, upstream.Solos} {
		t.Run(string(service), func(t *testing.T) {
			t.Parallel()
			failing, want := partOf(service), whileRevalidating
			i, crms := startOnFailing(t, "--no-upstream-hedge", "--cache-ttl=*=1ns", "--cache-stale-while-revalidate=1h")
			askUntilRight(t, i, crms)
			crms.Reset()
			crms.SetFault(failing.call.String(), sandbox.Fault{Kind: sandbox.FaultHang})
			got := askBoth(t, i, crms)
			await(t, "the call in the background", func() bool { return crms.Calls()[failing.call.String()] > 0 })
			if diff := cmp.Diff(want.view, got.view(t, failing, right, crms)); diff != "" {
				t.Errorf("seen (-want +got):\n%s", diff)
			}
			if !got.waited(want.wait) {
				t.Errorf("took %v, want an answer %s", got.took, want.wait)
			}
		})
	}
}

// TestAHangIsHedged: a call that takes unusually long is sent a second time.
func TestAHangIsHedged(t *testing.T) {
	t.Parallel()
	const usual = 50 // calls, until it is known how long they take
	i, crms := startOnFailing(t, "--cache-size=0")
	for range usual {
		askUntilRight(t, i, crms)
	}
	right := rightData(askUntilRight(t, i, crms).Data)
	crms.Reset()
	failing := partOf(upstream.Solos)
	crms.SetFault(failing.call.String(), sandbox.Fault{Kind: sandbox.FaultHang, Times: 1})
	got := askBoth(t, i, crms)
	if diff := cmp.Diff(served(upstream.Fresh, 2).view, got.view(t, failing, right, crms)); diff != "" {
		t.Errorf("seen (-want +got):\n%s", diff)
	}
	if !got.waited(atOnce) {
		t.Errorf("took %v, want an answer at once", got.took)
	}
}

// TestAShortRetryAfterIsWaitedFor: a CRM that asks for a little patience gets it.
func TestAShortRetryAfterIsWaitedFor(t *testing.T) {
	t.Parallel()
	const pause = time.Second // the least that the header can say
	right := rightAnswer(t)
	i, crms := startOnFailing(t, "--no-upstream-hedge")
	failing := partOf(upstream.ProPortal)
	crms.SetFault(failing.call.String(), sandbox.Fault{
		Kind: sandbox.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: pause, Times: 1,
	})
	got := askBoth(t, i, crms)
	if diff := cmp.Diff(served(upstream.Fresh, 2).view, got.view(t, failing, right, crms)); diff != "" {
		t.Errorf("seen (-want +got):\n%s", diff)
	}
	if got.took < pause {
		t.Errorf("took %v, want at least %v", got.took, pause)
	}
}

// TestARetryAfterThatNobodyWaitsFor: a client with less time than the CRM asks for is told so at once.
func TestARetryAfterThatNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	i, crms := startOnFailing(t, "--no-upstream-hedge", "--proportal-timeout=1m")
	crms.SetFault(partOf(upstream.ProPortal).call.String(), sandbox.Fault{
		Kind: sandbox.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: 30 * time.Second,
	})
	header := queryHeader("Bearer " + crms.Token(crms.ManagerIDs()[0]))
	header.Set("X-Request-Timeout", "5000")
	for _, met := range []string{"the answer", "the pause after it"} {
		began := time.Now()
		got, _ := do(t, http.MethodPost, i.url+"/graphql", tasksQuery, header)
		if !strings.Contains(got.Body, `"RATE_LIMITED"`) || !strings.Contains(got.Body, `"retryAfter"`) {
			t.Errorf("%s: got %+v after %v, want RATE_LIMITED and when to come again", met, got, time.Since(began))
		}
	}
}

// startOnFailing runs the program on small CRMs, so that many of them start at once. All
// of them have the same data.
func startOnFailing(t *testing.T, args ...string) (*instance, *sandbox.Sandbox) {
	t.Helper()
	small := sandbox.Options{Customers: 8, Groups: 2, Tasks: 20, Projects: 4}
	return startOnSandbox(t, small, append(args, "--no-request-shed", "--no-graphiql")...)
}

// answerOfBoth is what a client is told by a query of both CRMs.
type answerOfBoth struct {
	Data   map[string]json.RawMessage
	Errors []struct {
		Path       []any
		Extensions struct{ Code string }
	}
	Extensions struct {
		Freshness []struct{ Service, Operation, State string }
		Trace     []struct {
			Service, Operation string
			Attempts           int
		}
	}
	took time.Duration
}

func askBoth(t *testing.T, i *instance, crms *sandbox.Sandbox) answerOfBoth {
	t.Helper()
	query := fmt.Sprintf(`{"query":"{ tasks(status: PLANNED) { nodes { databaseId comment } } project(id: %d) { databaseId name } }"}`, crms.Data().Projects[0].ID)
	header := queryHeader("Bearer " + crms.Token(crms.ManagerIDs()[0]))
	header.Set("X-Crmgraph-Freshness", "1")
	header.Set("X-Crmgraph-Explain", "trace")
	began := time.Now()
	got, _ := do(t, http.MethodPost, i.url+"/graphql", query, header)
	answer := answerOfBoth{took: time.Since(began)}
	if err := json.Unmarshal([]byte(got.Body), &answer); err != nil || got.Status != http.StatusOK {
		t.Fatalf("got %+v (%v), want status 200 and JSON", got, err)
	}
	return answer
}

// askUntilRight asks while nothing is made to fail, which a short timeout on a busy machine
// may do for once.
func askUntilRight(t *testing.T, i *instance, crms *sandbox.Sandbox) answerOfBoth {
	t.Helper()
	var answer answerOfBoth
	for range 10 {
		if answer = askBoth(t, i, crms); len(answer.Errors) == 0 {
			return answer
		}
	}
	t.Fatalf("got errors %+v before anything was made to fail", answer.Errors)
	return answer
}

// rightData is what clients are told while nothing fails, by field.
type rightData map[string]json.RawMessage

func rightAnswer(t *testing.T) rightData {
	t.Helper()
	i, crms := startOnFailing(t)
	return askUntilRight(t, i, crms).Data
}

// view is what the answer and the CRMs tell of a part.
func (a answerOfBoth) view(t *testing.T, p part, right rightData, crms *sandbox.Sandbox) view {
	t.Helper()
	seen := view{Data: string(a.Data[p.field]), Calls: crms.Calls()[p.call.String()]}
	if seen.Data == string(right[p.field]) {
		seen.Data = "data"
	}
	for _, failure := range a.Errors {
		if !slices.Equal(failure.Path, []any{p.field}) {
			t.Errorf("got an error at %v, want none but at %s", failure.Path, p.field)
		}
		seen.Code += failure.Extensions.Code
	}
	for _, answered := range a.Extensions.Freshness {
		if answered.Service == string(p.call.Service) && answered.Operation == p.call.Operation {
			seen.State = answered.State
		}
	}
	for _, made := range a.Extensions.Trace {
		if made.Service == string(p.call.Service) && made.Operation == p.call.Operation {
			seen.Attempts += made.Attempts
		}
	}
	return seen
}

// waited reports whether the answer took as long as it had to and no longer.
func (a answerOfBoth) waited(w wait) bool {
	least := map[wait]time.Duration{forTimeout: shortTimeout, forCRM: slowness}
	return least[w] <= a.took && a.took < noWait
}

// TestHurriedClientsOpenTheCircuit: a CRM that does not answer is left alone also where nobody has
// waited for as long as a call may take.
func TestHurriedClientsOpenTheCircuit(t *testing.T) {
	t.Parallel()
	const usual = 50 // calls, until it is known how long they take
	i, crms := startOnFailing(t, "--no-upstream-hedge", "--cache-size=0", "--upstream-breaker-delay=1h")
	for range usual {
		askUntilRight(t, i, crms)
	}
	crms.SetFault("solos", sandbox.Fault{Kind: sandbox.FaultHang})
	query := fmt.Sprintf(`{"query":"{ project(id: %d) { name } }"}`, crms.Data().Projects[0].ID)
	header := queryHeader("Bearer " + crms.Token(crms.ManagerIDs()[0]))
	header.Set("X-Request-Timeout", "500")
	header.Set("Cache-Control", "no-cache") // a call for each
	await(t, "the circuit opens", func() bool {
		var clients sync.WaitGroup
		for range resilience.DefaultMinAttempts {
			clients.Go(func() {
				if _, _, err := send(t.Context(), http.MethodPost, i.url+"/graphql", query, header); err != nil {
					t.Error(err)
				}
			})
		}
		clients.Wait()
		return strings.Contains(fetch(t, i.url+"/readyz").Body, "solos: circuit open")
	})
}
