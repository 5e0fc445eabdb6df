package graphqlhttp

import (
	"context"
	"net/http"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph"
)

// Documents finds the document of a request that names one instead of sending it, and may
// refuse one that is sent.
type Documents interface {
	// Document fills in or checks p.Query. Its error goes to the client as it is.
	Document(ctx context.Context, p *Params) *gqlerror.Error
}

// Create returns the operation that p asks for, or the response that says why there is
// none. documents may be nil. header is that of the request.
func Create(ctx context.Context, exec graphql.GraphExecutor, documents Documents, p *Params, header http.Header) (*graphql.OperationContext, *graphql.Response) {
	if documents != nil {
		if err := documents.Document(ctx, p); err != nil {
			return nil, &graphql.Response{Errors: gqlerror.List{err}}
		}
	}
	if p.Query == "" {
		return nil, malformed("The request has no query.").Response()
	}
	op, errs := exec.CreateOperationContext(ctx, p.raw(header))
	switch {
	case len(errs) == 0:
		return op, nil
	case areCoded(errs):
		return nil, &graphql.Response{Errors: errs}
	default:
		return nil, exec.DispatchError(graphql.WithOperationContext(ctx, op), errs)
	}
}

// Count counts an operation that Create has refused, for whoever sent it. It returns what it is
// answered with: the refusal, or that too much was asked for.
func Count(ctx context.Context, exec graphql.GraphExecutor, refused *graphql.Response) *graphql.Response {
	err := graph.AdmitAnonymous(ctx)
	if err == nil {
		return refused
	}
	return exec.DispatchError(graphql.WithOperationContext(ctx, &graphql.OperationContext{}), gqlerror.List{gqlerror.Wrap(err)})
}

// areCoded reports whether errors are about what the client sent, as those with a code are.
// Any other is a fault, for the executor to mask and log.
func areCoded(errs gqlerror.List) bool {
	return !slices.ContainsFunc(errs, func(err *gqlerror.Error) bool {
		code, _ := err.Extensions["code"].(string)
		return code == ""
	})
}
