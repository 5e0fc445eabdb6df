package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"

	"crmgraph/graph"
	"crmgraph/graph/executor"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
)

// inParts is a transport that answers with an array of all responses to an operation.
type inParts struct{}

func (inParts) Supports(*http.Request) bool { return true }

func (inParts) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx := r.Context()
	params := &graphql.RawParams{ReadTime: graphql.TraceTiming{Start: graphql.Now(), End: graphql.Now()}}
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber()
	if err := decoder.Decode(params); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	op, errs := exec.CreateOperationContext(ctx, params)
	if errs != nil {
		http.Error(w, errs.Error(), http.StatusBadRequest)
		return
	}
	respond, ctx := exec.DispatchOperation(ctx, op)
	var parts []*graphql.Response
	for response := respond(ctx); response != nil; response = respond(ctx) {
		parts = append(parts, response)
	}
	if err := json.NewEncoder(w).Encode(parts); err != nil {
		panic(err)
	}
}

// deferring is a graph on emulated CRMs that gives answers in parts.
type deferring struct {
	crms   *sandbox.Sandbox
	memory *graph.Memory
	graph  http.Handler
	// late is how many calls the operation before has told of and the CRMs had not received when it ended.
	late int
}

func newDeferring(t *testing.T, opts sandbox.Options) *deferring {
	t.Helper()
	crms := startSandbox(t, opts)
	pool := &http.Transport{MaxIdleConnsPerHost: 256}
	t.Cleanup(pool.CloseIdleConnections)
	caller := upstream.CallerOptions{Transport: pool}
	pp, err := proportal.New(crms.ProPortalURL(), proportal.Options{CallerOptions: caller, Now: crms.Now})
	if err != nil {
		t.Fatal(err)
	}
	so, err := solos.New(crms.SolosURL(), crms.SolosToken(), crms.SolosSecret(), solos.Options{CallerOptions: caller})
	if err != nil {
		t.Fatal(err)
	}
	memory := graph.NewMemory(1 << 30)
	server, err := graph.New(graph.Options{
		ProPortal: pp, Solos: so,
		Memory:     memory,
		Limits:     graph.Limits{Calls: 1_000_000},
		MaxObjects: 1_000_000,
		Logger:     slog.New(slog.DiscardHandler),
		OnFallback: func(_ context.Context, reason executor.Reason) {
			t.Errorf("left to gqlgen's executor: %s", reason)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	server.AddTransport(inParts{})
	return &deferring{crms: crms, memory: memory, graph: withCaller(crms, server)}
}

// answerPart is one response of several.
type answerPart struct {
	Data       any
	Errors     []locatedError
	Path       []any
	HasNext    *bool
	Extensions costExtension
}

// merged is what all parts of an answer come to.
type merged struct {
	data       any
	errors     map[string]bool
	isTooLarge bool
	parts      int
	calls      int // that the CRMs have received
}

// run answers an operation and puts its parts together.
func (d *deferring) run(t *testing.T, query string, variables map[string]any) merged {
	t.Helper()
	d.crms.Reset()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+d.crms.Token(d.crms.ManagerIDs()[0]))
	recorder := httptest.NewRecorder()
	d.graph.ServeHTTP(recorder, request)
	if taken := d.memory.Stats().Taken; taken != 0 {
		t.Errorf("%d bytes of memory are not given back after the last part\n%s", taken, query)
	}
	var parts []answerPart
	if err := json.Unmarshal(recorder.Body.Bytes(), &parts); err != nil || len(parts) == 0 {
		t.Fatalf("%v in %.500s\n%s", err, recorder.Body, query)
	}
	m := merged{data: parts[0].Data, errors: map[string]bool{}, parts: len(parts)}
	for _, count := range d.crms.Calls() {
		m.calls += count
	}
	// Calls that turn out to be for nobody are told of, though they may not have arrived yet; they do while the next
	// operation runs, if ever.
	told := parts[len(parts)-1].Extensions.Cost.Actual.Total
	if isLogin := strings.HasPrefix(strings.TrimSpace(query), "mutation"); told+d.late < m.calls && !isLogin { // which tells of none
		t.Errorf("the last part tells of %d calls, want at least %d, of which %d may be late\n%s", told, m.calls, d.late, query)
	}
	d.late = max(told-m.calls, 0)
	for i, part := range parts {
		if more := part.HasNext != nil && *part.HasNext; more != (i < len(parts)-1) {
			t.Errorf("part %d of %d: hasNext is %t\n%s", i+1, len(parts), more, query)
		}
		for _, err := range part.Errors {
			err.Locations = nil // where a field stands is another place in another document
			m.errors[asJSON(t, err)] = true
			m.isTooLarge = m.isTooLarge || err.Extensions.Code == "RESULT_TOO_LARGE"
		}
		if i > 0 {
			m.data = mergeAt(t, m.data, part.Path, part.Data)
		}
	}
	return m
}

// mergeAt merges a deferred object into the data that came before it.
func mergeAt(t *testing.T, data any, path []any, object any) any {
	t.Helper()
	if len(path) == 0 {
		return mergeValue(t, data, object)
	}
	switch key := path[0].(type) {
	case string:
		into, ok := data.(map[string]any)
		if !ok {
			t.Fatalf("nothing is deferred in %v, but at %v", data, path)
		}
		into[key] = mergeAt(t, into[key], path[1:], object)
	case float64:
		into, ok := data.([]any)
		if !ok || int(key) >= len(into) {
			t.Fatalf("nothing is deferred in %v, but at %v", data, path)
		}
		into[int(key)] = mergeAt(t, into[int(key)], path[1:], object)
	}
	return data
}

func mergeValue(t *testing.T, into, value any) any {
	t.Helper()
	switch value := value.(type) {
	case map[string]any:
		known, ok := into.(map[string]any)
		if !ok {
			return value
		}
		for key, member := range value {
			known[key] = mergeValue(t, known[key], member)
		}
		return known
	case []any:
		known, ok := into.([]any)
		if !ok {
			return value
		}
		if len(known) != len(value) {
			t.Fatalf("a list has %d elements in one part and %d in another", len(known), len(value))
		}
		for i := range value {
			known[i] = mergeValue(t, known[i], value[i])
		}
		return known
	}
	return value
}

// deferrer puts @defer into documents.
type deferrer struct {
	*rand.Rand
	labels int
}

// put returns a query in which fragments are deferred, some of them made for it.
func (d *deferrer) put(t *testing.T, query string) string {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		t.Fatal(err)
	}
	for _, operation := range doc.Operations {
		operation.SelectionSet = d.selections(operation.SelectionSet)
	}
	for _, fragment := range doc.Fragments {
		fragment.SelectionSet = d.selections(fragment.SelectionSet)
	}
	var text bytes.Buffer
	formatter.NewFormatter(&text).FormatQueryDocument(doc)
	return text.String()
}

func (d *deferrer) selections(set ast.SelectionSet) ast.SelectionSet {
	var out, later ast.SelectionSet
	for _, selected := range set {
		switch selected := selected.(type) {
		case *ast.Field:
			selected.SelectionSet = d.selections(selected.SelectionSet)
		case *ast.InlineFragment:
			selected.SelectionSet = d.selections(selected.SelectionSet)
			if d.IntN(3) == 0 {
				selected.Directives = append(selected.Directives, d.directive())
			}
		case *ast.FragmentSpread:
			if d.IntN(3) == 0 {
				selected.Directives = append(selected.Directives, d.directive())
			}
		}
		switch d.IntN(6) {
		case 0:
			later = append(later, selected)
		case 1: // both
			later = append(later, selected)
			out = append(out, selected)
		default:
			out = append(out, selected)
		}
	}
	if len(later) == 0 {
		return out
	}
	fragment := &ast.InlineFragment{Directives: ast.DirectiveList{d.directive()}, SelectionSet: later}
	return slices.Insert(out, d.IntN(len(out)+1), ast.Selection(fragment))
}

func (d *deferrer) directive() *ast.Directive {
	directive := &ast.Directive{Name: "defer"}
	if d.IntN(2) == 0 {
		d.labels++
		directive.Arguments = append(directive.Arguments, &ast.Argument{
			Name: "label", Value: &ast.Value{Kind: ast.StringValue, Raw: fmt.Sprint("l", d.labels)},
		})
	}
	if d.IntN(8) == 0 {
		directive.Arguments = append(directive.Arguments, &ast.Argument{
			Name: "if", Value: &ast.Value{Kind: ast.BooleanValue, Raw: fmt.Sprint(d.IntN(2) == 0)},
		})
	}
	return directive
}

// compareDeferred expects that the parts of an operation that defers come to the answer of the same
// one that does not, and returns how many more calls they took.
func compareDeferred(t *testing.T, deferred string, want, got merged) (more int) {
	t.Helper()
	if diff := gocmp.Diff(want.data, got.data); diff != "" {
		t.Errorf("data (-at once +in parts):\n%s\nof %s", diff, deferred)
	}
	if diff := gocmp.Diff(want.errors, got.errors); diff != "" {
		t.Errorf("errors (-at once +in parts):\n%s\nof %s", diff, deferred)
	}
	return max(got.calls-want.calls, 0)
}

// However the golden operations are taken apart, the parts come to the same answer, over no more calls.
func TestDeferredGolden(t *testing.T) {
	t.Parallel()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			d := newDeferring(t, sandbox.Options{Dialect: dialect})
			operations, several := 0, 0
			for i, name := range goldenNames(t) {
				if orReference(onlyDialect(name)) != dialect {
					continue
				}
				operations++
				query, variables := readOperation(t, name)
				deferred := (&deferrer{Rand: rand.New(rand.NewPCG(1, uint64(i)))}).put(t, query)
				want, got := d.run(t, query, variables), d.run(t, deferred, variables)
				if more := compareDeferred(t, deferred, want, got); more > 0 {
					t.Errorf("%s: %d more calls in parts", name, more)
				}
				if got.parts > 1 {
					several++
				}
			}
			if several < operations/2 {
				t.Errorf("of %d operations %d came in parts, want most of them", operations, several)
			}
		})
	}
}

// The same is true of random operations, but that now and then one makes a further call: parts do
// not wait for each other, so that objects in two of them may be asked for twice as often.
func TestDeferredRandom(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: graph.SDL()})
	const workers, operations = 4, 200
	for worker := range workers {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			opts := sandbox.Options{Dialect: sandbox.DialectResource, Customers: 10, Groups: 3, Tasks: 30, Projects: 20}
			whole, parted := newDeferring(t, opts), newDeferring(t, opts)
			values := newRandomValues(whole.crms.Data())
			several, more, tooLarge := 0, 0, 0
			for i := range operations {
				random := rand.New(rand.NewPCG(900+uint64(worker), uint64(i)))
				g := &generator{Rand: random, schema: schema, values: values}
				query, variables := g.operation()
				deferred := (&deferrer{Rand: random}).put(t, query)
				got := parted.run(t, deferred, variables)
				if got.isTooLarge { // thousands of small parts
					tooLarge++
					continue
				}
				more += compareDeferred(t, deferred, whole.run(t, query, variables), got)
				if t.Failed() {
					t.Fatalf("operation %d with %v", i, variables)
				}
				if got.parts > 1 {
					several++
				}
			}
			if several < operations/2 || tooLarge > operations/50 || more > operations/50 {
				t.Errorf("of %d operations %d came in parts, %d were too large, and %d calls more were made", operations, several, tooLarge, more)
			}
		})
	}
}
