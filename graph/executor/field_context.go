package executor

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
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
var fieldKey = func() any {
	var asked keyProbe
	graphql.GetFieldContext(&asked)
	return asked.key
}()

// keyProbe is a context that remembers which value it was asked for.
type keyProbe struct {
	context.Context

	key any
}

// Value is part of context.Context.
func (p *keyProbe) Value(key any) any {
	p.key = key
	return nil
}
