package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/resilience"
	"crmgraph/upstream/sandbox"
)

// How long an answer is fresh in the outage, and how long then it is stale without a mark of its own.
const (
	outageTTL   = 500 * time.Millisecond
	outageStale = 300 * time.Millisecond
	// outageProjects is how many projects the clients ask for.
	outageProjects = 25
)

// TestOutage takes solOS away under load, and brings it back as long after its circuit has
// opened as CRMGRAPH_TEST_OUTAGE says (60s by hand, 2s unless set). Nobody sees a failure,
// everybody sees how old what they get is, and hardly anything is sent to solOS meanwhile.
func TestOutage(t *testing.T) {
	t.Parallel()
	lasts := durationFrom(t, "CRMGRAPH_TEST_OUTAGE", 2*time.Second)
	i, crms := startOnSandbox(t, sandbox.Options{},
		"--cache-ttl=*="+outageTTL.String(), "--cache-stale-while-revalidate="+outageStale.String(),
		"--upstream-breaker-delay="+min(resilience.DefaultOpenFor, lasts/10).String(),
		"--metrics-listen=127.0.0.1:0", "--no-request-shed")
	crowd := newOutageCrowd(t, i, crms)
	crowd.start(t)
	await(t, "the clients are at work", func() bool { return crowd.answers() > 50 })

	if err := crms.Stop(upstream.Solos); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	// The gateway may still be reading an answer from before.
	await(t, "no call from before is under way", func() bool { return figuresOf(t, i).inFlight("solos") == 0 })
	dead := time.Now()
	await(t, "the circuit opens, and nothing from before that is under way", func() bool {
		now := figuresOf(t, i)
		return now.opened("solos") > 0 && now.inFlight("solos") == 0
	})
	opened := time.Now()
	open := figuresOf(t, i)
	<-time.After(lasts)
	last := figuresOf(t, i)
	revived := time.Now()
	if err := crms.Resume(upstream.Solos); err != nil {
		t.Fatal(err)
	}
	await(t, "all answers are fresh again", func() bool { return crowd.allFreshSince(revived) })
	back := time.Now()
	crowd.stop()

	probes := last.sent("solos") - open.sent("solos")
	periods := last.opened("solos") - open.opened("solos") + 1
	if most := periods * resilience.DefaultProbes; probes > most {
		t.Errorf("sent to solOS with its circuit open: %d requests in %d half-open periods, want at most %d", probes, periods, most)
	}
	if got := fetch(t, i.url+"/readyz"); !strings.Contains(got.Body, "solos: circuit closed") {
		t.Errorf("readiness at the end: %+v, want a closed circuit", got)
	}
	crowd.judge(t, dead, revived)
	t.Logf("solOS gone for %v; circuit opened after %v, %d times in all; %d requests sent to solOS since it first did; all fresh %v after solOS was back",
		revived.Sub(killed).Round(time.Millisecond), opened.Sub(killed).Round(time.Millisecond), last.opened("solos"), probes, back.Sub(revived).Round(time.Millisecond))
}

// outageCrowd are clients that ask for projects and tasks, and remember what they got.
type outageCrowd struct {
	url    string
	header http.Header
	bodies [outageProjects]string // of requests, one a project
	before [outageProjects]string // data of the answers before the outage
	cancel context.CancelFunc
	wait   sync.WaitGroup

	mu   sync.Mutex
	seen []outageAnswer
}

// outageAnswer is what a client got.
type outageAnswer struct {
	project      int
	began, ended time.Time
	asked        bool // for extensions.freshness
	fault        string
	fresh        fresh
}

// newOutageCrowd returns a crowd on a warm cache.
func newOutageCrowd(t *testing.T, i *instance, crms *sandbox.Sandbox) *outageCrowd {
	t.Helper()
	c := &outageCrowd{url: i.url + "/graphql", header: queryHeader("Bearer " + crms.Token(crms.ManagerIDs()[0]))}
	for project, number := range projectsOf(t, crms, outageProjects) {
		c.bodies[project] = fmt.Sprintf(`{"query":"{ tasks(status: PLANNED, first: 1) { nodes { id } } project(id: %d) { name steps { name } } }"}`, number)
		got := c.ask(t.Context(), project, false)
		if got.fault != "" || !strings.Contains(string(got.fresh.Data), `"steps":[{`) {
			t.Fatalf("before the outage: %s, %s", got.fresh.Data, got.fault)
		}
		c.before[project] = string(got.fresh.Data)
	}
	return c
}

func (c *outageCrowd) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c.cancel = cancel
	t.Cleanup(c.stop)
	for n := range 8 {
		c.wait.Go(func() {
			chance := rand.New(rand.NewPCG(uint64(n), 1))
			pace := time.NewTicker(10 * time.Millisecond)
			defer pace.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-pace.C:
				}
				// Stopping waits for the answer, so that none fails for being stopped.
				got := c.ask(context.WithoutCancel(ctx), chance.IntN(outageProjects), chance.IntN(2) == 0)
				c.mu.Lock()
				c.seen = append(c.seen, got)
				c.mu.Unlock()
			}
		})
	}
}

func (c *outageCrowd) stop() {
	c.cancel()
	c.wait.Wait()
}

func (c *outageCrowd) ask(ctx context.Context, project int, report bool) outageAnswer {
	header := c.header.Clone()
	if report {
		header.Set("X-Crmgraph-Freshness", "1")
	}
	answer := outageAnswer{project: project, began: time.Now(), asked: report}
	got, _, err := send(ctx, http.MethodPost, c.url, c.bodies[project], header)
	answer.ended = time.Now()
	if err == nil {
		err = json.Unmarshal([]byte(got.Body), &answer.fresh)
	}
	if err != nil || got.Status != http.StatusOK || len(answer.fresh.Errors) > 0 {
		answer.fault = fmt.Sprintf("%v: %+v", err, got)
	}
	return answer
}

func (c *outageCrowd) answers() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.seen)
}

// allFreshSince reports whether there was a fresh answer about each project since a time.
func (c *outageCrowd) allFreshSince(revived time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := map[int]bool{}
	for _, answer := range c.seen {
		if answer.began.After(revived) && answer.asked && answer.solosFresh() {
			fresh[answer.project] = true
		}
	}
	return len(fresh) == outageProjects
}

// solosFresh reports whether all that an answer has of solOS is as new as on a good day.
func (a outageAnswer) solosFresh() bool {
	for _, part := range a.fresh.Extensions.Freshness {
		if part.Service == "solos" && part.State != "fresh" && part.State != "revalidated" {
			return false
		}
	}
	return true
}

// judge looks at all answers, given that solOS answered nothing between two times.
func (c *outageCrowd) judge(t *testing.T, dead, revived time.Time) {
	t.Helper()
	states := map[string]int{}
	for _, answer := range c.seen {
		if answer.fault != "" {
			t.Fatalf("%v after the end of solOS: %s", answer.began.Sub(dead), answer.fault)
		}
		if got, want := string(answer.fresh.Data), c.before[answer.project]; got != want {
			t.Fatalf("%v after the end of solOS: got %s, want %s", answer.began.Sub(dead), got, want)
		}
		if strings.Contains(answer.fresh.states(), "proportal.tasks stale-on-error") {
			t.Fatalf("ProPortal never failed: got %s", answer.fresh.states())
		}
		if answer.began.After(dead) && answer.ended.Before(revived) {
			c.judgeDead(t, answer, answer.began.Sub(dead))
			for _, part := range answer.fresh.Extensions.Freshness {
				states[part.Service+" "+part.State]++
			}
		}
	}
	t.Logf("%d answers, none failed; parts of those in the outage: %v", len(c.seen), states)
	if states["solos stale-on-error"] == 0 {
		t.Error("no answer was asked for in the outage")
	}
}

// judgeDead looks at an answer that was asked for when solOS had been gone for a while.
func (c *outageCrowd) judgeDead(t *testing.T, answer outageAnswer, gone time.Duration) {
	t.Helper()
	parts := 0
	for _, part := range answer.fresh.Extensions.Freshness {
		if part.Service != "solos" {
			continue
		}
		parts++
		if age := time.Duration(part.Age * float64(time.Second)); age < gone-time.Millisecond || part.State == "revalidated" || part.State == "fresh" && age >= outageTTL {
			t.Fatalf("solOS has been gone for %v, but got %+v", gone, part)
		}
		// An answer whose CRM is known to fail says so, asked or not.
		if gone > outageTTL+outageStale && part.State != "stale-on-error" {
			t.Fatalf("solOS has been gone for %v, but got %+v", gone, part)
		}
	}
	if want := 2; parts != want && (answer.asked || gone > outageTTL+outageStale) {
		t.Fatalf("solOS has been gone for %v, got %d parts of it, want %d: %+v", gone, parts, want, answer.fresh.Extensions)
	}
}
