package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// rewriting changes the answers to projects/filter at the one place that matches.
type rewriting struct {
	http.RoundTripper

	place *regexp.Regexp
	text  string
}

func (r rewriting) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.RoundTripper.RoundTrip(req)
	if err != nil || !strings.HasSuffix(req.URL.Path, "projects/filter") {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if found := len(r.place.FindAllIndex(body, -1)); found != 1 {
		return nil, fmt.Errorf("%s is in the answer %d times", r.place, found)
	}
	body = r.place.ReplaceAllLiteral(body, []byte(r.text))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// soleOwners returns two customers of a manager's, the first of whom has one project, which would come at
// a place among those of the other.
func soleOwners(t *testing.T, data *sandbox.Data) (sole, other int64, project uint64, place int) {
	t.Helper()
	owned := map[int64][]uint64{}
	for _, p := range data.Projects {
		if p.CustomerID != nil && !p.Deleted {
			owned[*p.CustomerID] = append(owned[*p.CustomerID], p.ID)
		}
	}
	for _, customer := range data.Managers[0].Customers {
		switch {
		case sole == 0 && len(owned[customer.ID]) == 1:
			sole, project = customer.ID, owned[customer.ID][0]
		case other == 0 && len(owned[customer.ID]) > 1:
			other = customer.ID
		}
	}
	if sole == 0 || other == 0 {
		t.Fatal("no such customers")
	}
	for _, id := range owned[other] {
		if id < project {
			place++
		}
	}
	return sole, other, project, place
}

// What people put into the field for the customer is not always one customer: a project is missing from no list that
// it may be in, or an error tells that it may be missing.
func TestProjectsOfUnclearCustomers(t *testing.T) {
	t.Parallel()
	crms := startSandbox(t, sandbox.Options{Dialect: sandbox.DialectReference})
	sole, other, project, place := soleOwners(t, crms.Data())
	query := fmt.Sprintf(`{ nodes(ids: [%q, %q]) { ... on Customer {
		projects(first: 100) { totalCount nodes { databaseId customer { name } } } timeline(first: 1) { totalCount edges { cursor } } } } }`,
		nodeID("Customer", uint64(sole)), nodeID("Customer", uint64(other)))
	type list struct {
		Projects struct {
			TotalCount *int
			Nodes      []struct{ DatabaseID string }
		}
		Timeline struct{ TotalCount *int }
	}
	for _, test := range []struct {
		name, value string
		inA, inB    bool
		errors      []string // their paths
	}{
		{"as it was", fmt.Sprint(sole), true, false, nil},
		{"with a word", fmt.Sprintf(`"%d ООО"`, sole), true, false, []string{"[nodes 0 projects nodes 0 customer]"}},
		{"two customers", fmt.Sprintf("[%d,%d]", sole, other), true, true, []string{"[nodes 0 projects nodes 0 customer]", fmt.Sprintf("[nodes 1 projects nodes %d customer]", place)}},
		{"nobody's number", `"ООО"`, false, false, []string{"[nodes 0 projects]", "[nodes 0 timeline]", "[nodes 1 projects]", "[nodes 1 timeline]"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorldOn(t, crms, func(w *wiring) {
				w.caller.Transport = rewriting{w.caller.Transport, regexp.MustCompile(fmt.Sprintf(`(?:"%d"|\b%d\b)`, sole, sole)), test.value}
			})
			got := w.ask(t, query, nil)
			var data struct{ Nodes [2]list }
			if err := json.Unmarshal(got.Data, &data); err != nil {
				t.Fatal(err)
			}
			var paths []string
			for _, err := range got.Errors {
				paths = append(paths, fmt.Sprint(err.Path))
				if about, _ := err.Extensions["upstream"].(map[string]any); err.Extensions["code"] != "UPSTREAM_BAD_RESPONSE" || about["field"] != "data.client_id" {
					t.Errorf("got %+v, want an answer with an unreadable data.client_id", err)
				}
			}
			slices.Sort(paths)
			if diff := cmp.Diff(test.errors, paths); diff != "" {
				t.Errorf("paths of errors (-want +got):\n%s", diff)
			}
			for _, of := range []struct {
				list list
				want bool
			}{{data.Nodes[0], test.inA}, {data.Nodes[1], test.inB}} {
				nodes := of.list.Projects.Nodes
				has := slices.ContainsFunc(nodes, func(node struct{ DatabaseID string }) bool { return node.DatabaseID == fmt.Sprint(project) })
				known := of.list.Projects.TotalCount
				if complete := test.inA || test.inB; has != of.want || (known != nil) != complete || complete && *known != len(nodes) {
					t.Errorf("got %+v, want project %d in it: %t", of.list, project, of.want)
				}
				if of.list.Timeline.TotalCount != nil != (test.inA || test.inB) {
					t.Errorf("got %+v, want the length of the timeline where no project may be missing", of.list)
				}
			}
		})
	}
}

// Where one customer alone is asked for, solOS has said whose the project is.
func TestProjectsOfOneUnclearCustomer(t *testing.T) {
	t.Parallel()
	crms := startSandbox(t, sandbox.Options{Dialect: sandbox.DialectReference})
	sole, _, project, _ := soleOwners(t, crms.Data())
	w := newWorldOn(t, crms, func(w *wiring) {
		w.caller.Transport = rewriting{w.caller.Transport, regexp.MustCompile(fmt.Sprintf(`(?:"%d"|\b%d\b)`, sole, sole)), `"ООО"`}
	})
	got := w.ask(t, fmt.Sprintf(`{ customer(id: %d) { projects { totalCount nodes { databaseId } } } }`, sole), nil)
	want := fmt.Sprintf(`{"customer":{"projects":{"totalCount":1,"nodes":[{"databaseId":"%d"}]}}}`, project)
	if string(got.Data) != want || len(got.Errors) > 0 {
		t.Errorf("got %s and %+v, want %s", got.Data, got.Errors, want)
	}
}

// sharing answers projects/filter from a list of projects, whose places are their ids, and of whom each
// belongs to some customers.
type sharing struct {
	http.RoundTripper

	owners [][]int64
}

func (s sharing) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.URL.Path, "projects/filter") {
		return s.RoundTripper.RoundTrip(req)
	}
	var asked struct {
		Data struct {
			ClientID []int64 `json:"client_id"`
		}
		Count, Offset int
	}
	if err := json.NewDecoder(req.Body).Decode(&asked); err != nil {
		return nil, err
	}
	type project struct {
		ID   int            `json:"id"`
		Name string         `json:"name"`
		Data map[string]any `json:"data"`
	}
	found := []project{}
	for id, owners := range s.owners {
		if slices.ContainsFunc(owners, func(owner int64) bool { return slices.Contains(asked.Data.ClientID, owner) }) {
			found = append(found, project{id + 1, fmt.Sprint("project ", id+1), map[string]any{"client_id": owners}})
		}
	}
	found = found[min(asked.Offset, len(found)):]
	body, err := json.Marshal(found[:min(asked.Count, len(found))])
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}, nil
}

// What customers share is read once, also where it is told how much of a list to skip.
func TestSharedProjectsBeyondOnePage(t *testing.T) {
	t.Parallel()
	crms := startSandbox(t, sandbox.Options{})
	full, one, other := crms.Data().Managers[0].Customers[0].ID, crms.Data().Managers[0].Customers[1].ID, crms.Data().Managers[0].Customers[2].ID
	owners := slices.Repeat([][]int64{{full}}, 980)
	owners = append(owners, slices.Repeat([][]int64{{one, other}}, 30)...)
	owners = append(owners, slices.Repeat([][]int64{{one}}, 30)...)
	w := newWorldOn(t, crms, func(w *wiring) { w.caller.Transport = sharing{w.caller.Transport, owners} })
	got := w.ask(t, fmt.Sprintf(`{ nodes(ids: [%q, %q, %q]) { ... on Customer { projects(first: 100) { totalCount } } } }`,
		nodeID("Customer", uint64(full)), nodeID("Customer", uint64(one)), nodeID("Customer", uint64(other))), nil)
	const want = `{"nodes":[{"projects":{"totalCount":null}},{"projects":{"totalCount":60}},{"projects":{"totalCount":30}}]}`
	if string(got.Data) != want {
		t.Errorf("got %s, want %s", got.Data, want)
	}
}
