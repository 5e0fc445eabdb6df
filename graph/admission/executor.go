package admission

import (
	"context"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Transport returns a transport whose operations pass the gate before they reach the executor.
func (g *Gate) Transport(inner graphql.Transport) graphql.Transport {
	return gated{inner, g}
}

type gated struct {
	graphql.Transport
	gate *Gate
}

// Do is part of graphql.Transport.
func (t gated) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	t.Transport.Do(w, r, t.gate.Wrap(exec))
}

// Wrap returns an executor whose operations pass the gate before they reach exec. Gate.Cache
// has to be exec's query cache, or exec parses and validates everything once more.
func (g *Gate) Wrap(exec graphql.GraphExecutor) graphql.GraphExecutor {
	return &gatedExecutor{exec, g}
}

type gatedExecutor struct {
	graphql.GraphExecutor
	gate *Gate
}

// CreateOperationContext is part of graphql.GraphExecutor.
func (e *gatedExecutor) CreateOperationContext(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	v := e.gate.verdict(ctx, params.Query)
	errs := v.errors()
	if len(errs) == 0 {
		errs = e.gate.checkRequest(v.doc, params)
	}
	if len(errs) > 0 {
		return refusedOperation(ctx, params), errs
	}
	// The document is handed on in the context, since it may not be kept, or not for long.
	op, errs := e.GraphExecutor.CreateOperationContext(&admitted{Context: ctx, query: params.Query, doc: v.doc}, params) //nolint:contextcheck // the linter does not know contexts of one's own
	if len(errs) == 0 {
		v.plans.Attach(op)
	}
	for _, err := range errs {
		err.Message = withoutVariable(err)
	}
	return op, errs
}

// withoutVariable returns the message of an error that quotes no value of a variable, as those
// about values in a document quote none.
func withoutVariable(err *gqlerror.Error) string {
	if len(err.Path) == 0 || err.Path[0] != ast.PathName("variable") {
		return err.Message
	}
	for _, words := range []string{" is not a valid ", " as "} {
		if at := strings.LastIndex(err.Message, words); at >= 0 {
			return expected(err.Message[at+len(words):])
		}
	}
	return err.Message
}

// checkRequest checks what a request brings beside its document.
func (g *Gate) checkRequest(doc *ast.QueryDocument, params *graphql.RawParams) gqlerror.List {
	if doc.Operations.ForName(params.OperationName) == nil {
		return gqlerror.List{refuse(CodeOperationNotFound)}
	}
	if err := g.CheckVariables(params.Variables); err != nil {
		return gqlerror.List{err}
	}
	return nil
}

// refusedOperation is what gqlgen's executor returns beside errors in a document.
func refusedOperation(ctx context.Context, params *graphql.RawParams) *graphql.OperationContext {
	return &graphql.OperationContext{
		RawQuery:             params.Query,
		OperationName:        params.OperationName,
		Extensions:           params.Extensions,
		Headers:              params.Headers,
		DisableIntrospection: true,
		RecoverFunc:          graphql.DefaultRecover,
		Stats:                graphql.Stats{Read: params.ReadTime, OperationStart: graphql.GetStartTime(ctx)},
	}
}

// admittedKey is where Wrap leaves what it has admitted.
type admittedKey struct{}

// admitted is the context in which an operation is created.
type admitted struct {
	context.Context
	query string
	doc   *ast.QueryDocument
}

// Value is part of context.Context.
func (a *admitted) Value(key any) any {
	if key == any(admittedKey{}) {
		return a
	}
	return a.Context.Value(key)
}

// Cache returns a query cache that has every document which can be admitted, so that gqlgen's
// executor never parses or validates one itself.
func (g *Gate) Cache() graphql.Cache[*ast.QueryDocument] { return queryCache{g} }

type queryCache struct{ gate *Gate }

// Get is part of graphql.Cache. A document that is refused is one without operations, which
// gqlgen refuses too: it would otherwise take it upon itself to find out what is wrong.
func (c queryCache) Get(ctx context.Context, query string) (*ast.QueryDocument, bool) {
	if a, ok := ctx.Value(admittedKey{}).(*admitted); ok && a.query == query {
		return a.doc, true
	}
	doc, errs := c.gate.Admit(ctx, query)
	if len(errs) > 0 {
		return &ast.QueryDocument{}, true
	}
	return doc, true
}

// Add is part of graphql.Cache. There is nothing that Get does not know.
func (queryCache) Add(context.Context, string, *ast.QueryDocument) {}
