package persisted_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph"
	"crmgraph/server/graphqlhttp"
	"crmgraph/server/persisted"
)

// The shortest document, and the hash that the documentation of Apollo Server has for it.
const (
	typename     = `{__typename}`
	typenameHash = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"
)

// executable answers every operation with its own document.
type executable struct{ schema *ast.Schema }

func (e executable) Schema() *ast.Schema { return e.schema }

func (executable) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (executable) Exec(ctx context.Context) graphql.ResponseHandler {
	ran, err := json.Marshal(graphql.GetOperationContext(ctx).RawQuery)
	if err != nil {
		panic(err)
	}
	return graphql.OneShot(&graphql.Response{Data: ran})
}

// guard refuses operations without a token before the extensions that are added after it see them.
type guard struct{}

func (guard) ExtensionName() string                   { return "Guard" }
func (guard) Validate(graphql.ExecutableSchema) error { return nil }
func (guard) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if graphql.GetOperationContext(ctx).Headers.Get("Authorization") == "" {
		return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{{Message: "Who are you?"}}})
	}
	return next(ctx)
}

// server is a way in to documents.
type server struct {
	*handler.Server
	documents *persisted.Documents
}

func newServer(t *testing.T, opts persisted.Options) server {
	t.Helper()
	documents, err := persisted.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	way, err := graphqlhttp.New(graphqlhttp.Options{Documents: documents})
	if err != nil {
		t.Fatal(err)
	}
	return newServerWith(documents, way)
}

// newServerWith returns a server with one way in.
func newServerWith(documents *persisted.Documents, way graphql.Transport) server {
	s := server{handler.New(executable{gqlparser.MustLoadSchema(&ast.Source{Input: graph.SDL()})}), documents}
	s.AddTransport(way)
	s.Use(extension.Introspection{})
	s.Use(guard{})
	s.Use(documents)
	return s
}

// answer is what a client sees: the document that was run, or the first error.
type answer struct{ Ran, Code, Message string }

func (s server) send(t *testing.T, r *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var response struct {
		Data   string
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &response); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	got := answer{Ran: response.Data}
	if len(response.Errors) > 0 {
		got.Code, got.Message = response.Errors[0].Extensions.Code, response.Errors[0].Message
	}
	return got
}

func (s server) post(t *testing.T, body string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer x")
	return s.send(t, r)
}

func (s server) get(t *testing.T, parameters url.Values) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql?"+parameters.Encode(), nil)
	r.Header.Set("Authorization", "Bearer x")
	return s.send(t, r)
}

// request is the body of a request.
type request struct {
	Query      string `json:"query,omitempty"`
	DocumentID string `json:"documentId,omitempty"`
	Extensions any    `json:"extensions,omitempty"`
}

func (s server) ask(t *testing.T, r request) answer {
	t.Helper()
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return s.post(t, string(body))
}

// automatic is the extension of a request that names its document.
func automatic(hash string) any {
	return map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}
}

func ran(document string) answer { return answer{Ran: document} }

func notFound() answer {
	return answer{Code: "PERSISTED_QUERY_NOT_FOUND", Message: "PersistedQueryNotFound"}
}

func notTrusted() answer {
	return answer{Code: "DOCUMENT_NOT_TRUSTED", Message: "Only the documents that this server was given beforehand are run, and this is none of them."}
}

func expect(t *testing.T, what string, got, want answer) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

// write makes a file of a test.
func write(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "manifest.json")
	rewrite(t, name, content)
	return name
}

func rewrite(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// manifestOf is a manifest as relay-compiler writes it.
func manifestOf(t *testing.T, documents map[string]string) string {
	t.Helper()
	var content bytes.Buffer
	if err := json.NewEncoder(&content).Encode(documents); err != nil {
		t.Fatal(err)
	}
	return content.String()
}
