package main

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/server/middleware"
)

// post is gqlgen's POST, less its habit of sending a body it cannot read back to the client.
type post struct{ transport.POST }

// Do is part of graphql.Transport.
func (p post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	p.POST.Do(w, r, discreet{exec})
}

// discreet replaces the errors of bodies that are no operation at all.
type discreet struct{ graphql.GraphExecutor }

// DispatchError is called without an operation only when the body could not be read as one.
func (d discreet) DispatchError(ctx context.Context, list gqlerror.List) *graphql.Response {
	if graphql.HasOperationContext(ctx) {
		return d.GraphExecutor.DispatchError(ctx, list)
	}
	return badRequest("The request body is not a JSON object with a query.")
}

// get is gqlgen's GET, with status 405 and a coded error for what is no query.
type get struct{ transport.GET }

// Do is part of graphql.Transport.
func (g get) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	refusal := &refusal{ResponseWriter: w}
	g.GET.Do(refusal, r, queriesOnly{exec, refusal})
}

// refusal answers 405 in place of another status once an operation was refused.
type refusal struct {
	http.ResponseWriter
	refused bool
}

// WriteHeader is part of http.ResponseWriter.
func (r *refusal) WriteHeader(status int) {
	if r.refused {
		r.Header().Set("Allow", http.MethodPost)
		status = http.StatusMethodNotAllowed
	}
	r.ResponseWriter.WriteHeader(status)
}

// queriesOnly refuses operations that are no queries.
type queriesOnly struct {
	graphql.GraphExecutor
	refusal *refusal
}

// CreateOperationContext fails for an operation that is no query.
func (q queriesOnly) CreateOperationContext(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	op, errs := q.GraphExecutor.CreateOperationContext(ctx, params)
	if len(errs) == 0 && op.Operation.Operation != ast.Query {
		q.refusal.refused = true
		errs = badRequest("Send mutations with POST.").Errors
	}
	return op, errs
}

// DispatchError answers with the refusal as it is.
func (q queriesOnly) DispatchError(ctx context.Context, list gqlerror.List) *graphql.Response {
	if q.refusal.refused {
		return &graphql.Response{Errors: list}
	}
	return q.GraphExecutor.DispatchError(ctx, list)
}

func badRequest(message string) *graphql.Response {
	return &graphql.Response{Errors: gqlerror.List{{
		Message:    message,
		Extensions: map[string]any{"code": middleware.CodeBadUserInput},
	}}}
}
