package graphqlhttp_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/server/graphqlhttp"
)

// executable answers every operation on a small schema as respond says.
type executable struct {
	schema  *ast.Schema
	respond func(op *graphql.OperationContext) *graphql.Response
}

func (e executable) Schema() *ast.Schema { return e.schema }

func (e executable) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (e executable) Exec(ctx context.Context) graphql.ResponseHandler {
	return graphql.OneShot(e.respond(graphql.GetOperationContext(ctx)))
}

// newServer returns a server with the transports of the package.
func newServer(respond func(op *graphql.OperationContext) *graphql.Response) *handler.Server {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		scalar Any
		type Query { name: String echo(value: Any): Any }
		type Mutation { rename: String }
	`})
	server := handler.New(executable{schema, respond})
	for _, transport := range graphqlhttp.Transports() {
		server.AddTransport(transport)
	}
	return server
}

// answer is what a client sees of a response.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

func send(t *testing.T, server http.Handler, method, target, body string, header http.Header) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if header != nil {
		r.Header = header
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func post(t *testing.T, server http.Handler, body string) answer {
	t.Helper()
	return send(t, server, http.MethodPost, "/graphql", body, http.Header{"Content-Type": {"application/json"}})
}

func ada(*graphql.OperationContext) *graphql.Response {
	return &graphql.Response{Data: json.RawMessage(`{"name":"Ada"}`)}
}

// variables answers with the variables of the operation.
func variables(op *graphql.OperationContext) *graphql.Response {
	data, err := json.Marshal(op.Variables)
	if err != nil {
		panic(err)
	}
	return &graphql.Response{Data: data}
}

func TestNumbersInVariablesKeepTheirDigits(t *testing.T) {
	t.Parallel()
	server := newServer(variables)
	const want = `{"data":{"v":{"exact":12345678901234567890.10}}}`
	got := post(t, server, `{"query":"query ($v: Any) { echo(value: $v) }","variables":{"v":{"exact":12345678901234567890.10}}}`)
	if got.Body != want {
		t.Errorf("POST: got %s, want %s", got.Body, want)
	}
	got = send(t, server, http.MethodGet, `/graphql?query=query($v:Any){echo(value:$v)}&variables={"v":{"exact":12345678901234567890.10}}`, "", nil)
	if got.Body != want {
		t.Errorf("GET: got %s, want %s", got.Body, want)
	}
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	server := newServer(ada)
	const (
		plain   = "application/json"
		graphQL = "application/graphql-response+json"
	)
	tests := []struct {
		accept, query string
		status        int
		contentType   string
	}{
		{"", "{ name }", http.StatusOK, plain},
		{"*/*", "{ name }", http.StatusOK, plain},
		{"application/*", "{ name }", http.StatusOK, plain},
		{"application/json; charset=utf-8", "{ name }", http.StatusOK, plain},
		{"text/html, application/json", "{ name }", http.StatusOK, plain},
		{"application/graphql-response+json, application/json", "{ name }", http.StatusOK, graphQL},
		{"application/json, application/graphql-response+json", "{ name }", http.StatusOK, plain},
		{"", "{ nothing }", http.StatusUnprocessableEntity, plain},
		{"application/graphql-response+json", "{ nothing }", http.StatusBadRequest, graphQL},
		{"application/graphql-response+json", "{", http.StatusBadRequest, graphQL},
	}
	for _, test := range tests {
		t.Run(test.accept+test.query, func(t *testing.T) {
			t.Parallel()
			header := func() http.Header {
				h := http.Header{"Content-Type": {"application/json"}}
				if test.accept != "" {
					h.Set("Accept", test.accept)
				}
				return h
			}
			for method, got := range map[string]answer{
				"POST": send(t, server, http.MethodPost, "/graphql", `{"query":"`+test.query+`"}`, header()),
				"GET":  send(t, server, http.MethodGet, "/graphql?query="+strings.ReplaceAll(test.query, " ", "+"), "", header()),
			} {
				if got.Status != test.status || got.Header.Get("Content-Type") != test.contentType {
					t.Errorf("%s: got status %d and %s, want %d and %s", method, got.Status, got.Header.Get("Content-Type"), test.status, test.contentType)
				}
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	server := newServer(ada)
	const (
		plain      = "application/json"
		edge       = "application/json; charset=utf-8"
		unreadable = "The parameters of the request cannot be read; variables and extensions are JSON objects."
	)
	tests := []struct {
		name, method, target, contentType, body string
		status                                  int
		message, answerType, allow              string
	}{
		{"a body that is no JSON", "POST", "/", plain, `{"query": canary`, 400, "The request body is not a JSON object with a query.", plain, ""},
		{"a query that is no text", "POST", "/", plain, `{"query": ["canary"]}`, 400, "The request body is not a JSON object with a query.", plain, ""},
		{"a form", "POST", "/", "application/x-www-form-urlencoded", `query=canary`, 415, "Send the operation as JSON, with Content-Type: application/json.", edge, ""},
		{"a method", "PUT", "/", plain, `{"query":"{ name }"}`, 405, "Send operations with POST or GET.", edge, "OPTIONS, GET, POST"},
		{"a mutation by GET", "GET", "/?query=mutation{rename}", "", "", 405, "Send mutations with POST.", plain, "POST"},
		{"variables by GET that are a list", "GET", "/?query={name}&variables=[1]", "", "", 400, unreadable, edge, ""},
		{"more than an object of variables", "GET", "/?query={name}&variables={}{}", "", "", 400, unreadable, edge, ""},
		{"extensions by GET that are no JSON", "GET", "/?query={name}&extensions=canary", "", "", 400, unreadable, edge, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := send(t, server, test.method, test.target, test.body, http.Header{"Content-Type": {test.contentType}})
			want := `{"errors":[{"message":"` + test.message + `","extensions":{"code":"BAD_USER_INPUT"}}]`
			if got.Status != test.status || !strings.HasPrefix(got.Body, want) {
				t.Errorf("got status %d and %s, want %d and %s…", got.Status, got.Body, test.status, want)
			}
			if strings.Contains(got.Body, "canary") {
				t.Errorf("got %s, want an answer that does not repeat the request", got.Body)
			}
			gotHeader := [2]string{got.Header.Get("Content-Type"), got.Header.Get("Allow")}
			if diff := cmp.Diff([2]string{test.answerType, test.allow}, gotHeader); diff != "" {
				t.Errorf("content type and allowed methods (-want +got):\n%s", diff)
			}
		})
	}
}
