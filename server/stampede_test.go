package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"crmgraph/upstream/sandbox"
)

// stampeders is how many clients ask at once.
const stampeders = 1000

// stampede sends n requests at once and returns where the outcome of each comes in.
func stampede(ctx context.Context, i *instance, n int, question func(n int) (body, authorization string)) []chan outcome {
	gate := make(chan struct{})
	outcomes := make([]chan outcome, n)
	for n := range outcomes {
		outcomes[n] = make(chan outcome, 1)
		body, authorization := question(n)
		go func() {
			<-gate
			got, _, err := send(ctx, http.MethodPost, i.url+"/graphql", body, queryHeader(authorization))
			outcomes[n] <- outcome{got, err}
		}()
	}
	close(gate)
	return outcomes
}

// TestStampede: a thousand clients who ask the same at once cost one call each that they need;
// what is a viewer's own is asked for once a viewer, what is the company's once.
func TestStampede(t *testing.T) {
	t.Parallel()
	tests := []struct {
		viewers int
		want    map[string]int // calls
	}{
		{1, map[string]int{"proportal.tasks": 1, "proportal.groups": 1, "solos.project": 1, "solos.steps": 1}},
		{2, map[string]int{"proportal.tasks": 2, "proportal.groups": 2, "solos.project": 1, "solos.steps": 1}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("of %d viewers", test.viewers), func(t *testing.T) {
			t.Parallel()
			i, crms := startOnSandbox(t, sandbox.Options{Managers: 2, Latency: 50 * time.Millisecond},
				"--cache-ttl=*=1h", "--no-request-shed", "--no-upstream-hedge")
			var authorizations []string
			for _, manager := range crms.ManagerIDs()[:test.viewers] {
				authorizations = append(authorizations, "Bearer "+crms.Token(manager))
			}
			body := fmt.Sprintf(`{"query":"{ viewer { id } tasks(status: PLANNED, first: 2) { nodes { id } } groups { id } project(id: %d) { name steps { name } } }"}`,
				projectsOf(t, crms, 1)[0])
			answers := map[string]int{}
			for _, outcomes := range stampede(t.Context(), i, stampeders, func(n int) (string, string) { return body, authorizations[n%test.viewers] }) {
				got := <-outcomes
				if got.err != nil || got.reply.Status != http.StatusOK || strings.Contains(got.reply.Body, `"errors"`) {
					t.Fatalf("got %+v", got)
				}
				answers[got.reply.Body]++
			}
			if len(answers) != test.viewers {
				t.Errorf("got %d different answers, want one a viewer", len(answers))
			}
			if diff := cmp.Diff(test.want, crms.Calls()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// awaitStampede returns the one call that all clients wait for.
func awaitStampede(t *testing.T, i *instance, proportal *crm) *http.Request {
	t.Helper()
	request := <-proportal.asked
	await(t, "all wait for the one call", func() bool {
		return figuresOf(t, i)[`crmgraph_cache_joined_total{operation="proportal.group"}`] == stampeders-1
	})
	return request
}

// stampedeFlags are for clients who wait for long, and share nothing but calls under way.
func stampedeFlags() []string {
	return []string{"--cache-size=0", "--no-request-shed", "--request-timeout=5m", "--proportal-timeout=5m", "--metrics-listen=127.0.0.1:0"}
}

// TestStampedeOutlivesThoseWhoLeave: whoever began a call, it goes on for the last who waits.
func TestStampedeOutlivesThoseWhoLeave(t *testing.T) {
	t.Parallel()
	proportal := newCRM(t)
	i := startForTest(t, []string{"CRMGRAPH_PROPORTAL_URL=" + proportal.URL, "CRMGRAPH_PROPORTAL_JWT_SECRET=" + signingKey}, stampedeFlags()...)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	authorization := newToken(t, signingKey)
	question := func(int) (string, string) { return groupQuery, authorization }
	leaving := stampede(ctx, i, stampeders-1, question)
	last := stampede(t.Context(), i, 1, question)[0]
	request := awaitStampede(t, i, proportal)
	leave()
	for _, outcomes := range leaving {
		if got := <-outcomes; got.err == nil {
			t.Fatalf("one who left got %+v", got.reply)
		}
	}
	await(t, "the gateway is done with those who left", func() bool {
		return strings.Count(i.log.String(), `"msg":"request"`) == stampeders-1
	})
	if err := request.Context().Err(); err != nil {
		t.Fatalf("the call ended with %v, though one still waits for it", err)
	}
	proportal.answer <- group
	got := <-last
	if diff := cmp.Diff(reply{http.StatusOK, groupReply}, got.reply); diff != "" || got.err != nil {
		t.Errorf("the last: error %v (-want +got):\n%s", got.err, diff)
	}
	if got := figuresOf(t, i).attempts("proportal", "first"); got != 1 {
		t.Errorf("got %d calls, want 1", got)
	}
}

// TestStampedeThatLeavesLeavesNothing: with the last who waits the call ends, and nothing
// remains of it. The test runs alone, for goroutines have no owner.
func TestStampedeThatLeavesLeavesNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	proportal := newCRM(t)
	i := start(t, []string{"CRMGRAPH_PROPORTAL_URL=" + proportal.URL, "CRMGRAPH_PROPORTAL_JWT_SECRET=" + signingKey}, stampedeFlags()...)
	ctx, leave := context.WithCancel(t.Context())
	authorization := newToken(t, signingKey)
	outcomes := stampede(ctx, i, stampeders, func(int) (string, string) { return groupQuery, authorization })
	request := awaitStampede(t, i, proportal)
	leave()
	for _, outcomes := range outcomes {
		<-outcomes
	}
	await(t, "the call ends", func() bool { return request.Context().Err() != nil })
	await(t, "no request is under way", func() bool { return figuresOf(t, i).inFlight("proportal") == 0 })
	if got := figuresOf(t, i).attempts("proportal", "first"); got != 1 {
		t.Errorf("got %d calls, want 1", got)
	}
	if err := i.end(); err != nil {
		t.Errorf("the program ended with %v, want no error", err)
	}
	proportal.Close()
	client.CloseIdleConnections()
	goleak.VerifyNone(t, before)
}
