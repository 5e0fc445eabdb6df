package graphqlhttp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/server/graphqlhttp"
)

// fixed is an executor with one response to everything.
type fixed struct {
	response  graphql.Response
	transport graphql.Transport
}

func (fixed) CreateOperationContext(context.Context, *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	return &graphql.OperationContext{Operation: &ast.OperationDefinition{Operation: ast.Query}}, nil
}

func (f fixed) DispatchOperation(ctx context.Context, _ *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	return graphql.OneShot(&f.response), ctx
}

func (fixed) DispatchError(context.Context, gqlerror.List) *graphql.Response { return nil }

// ServeHTTP answers as gqlgen's server does.
func (f fixed) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.transport.Do(w, r, f) }

// TestResponsesAreThoseOfEncodingJSON: clients see the bytes that encoding/json makes of
// a response, and are told how many there are.
func TestResponsesAreThoseOfEncodingJSON(t *testing.T) {
	t.Parallel()
	more := true
	failed := gqlerror.List{
		{Message: `a "quoted" <message>`, Path: ast.Path{ast.PathName("name"), ast.PathIndex(1)}, Extensions: map[string]any{"code": "X"}},
		{Message: "another", Locations: []gqlerror.Location{{Line: 1, Column: 2}}},
	}
	data := json.RawMessage(`{"name":"Ада","list":[1,null]}`)
	extensions := map[string]any{"cost": 1, "a": []string{"<b>"}}
	tests := map[string]graphql.Response{
		"data":              {Data: data},
		"null":              {Data: json.RawMessage("null")},
		"no data":           {},
		"errors and null":   {Errors: failed, Data: json.RawMessage("null")},
		"partial":           {Errors: failed, Data: data},
		"extensions":        {Data: data, Extensions: extensions},
		"first of several":  {Data: data, HasNext: &more},
		"all members":       {Errors: failed, Data: data, Label: "l", Path: failed[0].Path, HasNext: &more, Extensions: extensions},
		"longer than most":  {Data: json.RawMessage(`"` + strings.Repeat("x", 2<<20) + `"`)},
		"empty but present": {Errors: gqlerror.List{}, Data: data, Path: ast.Path{}, Extensions: map[string]any{}},
	}
	for name, response := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := json.Marshal(&response)
			if err != nil {
				t.Fatal(err)
			}
			got := post(t, fixed{response, newTransport(t, graphqlhttp.Options{})}, `{"query":"{ name }"}`)
			if got.Status != http.StatusOK || got.Body != string(want) {
				t.Errorf("got status %d and %.500s, want %.500s", got.Status, got.Body, want)
			}
			if got, want := got.Header.Get("Content-Length"), strconv.Itoa(len(want)); got != want {
				t.Errorf("Content-Length: got %s, want %s", got, want)
			}
		})
	}
}

// TestDataIsSentAsItIs: what encoding/json would compact and escape is valid JSON as it is.
func TestDataIsSentAsItIs(t *testing.T) {
	t.Parallel()
	response := graphql.Response{Data: json.RawMessage(`{ "name": "<Ada & Co>" }`)}
	got := post(t, fixed{response, newTransport(t, graphqlhttp.Options{})}, `{"query":"{ name }"}`)
	if want := `{"data":{ "name": "<Ada & Co>" }}`; got.Body != want {
		t.Errorf("got %s, want %s", got.Body, want)
	}
}

// TestWhatCannotBeEncodedIsAFault: a client gets the whole of an error, not half a response.
func TestWhatCannotBeEncodedIsAFault(t *testing.T) {
	t.Parallel()
	server := newServer(t, ada)
	server.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := next(ctx)
		response.Extensions = map[string]any{"f": func() {}}
		return response
	})
	got := post(t, server, `{"query":"{ name }"}`)
	if want := `{"errors":[{"message":"internal system error"}]}`; got.Status != http.StatusInternalServerError || got.Body != want {
		t.Errorf("got status %d and %s, want 500 and %s", got.Status, got.Body, want)
	}
}

// TestResponsesDoNotMix answers many requests at the same time, each with a response of
// its own.
func TestResponsesDoNotMix(t *testing.T) {
	t.Parallel()
	server := newServer(t, variables)
	var clients sync.WaitGroup
	for client := range 8 {
		clients.Go(func() {
			for i := range 100 {
				value := strings.Repeat(fmt.Sprint(client), 1+i*10)
				got := post(t, server, `{"query":"query ($v: Any) { echo(value: $v) }","variables":{"v":"`+value+`"}}`)
				if want := `{"data":{"v":"` + value + `"}}`; got.Body != want {
					t.Errorf("got %s, want %s", got.Body, want)
				}
			}
		})
	}
	clients.Wait()
}
