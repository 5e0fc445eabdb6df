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
	if r.executor.options.Speculate == nil || r.op.Operation.Operation != ast.Query ||
		s.position == nil || !s.position.waits() || s.field.Type.Of != nil {
		return due
	}
	stub, fields := r.executor.options.Speculate(s.collected.Name, parent.args)
	if stub == nil {
		return due
	}
	selection, object, err := s.position.concrete(stub)
	if err != nil {
		return due
	}
	ctx := graphql.WithResponseContext(parent.Context, dropError, r.op.RecoverFunc)
	at := parent.field // a copy: the parent's own call goes on at the same time
	return r.lookAhead(due, selection, fields, call{Context: ctx, object: object}, &at)
}

// lookAhead adds calls for some fields of an object, that of like, deferred ones too.
func (r *run) lookAhead(due []*call, s *selection, fields []string, like call, at *graphql.FieldContext) []*call {
	for _, below := range s.kept {
		if !below.resolves() || !slices.Contains(fields, below.collected.Name) {
			continue
		}
		c := &call{run: r, step: below, object: like.object}
		c.enter(like.Context, at)
		args, err := r.arguments(c, below)
		if err != nil {
			continue
		}
		c.args, c.field.Args = args.values, args.values
		due = append(due, c)
	}
	for _, group := range s.groups {
		due = r.lookAhead(due, group.selection, fields, like, at)
	}
	return due
}

// joinStubs gives the stubs of calls that one batch can serve one level, as their objects will
// have: these come too late to ask for all of them at once. All calls for stubs leave together, so
// that no part of the answer waits for another here.
func (r *run) joinStubs(due []*call) {
	if r.executor.options.Join == nil {
		return
	}
	type key struct {
		batch     batchKey
		arguments string
	}
	together := map[key][]*call{}
	for _, c := range due {
		if c.node != nil || c.step.batch == (batchKey{}) {
			continue
		}
		if arguments, ok := r.argumentsKey(c.step); ok {
			k := key{c.step.batch, arguments}
			k.batch.group = nil
			together[k] = append(together[k], c)
		}
	}
	for _, calls := range together {
		objects := make([]any, len(calls))
		for i, c := range calls {
			objects[i] = c.object
		}
		for i, object := range r.executor.options.Join(objects) {
			calls[i].object = object
		}
	}
}

func dropError(context.Context, error) *gqlerror.Error { return nil }
