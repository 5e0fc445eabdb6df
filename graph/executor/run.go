package executor

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// run is one execution of a plan, and the context of its resolvers.
type run struct {
	context.Context // of the operation; a run does not outlive it

	executor *Executor
	plan     *plan
	op       *graphql.OperationContext
	ctx      context.Context      // the run, with what else resolvers may expect
	root     graphql.FieldContext // where all paths begin
	top      *node
	first    struct { // the room of top
		node   node
		object [1]located
	}
	args  []*arguments    // by step
	gates map[*step]*gate // of steps that wait for others
	calls sync.WaitGroup  // under way
	fault atomic.Pointer[fault]
	size  size
	queue queue
	parts *parts // nil unless the operation defers
}

// fault is a panic outside of resolvers, which goes on where Exec was called.
type fault struct{ cause any }

// node is all objects at one position.
type node struct {
	objects  []located
	branches []branch // what became of the kept steps, by slot
}

// located is an object of a node.
type located struct {
	object    any
	selection *selection
	at        *graphql.FieldContext // the end of its path
}

// branch is what one step gave for the objects of a node.
type branch struct {
	ctx      context.Context
	outcomes []outcome // by object; those of objects of another type stay empty
	pending  atomic.Int32
	child    *node // the objects in the values, where resolvers are below
}

// outcome is a value or an error.
type outcome struct {
	value any
	err   error
	at    *graphql.FieldContext
	first int // number of the value's first object in the child
}

// Value is part of context.Context.
func (r *run) Value(key any) any {
	if key == any(sizeKey{}) {
		return &r.size
	}
	return r.Context.Value(key)
}

// answer runs all resolvers and returns the data.
func (r *run) answer() []byte {
	r.resolve()
	return r.write(r.ctx, piece{selection: r.plan.groups[0].selection, at: place{node: r.top}})
}

// resolve runs all resolvers, but does not wait for those of what is deferred.
func (r *run) resolve() {
	first := r.plan.groups[0]
	r.first.object[0] = located{selection: first.selection, at: &r.root}
	r.first.node.objects = r.first.object[:]
	r.top = &r.first.node
	r.expect(r.plan.root, r.top)
	ctx := r.enter(r.ctx, first, r.top)
	if r.op.Operation.Operation == ast.Mutation {
		for _, step := range first.kept {
			r.hold(first)
			r.settle(r.begin(ctx, nil, step, r.top))
		}
	} else {
		r.gates = r.join()
		r.hold(first)
		due := r.ready(ctx, nil, first.selection, r.top)
		r.joinStubs(due)
		r.settle(due)
	}
}

// expect makes room for what will become of the steps at a node.
func (r *run) expect(p *position, n *node) {
	n.branches = make([]branch, p.slots)
	count := len(n.objects)
	outcomes := make([]outcome, p.slots*count)
	for i := range n.branches {
		n.branches[i].outcomes = outcomes[i*count : (i+1)*count : (i+1)*count]
	}
}

// ready begins what is selected of objects that are known, all of a node that are of the
// selection's type, and adds to due the calls that can be made now.
func (r *run) ready(ctx context.Context, due []*call, s *selection, n *node) []*call {
	for _, step := range s.kept {
		due = r.begin(ctx, due, step, n)
	}
	for _, group := range s.groups {
		due = r.later(ctx, due, group, n)
	}
	return due
}

func (r *run) begin(ctx context.Context, due []*call, s *step, n *node) []*call {
	if n == r.top {
		ctx = graphql.WithRootFieldContext(ctx, &graphql.RootFieldContext{
			Object: s.collected.Name, // as gqlgen has it
			Field:  s.collected,
		})
	}
	n.branches[s.slot].ctx = ctx
	if !s.resolves() {
		r.get(ctx, s, n)
		return r.descend(due, s, n)
	}
	r.hold(s.group)
	gate := r.gates[s]
	if gate == nil {
		return r.start(due, []arrival{{s, n}}) //nolint:contextcheck // each call is a context of its own
	}
	return r.start(due, gate.arrive(arrival{s, n})) //nolint:contextcheck // likewise
}

// get reads a plain field of all objects of a node.
func (r *run) get(ctx context.Context, s *step, n *node) {
	outcomes := n.branches[s.slot].outcomes
	for i := range n.objects {
		if n.objects[i].selection.object == s.object {
			outcomes[i].at = &graphql.FieldContext{Parent: n.objects[i].at, Object: s.object.Name, Field: s.collected}
			outcomes[i].value, outcomes[i].err = r.getOne(ctx, s, n, i)
		}
	}
}

func (r *run) getOne(ctx context.Context, s *step, n *node, i int) (value any, err error) {
	at := n.branches[s.slot].outcomes[i].at
	defer func() {
		if cause := recover(); cause != nil {
			value, err = nil, r.op.Recover(withField(ctx, at), cause)
		}
	}()
	args := r.knownArguments(s)
	if args == nil {
		if args, err = r.arguments(withField(ctx, at), s); err != nil {
			return nil, err
		}
	}
	if value, err = s.field.Get(n.objects[i].object, args.values); err != nil {
		return nil, graphql.AddFieldLocationToError(withField(ctx, at), err)
	}
	return value, nil
}

// complete goes on below a resolver that has an outcome for every object of its node.
func (r *run) complete(due []*call, s *step, n *node) []*call {
	due = r.descend(due, s, n)
	r.release(s.group)
	return due
}

// descend goes on with the objects that a step has found.
func (r *run) descend(due []*call, s *step, n *node) []*call {
	counted := r.counted(s.group)
	if s.position == nil || !s.position.waits() || counted.exceeded() {
		return due
	}
	b := &n.branches[s.slot]
	b.child = &node{}
	for i := range b.outcomes {
		found := &b.outcomes[i]
		found.first = len(b.child.objects)
		if found.err == nil {
			b.child.collect(counted, s.position, s.field.Type, found.value, found.at)
		}
	}
	r.bound(s.group)
	if counted.exceeded() || !counted.add(len(b.child.objects)*s.position.slots) {
		b.child = nil // there will be no answer
		return due
	}
	r.expect(s.position, b.child)
	for _, selection := range s.position.selections {
		due = r.ready(b.ctx, due, selection, b.child)
	}
	return due
}

// collect adds the objects in a value to a node, in the order in which they are written.
func (n *node) collect(counted *size, p *position, t *Type, value any, at *graphql.FieldContext) {
	if value == nil {
		return
	}
	if t.Of == nil {
		if selection, object, err := p.concrete(value); err == nil && object != nil {
			n.objects = append(n.objects, located{object: object, selection: selection, at: at})
		}
		return
	}
	if !counted.add(lengthOf(value)) {
		return
	}
	items := t.Items(nil, value)
	paths := make([]struct {
		field graphql.FieldContext
		index int
	}, len(items))
	for i, item := range items {
		path := &paths[i]
		path.index = i
		path.field.Parent, path.field.Index = at, &path.index
		n.collect(counted, p, t.Of, item, &path.field)
	}
}

// concrete returns what is selected of a value's object type, and the object itself: nil
// for a nil pointer.
func (p *position) concrete(value any) (*selection, any, error) {
	if p.abstract == nil {
		return p.selections[0], value, nil
	}
	name, object := p.abstract.Concrete(value)
	for _, selection := range p.selections {
		if selection.object.Name == name {
			return selection, object, nil
		}
	}
	return nil, nil, fmt.Errorf("a value of type %T is of none of the types it can be", value)
}
