package executor

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/crew"
)

// arrival is a step and the node whose objects it is to be resolved for.
type arrival struct {
	step *step
	node *node
}

// call is one call of a resolver, and the context in which that finds its field.
type call struct {
	context.Context // of the step

	run    *run
	step   *step
	node   *node // nil: nobody waits for the outcome
	index  int   // of the object in the node
	field  graphql.FieldContext
	object any
	args   map[string]any
	turn   *crew.Turn // nil for none
}

// start makes the calls of steps that go together; their objects get one level.
func (r *run) start(due []*call, arrivals []arrival) []*call {
	var objects []any
	for _, a := range arrivals {
		for i := range a.node.objects {
			if a.node.objects[i].selection.object == a.step.object {
				objects = append(objects, a.node.objects[i].object)
			}
		}
	}
	if len(objects) > 0 && r.executor.options.Join != nil && arrivals[0].node != r.top {
		objects = r.executor.options.Join(objects)
	}
	for _, a := range arrivals {
		var used int
		due, used = r.call(due, a.step, a.node, objects)
		objects = objects[used:]
	}
	return due
}

// call makes the calls of one step and returns how many of objects it took.
func (r *run) call(due []*call, s *step, n *node, objects []any) (_ []*call, used int) {
	b := &n.branches[s.slot]
	var calls []call
	if len(objects) > 0 {
		calls = make([]call, 0, len(n.objects))
	}
	for i := range n.objects {
		if n.objects[i].selection.object != s.object {
			continue
		}
		calls = append(calls, call{run: r, step: s, node: n, index: i, object: objects[used]})
		calls[used].enter(b.ctx, n.objects[i].at)
		b.outcomes[i].at = &calls[used].field
		used++
	}
	if !r.giveArguments(calls) || len(calls) == 0 {
		return r.complete(due, s, n), used
	}
	if n == r.top {
		due = r.speculate(due, &calls[0])
	}
	b.pending.Store(int32(len(calls)))
	for i := range calls {
		due = append(due, &calls[i])
	}
	return due, used
}

// giveArguments gives calls of one step their arguments. If these cannot be read, each
// call has failed.
func (r *run) giveArguments(calls []call) bool {
	ok := true
	for i := range calls {
		c := &calls[i]
		args, err := r.arguments(c, c.step)
		if err != nil {
			c.node.branches[c.step.slot].outcomes[c.index].err = err
			ok = false
			continue
		}
		c.args, c.field.Args = args.values, args.values
	}
	return ok
}

// together returns how many of the first calls go into one turn.
func together(due []*call) int {
	n := 1
	if s := due[0].step; s.whole && due[0].node != nil {
		for n < len(due) && due[n].step == s && due[n].node == due[0].node {
			n++
		}
	}
	return n
}

// do makes the call. The last of its step goes on with what is below.
func (c *call) do() {
	defer func() {
		if cause := recover(); cause != nil {
			c.run.fail(cause)
		}
	}()
	value, err := c.resolve()
	if c.node == nil {
		return
	}
	b := &c.node.branches[c.step.slot]
	c.field.Result = value
	b.outcomes[c.index].value, b.outcomes[c.index].err = value, err
	if b.pending.Add(-1) == 0 {
		c.run.queue.push(c.run.complete(nil, c.step, c.node))
	}
}

func (c *call) resolve() (value any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			value, err = nil, c.run.op.Recover(c, cause)
		}
	}()
	counted := c.run.counted(c.step.group)
	if counted.exceeded() {
		return nil, nil
	}
	if value, err = c.step.field.Resolve(c, c.object, c.args); err != nil {
		return nil, graphql.AddFieldLocationToError(c, err)
	}
	if p := c.step.position; c.node != nil && p != nil && p.waits() {
		counted.expect(value)
	}
	return value, nil
}

// enter gives the call its place and its context. It comes before anybody else sees them.
func (c *call) enter(ctx context.Context, parent *graphql.FieldContext) {
	c.field = graphql.FieldContext{
		Parent: parent, Object: c.step.object.Name, Field: c.step.collected, IsMethod: true, IsResolver: true,
	}
	c.Context = ctx
}

// Value is part of context.Context.
func (c *call) Value(key any) any {
	switch key {
	case fieldKey:
		return &c.field
	case any(callcontext.TurnKey{}):
		if c.turn == nil {
			return nil
		}
		return c.turn
	default:
		return c.Context.Value(key)
	}
}
