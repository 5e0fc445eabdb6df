package executor

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"crmgraph/upstream/callcontext"
)

// withField returns a context in which a resolver finds its field.
func withField(ctx context.Context, field *graphql.FieldContext) context.Context {
	parent := field.Parent
	ctx = graphql.WithFieldContext(ctx, field)
	field.Parent = parent // WithFieldContext has put ctx's own there
	return ctx
}

// fieldKey is what gqlgen asks a context for to learn its field. Each call of a resolver is a
// context that knows its own, which takes an object less than withField.
var fieldKey = callcontext.KeyOf(func(ctx context.Context) { graphql.GetFieldContext(ctx) })
