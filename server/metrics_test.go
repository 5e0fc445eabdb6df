package main

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// metricsURL returns where a program serves its metrics.
func metricsURL(t *testing.T, i *instance) string {
	t.Helper()
	match := regexp.MustCompile(`"msg":"serving metrics","address":"([^"]+)"`).FindStringSubmatch(i.log.String())
	if match == nil {
		t.Fatalf("log: got %s, want the address of the metrics", i.log)
	}
	return "http://" + match[1]
}

// fallbacks returns, by reason, how many operations the metrics say were left to gqlgen's executor.
func fallbacks(metrics string) map[string]string {
	found := make(map[string]string)
	for _, match := range regexp.MustCompile(`(?m)^crmgraph_executor_fallback_total\{reason="([^"]+)"\} (\S+)$`).FindAllStringSubmatch(metrics, -1) {
		found[match[1]] = match[2]
	}
	return found
}

func TestMetricsCountFallbacks(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--metrics-listen=127.0.0.1:0")
	metrics := metricsURL(t, i) + "/metrics"
	want := map[string]string{
		"subscription": "0", "introspection": "0", "directive": "0", "field middleware": "0", "field": "0", "size": "0",
	}
	steps := []struct {
		name, query string
		raised      string
	}{
		{"a plain query", `{ __typename }`, ""},
		{"introspection", `{ __schema { queryType { name } } }`, "introspection"},
		{"a query that is not valid", `{ nothing }`, ""},
	}
	if diff := cmp.Diff(want, fallbacks(fetch(t, metrics).Body)); diff != "" {
		t.Errorf("before any query (-want +got):\n%s", diff)
	}
	for _, step := range steps {
		postQuery(t, i, `{"query":"`+step.query+`"}`, "")
		if step.raised != "" {
			want[step.raised] = "1"
		}
		if diff := cmp.Diff(want, fallbacks(fetch(t, metrics).Body)); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", step.name, diff)
		}
	}
}

func TestMetricsOfGoAndTheProcess(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--metrics-listen=127.0.0.1:0")
	got := fetch(t, metricsURL(t, i)+"/metrics").Body
	for _, name := range []string{"go_memstats_mallocs_total", "go_goroutines", "process_cpu_seconds_total", "process_resident_memory_bytes"} {
		if !strings.Contains(got, "\n"+name+" ") {
			t.Errorf("got %s\nwant %s in it", got, name)
		}
	}
}

// TestMetricsKeepToTheirListener: who may read metrics is decided by who reaches it.
func TestMetricsKeepToTheirListener(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--metrics-listen=127.0.0.1:0")
	metrics := metricsURL(t, i)
	tests := []struct {
		url    string
		status int
	}{
		{metrics + "/metrics", http.StatusOK},
		{metrics + "/graphql?query={__typename}", http.StatusNotFound},
		{metrics + "/", http.StatusNotFound},
		{i.url + "/metrics", http.StatusNotFound},
	}
	for _, test := range tests {
		if got := fetch(t, test.url); got.Status != test.status {
			t.Errorf("%s: got %v, want status %d", test.url, got, test.status)
		}
	}
}

func TestMetricsStopWithTheServer(t *testing.T) {
	t.Parallel()
	i := start(t, nil, "--metrics-listen=127.0.0.1:0")
	metrics := metricsURL(t, i)
	if err := i.end(); err != nil {
		t.Errorf("the program ended with %v, want no error", err)
	}
	if accepts(t, metrics) {
		t.Errorf("%s: accepts connections, want none", metrics)
	}
}

func TestMetricsAreOffByDefault(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil)
	if log := i.log.String(); strings.Contains(log, "metrics") {
		t.Errorf("log: got %s, want nothing about metrics", log)
	}
}

func TestATakenMetricsPortFailsTheStart(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	args := []string{"--listen=127.0.0.1:0", "--metrics-listen", listener.Addr().String()}
	err = run(t.Context(), args, nil, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("got %v, want an error that says the address is in use", err)
	}
}

func TestMetricsOfCalls(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--metrics-listen=127.0.0.1:0", "--cache-ttl=*=1h")
	authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])
	for range 3 {
		askFresh(t, i, authorization, tasksQuery, nil)
	}
	got := fetch(t, metricsURL(t, i)+"/metrics").Body
	for _, want := range []string{
		`crmgraph_cache_answers_total{operation="proportal.tasks",state="fresh"} 2`,
		`crmgraph_cache_misses_total{operation="proportal.tasks"} 1`,
		`crmgraph_cache_entries 1`,
		`crmgraph_upstream_attempts_total{kind="first",service="proportal"} 1`,
		`crmgraph_upstream_attempts_total{kind="retry",service="proportal"} 0`,
		`crmgraph_upstream_breaker_state{service="solos",state="closed"} 1`,
		`crmgraph_upstream_in_flight{service="proportal"} 0`,
		`crmgraph_requests_shed_total 0`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("metrics lack %s", want)
		}
	}
	for _, line := range regexp.MustCompile(`(?m)^crmgraph_(cache|upstream).*$`).FindAllString(got, -1) {
		if strings.Contains(line, strconv.FormatInt(crms.ManagerIDs()[0], 10)+`"`) {
			t.Errorf("a viewer is in the metrics: %s", line)
		}
	}
}
