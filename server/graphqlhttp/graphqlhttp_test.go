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

// newServer returns a server with the transport of the package and its default settings.
func newServer(t *testing.T, respond func(op *graphql.OperationContext) *graphql.Response) *handler.Server {
	t.Helper()
	return newServerWith(t, graphqlhttp.Options{MaxBatch: graphqlhttp.DefaultMaxBatch}, respond)
}

func newServerWith(t *testing.T, opts graphqlhttp.Options, respond func(op *graphql.OperationContext) *graphql.Response) *handler.Server {
	t.Helper()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		scalar Any
		directive @defer(if: Boolean = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
		type Query { name: String echo(value: Any): Any }
		type Mutation { rename: String }
		type Subscription { renamed: String }
	`})
	server := handler.New(executable{schema, respond})
	server.AddTransport(newTransport(t, opts))
	return server
}

func newTransport(t *testing.T, opts graphqlhttp.Options) *graphqlhttp.Transport {
	t.Helper()
	transport, err := graphqlhttp.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return transport
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
	server := newServer(t, variables)
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
