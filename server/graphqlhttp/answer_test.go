package graphqlhttp_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/server/graphqlhttp"
)

// respondWith answers everything with one response.
func respondWith(response graphql.Response) func(*graphql.OperationContext) *graphql.Response {
	return func(*graphql.OperationContext) *graphql.Response { return &response }
}

func coded(code string) gqlerror.List {
	return gqlerror.List{{Message: "No.", Extensions: map[string]any{"code": code}}}
}

// The types and statuses of responses are those of the draft's section "Response"; a type of
// "" is what both types have.
func TestStatusesOfResponses(t *testing.T) {
	t.Parallel()
	const (
		plain   = "application/json"
		graphQL = "application/graphql-response+json"
	)
	data := json.RawMessage(`{"name":"Ada"}`)
	tests := []struct {
		name     string
		response graphql.Response
		accept   string
		status   int
		answered string
	}{
		{"data", graphql.Response{Data: data}, graphQL, 200, graphQL},
		{"data", graphql.Response{Data: data}, plain, 200, plain},
		{"data and errors", graphql.Response{Data: data, Errors: coded("X")}, graphQL, 294, graphQL},
		{"data and errors", graphql.Response{Data: data, Errors: coded("X")}, plain, 200, plain},
		{"null and errors", graphql.Response{Data: json.RawMessage("null"), Errors: coded("X")}, graphQL, 294, graphQL},
		{"not signed in", graphql.Response{Errors: coded("UNAUTHENTICATED")}, graphQL, 401, graphQL},
		{"not signed in", graphql.Response{Errors: coded("UNAUTHENTICATED")}, plain, 401, graphQL},
		{"not allowed", graphql.Response{Errors: coded("FORBIDDEN")}, plain, 403, graphQL},
		{"not trusted", graphql.Response{Errors: coded("DOCUMENT_NOT_TRUSTED")}, plain, 403, graphQL},
		{"too expensive", graphql.Response{Errors: coded("COST_ESTIMATED_TOO_EXPENSIVE")}, plain, 422, graphQL},
		{"a fault", graphql.Response{Errors: coded("INTERNAL_SERVER_ERROR")}, plain, 500, graphQL},
		{"a bad answer of a CRM", graphql.Response{Errors: coded("UPSTREAM_BAD_RESPONSE")}, plain, 502, graphQL},
		{"a CRM that is down", graphql.Response{Errors: coded("UPSTREAM_UNAVAILABLE")}, plain, 503, graphQL},
		{"a CRM that is slow", graphql.Response{Errors: coded("UPSTREAM_TIMEOUT")}, plain, 504, graphQL},
	}
	for _, test := range tests {
		t.Run(test.name+" as "+test.accept, func(t *testing.T) {
			t.Parallel()
			header := http.Header{"Content-Type": {plain}, "Accept": {test.accept}}
			got := send(t, newServer(t, respondWith(test.response)), http.MethodPost, "/", `{"query":"{ name }"}`, header)
			if want := test.answered + "; charset=utf-8"; got.Status != test.status || got.Header.Get("Content-Type") != want {
				t.Errorf("got status %d and %s, want %d and %s", got.Status, got.Header.Get("Content-Type"), test.status, want)
			}
			if got, want := strings.Contains(got.Body, `"data":`), test.response.Data != nil; got != want {
				t.Errorf("the response has data: got %v, want %v", got, want)
			}
			// RFC 9110, section 15.5.2, wants the challenge with each 401.
			if got, want := got.Header.Get("Www-Authenticate") == "Bearer", test.status == 401; got != want {
				t.Errorf("the response asks for a token: got %v, want %v", got, want)
			}
		})
	}
}

// TestALateRequestIsToldSo: an operation whose time is up before it runs has no response.
func TestALateRequestIsToldSo(t *testing.T) {
	t.Parallel()
	server := newServer(t, respondWith(graphql.Response{}))
	server.AroundOperations(func(context.Context, graphql.OperationHandler) graphql.ResponseHandler {
		return func(context.Context) *graphql.Response { return nil }
	})
	got := post(t, server, `{"query":"{ name }"}`)
	if got.Status != 503 || !strings.Contains(got.Body, `"code":"DEADLINE_EXCEEDED"`) {
		t.Errorf("got status %d and %s, want 503 and DEADLINE_EXCEEDED", got.Status, got.Body)
	}
}

// named is documents that are named by their ids.
type named map[string]string

// Document is part of graphqlhttp.Documents.
func (n named) Document(_ context.Context, p *graphqlhttp.Params) *gqlerror.Error {
	if p.DocumentID == "" {
		return nil
	}
	document, ok := n[p.DocumentID]
	if !ok {
		return coded("PERSISTED_QUERY_NOT_FOUND")[0]
	}
	p.Query = document
	return nil
}

func TestDocumentsByName(t *testing.T) {
	t.Parallel()
	server := newServerWith(t, graphqlhttp.Options{Documents: named{"a": "{ name }"}}, ada)
	const data = `{"data":{"name":"Ada"}}`
	tests := []struct {
		method, target, body, accept string
		status                       int
		want                         string
	}{
		{"POST", "/", `{"documentId":"a"}`, "*/*", 200, data},
		{"GET", "/?documentId=a", "", "*/*", 200, data},
		{"POST", "/", `{"query":"{ name }"}`, "*/*", 200, data},
		{"POST", "/", `{}`, "*/*", 422, `{"errors":[{"message":"The request has no query.","extensions":{"code":"INVALID_REQUEST"}}]}`},
		{"POST", "/", `{"documentId":"b"}`, "*/*", 200, `{"errors":[{"message":"No.","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}`},
		{"POST", "/", `{"documentId":"b"}`, "application/graphql-response+json", 404, `{"errors":[{"message":"No.","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}`},
	}
	for _, test := range tests {
		header := http.Header{"Content-Type": {"application/json"}, "Accept": {test.accept}}
		got := send(t, server, test.method, test.target, test.body, header)
		if got.Status != test.status || got.Body != test.want {
			t.Errorf("%s %s %s: got status %d and %s, want %d and %s", test.method, test.target, test.body, got.Status, got.Body, test.status, test.want)
		}
	}
}

// TestDeferredPartsAreThereAtOnce: one response is all that such a client reads, and the
// document that other requests share still says what it defers.
func TestDeferredPartsAreThereAtOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var deferred []bool
	server := newServer(t, func(op *graphql.OperationContext) *graphql.Response {
		mu.Lock()
		defer mu.Unlock()
		for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"}) {
			deferred = append(deferred, len(field.Deferrables) > 0 && !field.IsNonDeferrable)
		}
		return ada(op)
	})
	for _, query := range []string{
		`{ name ... @defer { a: name ... @include(if: true) { b: name } } }`,
		`{ ...F @defer(label: \"l\") } fragment F on Query { ... on Query @defer { name } }`,
	} {
		if got := post(t, server, `{"query":"`+query+`"}`); got.Body != `{"data":{"name":"Ada"}}` {
			t.Errorf("%s: got %s, want the data", query, got.Body)
		}
	}
	if diff := cmp.Diff([]bool{false, false, false, false}, deferred); diff != "" {
		t.Errorf("fields that are deferred (-want +got):\n%s", diff)
	}
}
