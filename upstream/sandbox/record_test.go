package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
	"crmgraph/upstream/sandbox"
)

func TestCallsNameEveryEndpoint(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Projects: 3})
	requests := map[string]*http.Request{
		"proportal.login":          portalRequest(t, s, 2, "/auth/login"),
		"proportal.groups":         portalRequest(t, s, 2, workspace+"groups?status=active"),
		"proportal.group":          portalRequest(t, s, 2, workspace+"groups/129"),
		"proportal.portfolio":      portalRequest(t, s, 2, workspace+"portfolio?page=2&tasks=planned"),
		"proportal.portfolioCount": portalRequest(t, s, 2, workspace+"portfolio?count=1"),
		"proportal.tasks":          portalRequest(t, s, 2, workspace+"tasks?status=planned"),
		"proportal.taskBoard":      portalRequest(t, s, 2, workspace+"tasks"),
		"proportal.task":           portalRequest(t, s, 2, workspace+"tasks/2598415"),
		"proportal.customer":       portalRequest(t, s, 2, workspace+"customers/4007128"),
		"proportal.customerTasks":  portalRequest(t, s, 2, workspace+"customers/4007128/tasks"),
		"proportal.groupCustomers": portalRequest(t, s, 2, workspace+"customers/group/129"),
		"proportal.unknown":        portalRequest(t, s, 2, workspace+"nothing"),
		"solos.projects":           solosRequest(t, s, "GET", projects, ""),
		"solos.filterProjects":     solosRequest(t, s, "POST", projects+"/filter", "{}"),
		"solos.project":            solosRequest(t, s, "GET", projects+"/info?id=1", ""),
		"solos.steps":              solosRequest(t, s, "GET", projects+"/steps?id=1", ""),
		"solos.actions":            solosRequest(t, s, "GET", projects+"/actions?id=1", ""),
		"solos.action":             solosRequest(t, s, "GET", projects+"/actions/info?id=1001", ""),
		"solos.checklists":         solosRequest(t, s, "GET", projects+"/checklists?id=1", ""),
		"solos.goods":              solosRequest(t, s, "GET", projects+"/goods?id=1", ""),
		"solos.payments":           solosRequest(t, s, "GET", projects+"/payments?id=1", ""),
		"solos.unknown":            solosRequest(t, s, "DELETE", projects, ""),
	}
	want := map[string]int{}
	for name, r := range requests {
		want[name] = 1
		status := http.StatusOK
		if strings.HasSuffix(name, "unknown") {
			status = http.StatusNotFound
		}
		if got := send(t, r); got.status != status {
			t.Errorf("%s: got %d, want %d", name, got.status, status)
		}
	}
	if diff := gocmp.Diff(want, s.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	// Without the base path nothing is found.
	bare := strings.Replace(s.ProPortalURL(), "/proportal", "", 1)
	if got := send(t, newRequest(t, "GET", bare+workspace+"groups", "")); got.status != http.StatusNotFound {
		t.Errorf("without the base path: got %d, want 404", got.status)
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20, Projects: 3})
	before := time.Now()
	first := solosRequest(t, s, "POST", projects+"/filter?x=%D0%B0", `{"count":1}`)
	first.Header.Set("X-Mark", "one")
	send(t, first)
	send(t, portalRequest(t, s, 2, workspace+"customers/%34007128"))

	got := s.Requests()
	if len(got) != 2 {
		t.Fatalf("got %d requests, want 2", len(got))
	}
	if got[0].Header.Get("X-Mark") != "one" || got[0].At.Before(before) || got[0].Connection == got[1].Connection {
		t.Errorf("got header %q, %v, connections %d and %d", got[0].Header.Get("X-Mark"), got[0].At, got[0].Connection, got[1].Connection)
	}
	for i := range got {
		got[i].Header, got[i].At, got[i].Connection = nil, time.Time{}, 0
	}
	want := []sandbox.Request{
		{Call: "solos.filterProjects", Method: "POST", Path: "/solos/backend/public/projects/filter", RawQuery: "x=%D0%B0", Body: `{"count":1}`},
		{Call: "proportal.customer", Method: "GET", Path: "/proportal" + workspace + "customers/%34007128"},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	s.Reset()
	if n := len(s.Requests()) + len(s.Calls()); n != 0 {
		t.Errorf("%d requests and calls after Reset", n)
	}
}

func TestMaxConcurrent(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20})
	s.SetFault("proportal", sandbox.Fault{Kind: sandbox.FaultSlowBody, Delay: time.Hour})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true}
	for range 5 {
		// The headers are here at once, the body keeps the request in work.
		res, err := transport.RoundTrip(portalRequest(t, s, 2, workspace+"groups").WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
	}
	if got := s.MaxConcurrent(upstream.ProPortal); got != 5 {
		t.Errorf("proportal: got %d, want 5", got)
	}
	if got := s.MaxConcurrent(upstream.Solos); got != 0 {
		t.Errorf("solos: got %d, want 0", got)
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Managers: 2, Customers: 20, Tasks: 40, Projects: 30})
	const clients = 8
	t.Run("clients", func(t *testing.T) {
		for client := range clients {
			t.Run(fmt.Sprint(client), func(t *testing.T) {
				t.Parallel()
				manager := s.ManagerIDs()[client%2]
				send(t, portalRequest(t, s, manager, workspace+"portfolio?tasks=planned"))
				send(t, portalRequest(t, s, manager, workspace+"tasks"))
				send(t, solosRequest(t, s, "GET", projects+"?order_by=name", ""))
				send(t, solosRequest(t, s, "POST", projects+"/filter", `{"order_by":"price","data":{"client_id":[4007190]}}`))
				s.SetFault("solos.goods", sandbox.Fault{Kind: sandbox.FaultGarbage})
				if len(s.Requests()) < 4 || s.MaxConcurrent(upstream.Solos) < 1 {
					t.Error("requests are missing in the records")
				}
			})
		}
	})
	want := map[string]int{"proportal.portfolio": clients, "proportal.taskBoard": clients, "solos.projects": clients, "solos.filterProjects": clients}
	if diff := gocmp.Diff(want, s.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// TestSameBytes asks two sandboxes on different ports as one host.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		o := sandbox.Options{Dialect: dialect, Managers: 2}
		one, other := start(t, o), start(t, o)
		for _, path := range []string{
			"groups", "groups?status=complete", "portfolio", "portfolio?tasks=completed&perPage=1000", "tasks", "tasks?status=completed",
			"customers/4007195", "customers/4007195/tasks", "customers/group/129",
		} {
			want, got := portalRequest(t, one, 3-int64(len(path))%2, workspace+path), portalRequest(t, other, 3-int64(len(path))%2, workspace+path)
			want.Host, got.Host = "crm.example", "crm.example"
			if diff := gocmp.Diff(string(send(t, want).body), string(send(t, got).body)); diff != "" {
				t.Errorf("%s %s (-one +other):\n%s", dialect, path, diff)
			}
		}
		paths := []string{"?count=1000", "?count=1000&order_by=source"}
		for _, p := range one.Data().Projects[:10] {
			for _, list := range []string{"steps", "actions", "checklists", "goods", "payments"} {
				paths = append(paths, fmt.Sprintf("/%s?count=1000&id=%d", list, p.ID))
			}
		}
		for _, path := range paths {
			want, got := send(t, solosRequest(t, one, "GET", projects+path, "")), send(t, solosRequest(t, other, "GET", projects+path, ""))
			if diff := gocmp.Diff(string(want.body), string(got.body)); diff != "" {
				t.Errorf("%s %s (-one +other):\n%s", dialect, path, diff)
			}
		}
	}
}
