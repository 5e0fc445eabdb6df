package graphqlstream_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/graphqlstream"
	"crmgraph/server/streamtest"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
)

// A branch that is deferred at the root holds up nothing either: what ProPortal has told is there
// while solOS has not answered at all.
func TestDeferAtTheRoot(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{})
	held := g.HoldBack(t, solos.ListProjectsCall)
	got := ask(t, g, sse, `{ portfolio(first: 1) { nodes { id } } ... @defer(label: "projects") { projects(first: 1) { nodes { name } } } }`)
	got.expect(":", "", "event: next")
	first := strings.TrimPrefix(got.line(), "data: ")
	if !strings.HasPrefix(first, `{"data":{"portfolio":{"nodes":[{"id":"`) || !strings.HasSuffix(first, `"}]}},"hasNext":true}`) {
		t.Errorf("first part: got %s, want the portfolio and nothing of projects", first)
	}
	held.Arrived()
	held.Release()
	got.expect("", "event: next")
	second := strings.TrimPrefix(got.line(), "data: ")
	if !strings.HasPrefix(second, `{"incremental":[{"data":{"projects":{"nodes":[{"name":"`) ||
		!strings.HasSuffix(second, `"}]}},"label":"projects","path":[]}],"hasNext":false}`) {
		t.Errorf("second part: got %s, want the projects, at the root", second)
	}
	got.expect("", "event: complete", "data: ", "", "EOF")
}

// Of a list, each object comes by itself, with the errors that are its own.
func TestDeferInAList(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{})
	g.CRMs.SetFault(solos.ListStepsCall.String(), sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusInternalServerError})
	body := ask(t, g, sse, `{ projects(first: 2) { nodes { databaseId ... @defer(label: "s") { steps { id } } } } }`).all()
	type part struct {
		HasNext     bool
		Incremental []struct {
			Path, Label any
			Data        json.RawMessage
			Errors      []struct{ Path []any }
		}
	}
	var paths, errors []any
	for n := 2; n <= 3; n++ {
		text, err := dataOf(body, n)
		if err != nil {
			t.Fatal(err)
		}
		var got part
		if err := json.Unmarshal([]byte(text), &got); err != nil || len(got.Incremental) != 1 || got.HasNext != (n < 3) {
			t.Fatalf("part %d: got %s, %v", n, text, err)
		}
		one := got.Incremental[0]
		if string(one.Data) != `{"steps":null}` || len(one.Errors) != 1 {
			t.Errorf("part %d: got %s, want no steps and why", n, text)
			continue
		}
		paths, errors = append(paths, one.Path), append(errors, one.Errors[0].Path)
	}
	at := func(i float64, more ...any) any { return append([]any{"projects", "nodes", i}, more...) }
	if diff := cmp.Diff([]any{at(0), at(1)}, paths); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{at(0, "steps"), at(1, "steps")}, errors); diff != "" {
		t.Errorf("paths of errors (-want +got):\n%s", diff)
	}
}

// What is not deferred after all, a variable says, is JSON where that will do.
func TestDeferByVariable(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{})
	for _, test := range []struct {
		defers      bool
		contentType string
	}{{true, `multipart/mixed; boundary="-"; deferSpec=20220824`}, {false, "application/json; charset=utf-8"}} {
		got := request(t, http.MethodPost, g.URL, mustJSON(t, map[string]any{
			"query":     `query ($d: Boolean!) { viewer { id } ... @defer(if: $d) { group(id: 129) { id } } }`,
			"variables": map[string]any{"d": test.defers},
		}), http.Header{"Accept": {deferring}, "Content-Type": {"application/json"}, "Authorization": {"Bearer " + g.CRMs.Token(2)}})
		if contentType := got.Header.Get("Content-Type"); contentType != test.contentType {
			t.Errorf("if: %t: got %s, want %s", test.defers, contentType, test.contentType)
		}
		got.all()
	}
}

// gqlgen's executor, which runs what asks for the schema, does not hang on what is late either.
func TestDeferWithIntrospection(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{Stream: graphqlstream.Options{OperationTimeout: 300 * time.Millisecond}})
	g.HoldBack(t, solos.ListStepsCall)
	body := ask(t, g, deferring, `{ __schema { queryType { name } } project(id: 43) { ... @defer { steps { databaseId } } } }`).all()
	if !strings.Contains(body, `"queryType":{"name":"Query"}`) || !strings.Contains(body, `"code":"UPSTREAM_TIMEOUT"`) || !strings.HasSuffix(body, "\r\n-----\r\n") {
		t.Errorf("got %q, want the schema, and a last part with UPSTREAM_TIMEOUT", body)
	}
}
