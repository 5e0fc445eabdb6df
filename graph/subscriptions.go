package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/model"
)

const errOneField = model.InputError("A subscription has one field, and no more, once @skip and @include are applied.")

// stream runs a subscription: each event has an account, a log and loaders of its own, as if it
// were an operation.
func (e *execution) stream(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	request := graphql.GetOperationContext(ctx)
	// Validation sees to it, but for what @skip and @include leave out.
	fields := graphql.CollectFields(request, request.Operation.SelectionSet, []string{"Subscription"})
	if len(fields) != 1 {
		return refuse(e.graph.present(ctx, errOneField))
	}
	whole := operationFrom(ctx)
	respond := next(ctx)
	ended := false
	return func(ctx context.Context) *graphql.Response {
		if ended {
			return nil
		}
		ctx = context.WithValue(ctx, operationKey{}, &operation{Context: ctx, viewer: whole.viewer})
		ctx, calls := e.begin(ctx, time.Time{}) // an event begins with its first call
		// gqlgen resolves an event as if its object were the root of the response.
		response := respond(graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Subscription", Field: fields[0]}))
		if response == nil {
			ended = true
			return e.last(ctx, whole)
		}
		e.account(ctx, calls, response)
		return response
	}
}

// last returns what tells why a subscription has ended by itself, nil if there is nothing to
// tell.
func (e *execution) last(ctx context.Context, whole *operation) *graphql.Response {
	if whole.ending == nil || ctx.Err() != nil {
		return nil
	}
	if err := whole.ending(); err != nil {
		return &graphql.Response{Errors: gqlerror.List{e.graph.present(ctx, err)}}
	}
	return nil
}

// ending returns why the events of a subscription have ended, once they have.
type ending func() error
