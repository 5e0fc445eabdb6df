package executor

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// speculate adds calls of those resolvers below a root field that need nothing of its
// object but the id among its arguments. Nobody looks at their outcomes: they are called
// again on the object itself, where what they have loaded is found in the operation's
// memory. If there is no object, their work was in vain.
func (r *run) speculate(due []*call, parent *call) []*call {
	s := parent.step
	if r.options.Speculate == nil || r.op.Operation.Operation != ast.Query ||
		s.position == nil || !s.position.waits() || s.field.Type.Of != nil {
		return due
	}
	stub, fields := r.options.Speculate(s.collected.Name, parent.args)
	if stub == nil {
		return due
	}
	selection, object, err := s.position.concrete(stub)
	if err != nil {
		return due
	}
	ctx := graphql.WithResponseContext(parent.ctx, dropError, r.op.RecoverFunc)
	at := parent.field // a copy: the parent's own call goes on at the same time
	for _, below := range selection.kept {
		if !below.resolves() || !slices.Contains(fields, below.collected.Name) {
			continue
		}
		c := &call{run: r, step: below, object: object}
		c.enter(ctx, &at)
		if c.args, err = r.arguments(c.ctx, below); err != nil {
			continue
		}
		c.field.Args = c.args
		due = append(due, c)
	}
	return due
}

func dropError(context.Context, error) *gqlerror.Error { return nil }
