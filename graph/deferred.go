package graph

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Defers reports whether an operation may be answered in several parts.
func Defers(op *graphql.OperationContext) bool {
	if defers(op.Operation.SelectionSet, op.Variables) {
		return true
	}
	for _, fragment := range op.Doc.Fragments {
		if defers(fragment.SelectionSet, op.Variables) {
			return true
		}
	}
	return false
}

// defers reports whether anything in selections is deferred, but for what is in fragments
// that they spread.
func defers(selections ast.SelectionSet, variables map[string]any) bool {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			if defers(selection.SelectionSet, variables) {
				return true
			}
		case *ast.InlineFragment:
			if isDeferred(selection.Directives, variables) || defers(selection.SelectionSet, variables) {
				return true
			}
		case *ast.FragmentSpread:
			if isDeferred(selection.Directives, variables) {
				return true
			}
		}
	}
	return false
}

// isDeferred reports whether a fragment with these directives is deferred.
func isDeferred(directives ast.DirectiveList, variables map[string]any) bool {
	directive := directives.ForName("defer")
	if directive == nil {
		return false
	}
	argument := directive.Arguments.ForName("if")
	if argument == nil {
		return true
	}
	value, err := argument.Value.Value(variables)
	return err != nil || value != false
}

// toTheEnd has an operation that defers tell what became of each part, also when its time is up:
// gqlgen gives no response in a context that has ended. Its resolvers end with ctx all the
// same.
//
// That takes more where gqlgen's own executor runs the operation. It waits for each deferred
// part without looking at a context, and drops a part whose context has ended: who waited for
// that would wait for ever. Resolvers alone have an end there.
func toTheEnd(ctx context.Context, request *graphql.OperationContext, respond graphql.ResponseHandler) graphql.ResponseHandler {
	resolve := request.ResolverMiddleware
	request.ResolverMiddleware = func(field context.Context, next graphql.Resolver) (any, error) {
		bound := &resolving{Context: field, operation: ctx}
		defer bound.over.Store(true)
		return resolve(bound, next) //nolint:contextcheck // it has the values of the field's
	}
	return func(ctx context.Context) *graphql.Response { return respond(context.WithoutCancel(ctx)) }
}

// resolving is the context of a field in gqlgen's executor, that has no end, and ends with its
// operation while the field's resolver runs. The fields below go on with it when that is over.
type resolving struct {
	context.Context
	operation context.Context
	over      atomic.Bool
}

// Done is part of context.Context.
func (r *resolving) Done() <-chan struct{} {
	if r.over.Load() {
		return nil
	}
	return r.operation.Done()
}

// Err is part of context.Context. It stays an error when the resolver is over: whoever was
// told by Done asks here why.
func (r *resolving) Err() error { return r.operation.Err() }

// Deadline is part of context.Context.
func (r *resolving) Deadline() (time.Time, bool) { return r.operation.Deadline() }
