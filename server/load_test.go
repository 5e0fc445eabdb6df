package main

import (
	"bufio"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crmgraph/upstream/sandbox"
)

// durationFrom returns how long a test goes on: what an environment variable says, so that
// it can run for long by hand, or else byDefault.
func durationFrom(t *testing.T, variable string, byDefault time.Duration) time.Duration {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return byDefault
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		t.Fatalf("%s: %q is not a duration such as 60s", variable, text)
	}
	return d
}

// await returns once done does, and fails the test when that takes far too long.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute in vain: %s", what)
		}
		<-again.C
	}
}

// figures are the metrics of a program by name and labels, as Prometheus reads them.
type figures map[string]float64

func figuresOf(t *testing.T, i *instance) figures {
	t.Helper()
	page := fetch(t, metricsURL(t, i)+"/metrics")
	if page.Status != http.StatusOK {
		t.Fatalf("metrics: got %+v", page)
	}
	found := make(figures)
	lines := bufio.NewScanner(strings.NewReader(page.Body))
	for lines.Scan() {
		name, text, ok := cutLast(lines.Text(), " ")
		if value, err := strconv.ParseFloat(text, 64); ok && err == nil {
			found[name] = value
		}
	}
	return found
}

// cutLast is strings.Cut around the last sep.
func cutLast(s, sep string) (before, after string, ok bool) {
	at := strings.LastIndex(s, sep)
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+len(sep):], true
}

// attempts returns how many requests of a kind ("first", "retry", "hedge") went to a CRM.
func (f figures) attempts(service, kind string) int {
	return int(f[`crmgraph_upstream_attempts_total{kind="`+kind+`",service="`+service+`"}`])
}

// sent returns how many requests of all kinds went to a CRM.
func (f figures) sent(service string) int {
	return f.attempts(service, "first") + f.attempts(service, "retry") + f.attempts(service, "hedge")
}

// opened returns how often the circuit to a CRM has opened.
func (f figures) opened(service string) int {
	return int(f[`crmgraph_upstream_breaker_opened_total{service="`+service+`"}`])
}

// inFlight returns how many requests to a CRM are under way or wait to be.
func (f figures) inFlight(service string) int {
	return int(f[`crmgraph_upstream_in_flight{service="`+service+`"}`] + f[`crmgraph_upstream_queued{service="`+service+`"}`])
}

// environment leads a program to emulated CRMs.
func environment(crms *sandbox.Sandbox) []string {
	return []string{
		"CRMGRAPH_PROPORTAL_URL=" + crms.ProPortalURL(), "CRMGRAPH_PROPORTAL_JWT_SECRET=" + crms.JWTSecret(),
		"CRMGRAPH_SOLOS_URL=" + crms.SolosURL(),
		"CRMGRAPH_SOLOS_TOKEN=" + crms.SolosToken(), "CRMGRAPH_SOLOS_SECRET=" + crms.SolosSecret(),
	}
}

// projectsOf returns the numbers of projects that exist, with steps.
func projectsOf(t *testing.T, crms *sandbox.Sandbox, n int) []uint64 {
	t.Helper()
	var numbers []uint64
	for _, project := range crms.Data().Projects {
		if !project.Deleted && len(project.Steps) > 0 && len(numbers) < n {
			numbers = append(numbers, project.ID)
		}
	}
	if len(numbers) < n {
		t.Fatalf("the emulated solOS has %d such projects, want %d", len(numbers), n)
	}
	return numbers
}

// TestManyViewersAtOnce: several viewers' large dashboards, together far more calls than may be under
// way, are all answered whole.
func TestManyViewersAtOnce(t *testing.T) {
	t.Parallel()
	const viewers = 12
	i, crms := startOnSandbox(t, sandbox.Options{Managers: viewers}, "--cost-max-calls=1000")
	var asking sync.WaitGroup
	for _, manager := range crms.ManagerIDs() {
		asking.Go(func() {
			got := postQuery(t, i, largeDashboard, "Bearer "+crms.Token(manager))
			if got.Status != http.StatusOK || strings.Contains(got.Body, `"errors"`) {
				t.Errorf("manager %d: got status %d and %.300s, want an answer without errors", manager, got.Status, got.Body)
			}
		})
	}
	asking.Wait()
	if calls := crms.Calls(); calls["solos.steps"]+calls["solos.payments"] < 2000 {
		t.Errorf("calls: got %v, want so many for steps and payments that they have to wait", calls)
	}
}
