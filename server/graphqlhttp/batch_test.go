package graphqlhttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"crmgraph/server/graphqlhttp"
)

// TestBatch: responses come in the order of the operations, and what is wrong with one says
// nothing about the others.
func TestBatch(t *testing.T) {
	t.Parallel()
	server := newServer(t, variables)
	got := post(t, server, ` [
		{"query":"query ($v: Any) { echo(value: $v) }","variables":{"v":1}},
		{"query":"}"},
		7,
		{"variables":{}},
		{"query":"query ($v: Any) { echo(value: $v) }","variables":{"v":2}}
	]`)
	want := `[{"data":{"v":1}},` +
		`{"errors":[{"message":"Unexpected }","locations":[{"line":1,"column":1}],"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]},` +
		`{"errors":[{"message":"A request is a JSON object with the text of a query.","extensions":{"code":"INVALID_REQUEST"}}]},` +
		`{"errors":[{"message":"The request has no query.","extensions":{"code":"INVALID_REQUEST"}}]},` +
		`{"data":{"v":2}}]`
	if got.Status != http.StatusOK || got.Body != want {
		t.Errorf("got status %d and %s, want 200 and %s", got.Status, got.Body, want)
	}
	// An array is no GraphQL response.
	if got, want := got.Header.Get("Content-Type"), "application/json; charset=utf-8"; got != want {
		t.Errorf("Content-Type: got %s, want %s", got, want)
	}
}

// TestBatchRunsSideBySide: each operation waits until all have begun.
func TestBatchRunsSideBySide(t *testing.T) {
	t.Parallel()
	const operations = 10
	var begun sync.WaitGroup
	begun.Add(operations)
	server := newServer(t, func(op *graphql.OperationContext) *graphql.Response {
		begun.Done()
		begun.Wait()
		return ada(op)
	})
	got := post(t, server, "["+strings.Repeat(`{"query":"{ name }"},`, operations-1)+`{"query":"{ name }"}]`)
	if got, want := strings.Count(got.Body, `{"data":{"name":"Ada"}}`), operations; got != want {
		t.Errorf("responses: got %d, want %d", got, want)
	}
}

// TestBatchSurvivesAPanic: only the operation that panics fails.
func TestBatchSurvivesAPanic(t *testing.T) {
	t.Parallel()
	server := newServer(t, func(op *graphql.OperationContext) *graphql.Response {
		if op.OperationName == "B" {
			panic("canary")
		}
		return ada(op)
	})
	got := post(t, server, `[{"query":"query A { name }"},{"query":"query B { name }","operationName":"B"}]`)
	if want := `[{"data":{"name":"Ada"}},{"errors":[{"message":"internal system error"}]}]`; got.Status != http.StatusOK || got.Body != want {
		t.Errorf("got status %d and %s, want 200 and %s", got.Status, got.Body, want)
	}
}

// panicking is an executor whose panics are its caller's business.
type panicking struct{ fixed }

// DispatchOperation panics.
func (panicking) DispatchOperation(context.Context, *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	panic("boom")
}

// TestPanicsReachTheServer: a panic of a goroutine would end the program.
func TestPanicsReachTheServer(t *testing.T) {
	t.Parallel()
	transport := newTransport(t, graphqlhttp.Options{MaxBatch: 1})
	for _, body := range []string{`{"query":"{ name }"}`, `[{"query":"{ name }"}]`} {
		func() {
			defer func() {
				if got := recover(); got != "boom" {
					t.Errorf("%s: got panic %v, want boom", body, got)
				}
			}()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			transport.Do(httptest.NewRecorder(), r, panicking{})
		}()
	}
}

func TestBatchesCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	got := post(t, newServerWith(t, graphqlhttp.Options{}, ada), `[{"query":"{ name }"}]`)
	want := `{"errors":[{"message":"Send one operation, not a list.","extensions":{"code":"BATCH_REFUSED"}}]}`
	if got.Status != http.StatusUnprocessableEntity || got.Body != want {
		t.Errorf("got status %d and %s, want 422 and %s", got.Status, got.Body, want)
	}
}

func TestBatchIsNotAcceptableAsAResponse(t *testing.T) {
	t.Parallel()
	header := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/graphql-response+json"}}
	got := send(t, newServer(t, ada), http.MethodPost, "/", `[{"query":"{ name }"}]`, header)
	if got.Status != http.StatusNotAcceptable || !strings.Contains(got.Body, `"code":"NOT_ACCEPTABLE"`) {
		t.Errorf("got status %d and %s, want 406 and NOT_ACCEPTABLE", got.Status, got.Body)
	}
}
