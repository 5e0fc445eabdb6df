package sandbox_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
	"crmgraph/upstream/sandbox"
)

func TestStartRefusesImpossibleOptions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options sandbox.Options
		want    []string
	}{
		"dialect":       {sandbox.Options{Dialect: "soap"}, []string{`unknown dialect "soap"`}},
		"managers":      {sandbox.Options{Managers: -1}, []string{"managers: -1"}},
		"groups":        {sandbox.Options{Customers: 3, Groups: 4}, []string{"4 groups cannot share 3 customers"}},
		"envelope":      {sandbox.Options{Envelope: "soap"}, []string{`unknown envelope "soap"`}},
		"latency":       {sandbox.Options{Latency: -1}, []string{"latency: -1ns is negative"}},
		"page size":     {sandbox.Options{MaxPerPage: -1}, []string{"max per page: -1"}},
		"lifetime":      {sandbox.Options{TokenLifetime: 1500 * time.Millisecond}, []string{"token lifetime: 1.5s"}},
		"no lifetime":   {sandbox.Options{TokenLifetime: -time.Hour}, []string{"token lifetime: -1h"}},
		"clock":         {sandbox.Options{Now: time.Unix(0, 0)}, []string{"now: 1970-01-01"}},
		"field":         {sandbox.Options{CustomerField: "source"}, []string{`"source" is another field`}},
		"big customer":  {sandbox.Options{Customers: -1, BigCustomer: 3}, []string{"big customer"}},
		"address":       {sandbox.Options{SolosListen: "here"}, []string{"listen address"}},
		"all that is":   {sandbox.Options{Dialect: "soap", Envelope: "soap", Latency: -1}, []string{"dialect", "envelope", "latency"}},
		"port in words": {sandbox.Options{ProPortalListen: "127.0.0.1:many"}, []string{"sandbox proportal"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := sandbox.Start(test.options)
			if err == nil {
				t.Fatalf("started; Close: %v", s.Close())
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want it to contain %s", err, want)
				}
			}
		})
	}
}

func TestStartFailsOnATakenPort(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	taken, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for _, o := range []sandbox.Options{{ProPortalListen: taken.Addr().String()}, {SolosListen: taken.Addr().String()}} {
		if s, err := sandbox.Start(o); err == nil {
			t.Errorf("started on a taken port; Close: %v", s.Close())
		}
	}
}

func TestParseDialect(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]sandbox.Dialect{"": "reference", "reference": "reference", "resource": "resource"} {
		if got, err := sandbox.ParseDialect(name); got != want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", name, got, err, want)
		}
	}
	if got, err := sandbox.ParseDialect("Reference"); err == nil {
		t.Errorf("got %q, want an error", got)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	type sizes struct{ Managers, Groups, Customers, Tasks, Projects int }
	tests := map[string]struct {
		options sandbox.Options
		want    sizes
	}{
		"defaults":      {sandbox.Options{}, sizes{1, 12, 120, 600, 200}},
		"two managers":  {sandbox.Options{Managers: 2}, sizes{2, 24, 240, 1200, 400}},
		"few customers": {sandbox.Options{Customers: 4}, sizes{1, 4, 4, 600, 200}},
		"chosen":        {sandbox.Options{Managers: 3, Customers: 7, Groups: 2, Tasks: 10, Projects: 5}, sizes{3, 6, 21, 30, 15}},
		"nothing":       {sandbox.Options{Customers: -1, Projects: -1}, sizes{1, 0, 0, 0, 0}},
		"no tasks":      {sandbox.Options{Tasks: -1, Groups: -1}, sizes{1, 0, 120, 0, 200}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := start(t, test.options).Data()
			got := sizes{Managers: len(data.Managers), Projects: len(data.Projects)}
			ids := map[string]map[int64]bool{"group": {}, "customer": {}, "task": {}, "project": {}}
			for _, m := range data.Managers {
				got.Groups += len(m.Groups)
				got.Customers += len(m.Customers)
				got.Tasks += len(m.Tasks)
				for _, g := range m.Groups {
					ids["group"][g.ID] = true
				}
				for _, c := range m.Customers {
					ids["customer"][c.ID] = true
				}
				for _, task := range m.Tasks {
					ids["task"][task.ID] = true
				}
			}
			for _, p := range data.Projects {
				ids["project"][int64(p.ID)] = true
			}
			if diff := gocmp.Diff(test.want, got); diff != "" {
				t.Errorf("sizes (-want +got):\n%s", diff)
			}
			got = sizes{len(data.Managers), len(ids["group"]), len(ids["customer"]), len(ids["task"]), len(ids["project"])}
			if diff := gocmp.Diff(test.want, got); diff != "" {
				t.Errorf("different ids (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMarkersTellManagersApart(t *testing.T) {
	t.Parallel()
	managers := start(t, sandbox.Options{Managers: 25, Customers: 6, Tasks: 6, Projects: 2}).Data().Managers
	for _, m := range managers {
		for _, other := range managers {
			for _, c := range other.Customers[4:] {
				if got := strings.Contains(c.Name, m.Marker); got != (m == other) {
					t.Errorf("customer %q of manager %d has the word %q of manager %d: %t", c.Name, other.ID, m.Marker, m.ID, got)
				}
			}
		}
	}
}

func TestDocumentedOnly(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{DocumentedOnly: true})
	tests := map[string]int{
		"groups": 200, "groups/129": 200, "portfolio": 200, "tasks": 200, "tasks?status=planned": 200,
		"tasks/2598415": 404, "customers/4007128": 404, "customers/4007128/tasks": 404, "customers/group/129": 404,
	}
	for path, want := range tests {
		if got := send(t, portalRequest(t, s, 2, workspace+path)); got.status != want {
			t.Errorf("%s: got %d, want %d", path, got.status, want)
		}
	}
	if got := s.Calls()["proportal.customer"]; got != 1 {
		t.Errorf("proportal.customer is counted %d times, want 1: it was asked for", got)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	const latency = 15 * time.Millisecond
	s := start(t, sandbox.Options{Customers: 4, Tasks: 4, Projects: 4, Latency: latency})
	for _, r := range []*http.Request{portalRequest(t, s, 2, workspace+"groups"), solosRequest(t, s, "GET", projects, "")} {
		before := time.Now()
		send(t, r)
		if took := time.Since(before); took < latency {
			t.Errorf("%s: took %v, want at least %v", r.URL.Path, took, latency)
		}
	}
}

// An answer that is due much later holds nobody up, once whoever asked has left and the sandbox closes.
func TestCloseWaitsForNoAnswer(t *testing.T) {
	t.Parallel()
	s, err := sandbox.Start(sandbox.Options{Customers: 4, Tasks: 4, Projects: 4, Latency: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	leaving, leave := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer leave()
	transport := &http.Transport{DisableKeepAlives: true}
	if _, err := transport.RoundTrip(portalRequest(t, s, 2, workspace+"groups").WithContext(leaving)); err == nil { //nolint:bodyclose // there is no answer
		t.Error("got an answer at once")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestMutate(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Mutate: func(data *sandbox.Data) { data.Managers[0].Groups[0].Name = "changed" }})
	if got, ok := portal(t, s, workspace+"groups/129").(object); !ok || got["name"] != "changed" {
		t.Errorf("got %v, want the changed name", got)
	}
}

func TestClockMovesTheData(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, time.March, 5, 12, 30, 15, 999, time.UTC)
	s := start(t, sandbox.Options{Now: now})
	if want := now.Truncate(time.Second); !s.Now().Equal(want) {
		t.Errorf("Now: got %v, want %v", s.Now(), want)
	}
	for _, task := range s.Data().Managers[0].Tasks {
		if got := string(task.Status); got != statusOf(s, task) {
			t.Errorf("task %d is %s, want %s", task.ID, got, statusOf(s, task))
		}
		if task.CreatedAt.After(s.Now()) || (task.ResultAt != nil && task.ResultAt.After(s.Now())) {
			t.Errorf("task %d has a past in the future: %+v", task.ID, task)
		}
	}
	if defaults := start(t, sandbox.Options{Customers: 1}).Now(); !defaults.Equal(moscow(t, "2026-09-01 09:00:00")) {
		t.Errorf("default Now: got %v, want 2026-09-01 09:00 in Moscow", defaults)
	}
}

func TestCloseReleasesHangingRequests(t *testing.T) {
	t.Parallel()
	s, err := sandbox.Start(sandbox.Options{Customers: 4, Tasks: 4, Projects: 4})
	if err != nil {
		t.Fatal(err)
	}
	s.SetFault("proportal", sandbox.Fault{Kind: sandbox.FaultSlowBody, Delay: time.Hour})
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(portalRequest(t, s, 2, workspace+"groups"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	s.Reset() // what is counted from here on is what is still in work
	if got := s.MaxConcurrent(upstream.ProPortal); got != 0 {
		t.Errorf("%d requests in work after Close", got)
	}
	if _, err := transport.RoundTrip(portalRequest(t, s, 2, workspace+"groups")); err == nil { //nolint:bodyclose // there is no answer
		t.Error("the sandbox answers after Close")
	}
}
