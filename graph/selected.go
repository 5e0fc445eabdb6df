package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// selects reports whether is accepts the name of any field of a selection set, with those of
// fragments on types. Most sets are plain fields, of which nothing has to be collected.
func selects(op *graphql.OperationContext, set ast.SelectionSet, is func(name string) bool, types ...string) bool {
	if !isPlain(set) {
		for _, field := range graphql.CollectFields(op, set, types) {
			if is(field.Name) {
				return true
			}
		}
		return false
	}
	for _, selection := range set {
		if is(selection.(*ast.Field).Name) {
			return true
		}
	}
	return false
}

// isPlain reports whether a set has nothing but fields without directives.
func isPlain(set ast.SelectionSet) bool {
	for _, selection := range set {
		if field, ok := selection.(*ast.Field); !ok || len(field.Directives) > 0 {
			return false
		}
	}
	return true
}

// selected is selects for the object that a resolver is about to return.
func selected(ctx context.Context, is func(name string) bool, types ...string) bool {
	return selects(graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx).Field.Selections, is, types...)
}
