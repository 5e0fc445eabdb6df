package executor

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// run is one execution of a plan.
type run struct {
	options *Options
	plan    *plan
	op      *graphql.OperationContext
	ctx     context.Context       // of the operation; a run does not outlive it
	root    *graphql.FieldContext // where all paths begin
	top     *node
	args    []arguments     // by step
	gates   map[*step]*gate // of steps that wait for others
	calls   sync.WaitGroup  // under way
	fault   atomic.Pointer[fault]
	size    size
}

// fault is a panic outside of resolvers, which goes on where Exec was called.
type fault struct{ cause any }

// node is all objects at one position.
type node struct {
	ctx      context.Context
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

// resolve runs all resolvers.
func (r *run) resolve() {
	r.top = &node{ctx: r.ctx, objects: []located{{selection: r.plan.root.selections[0], at: r.root}}}
	r.expect(r.plan.root, r.top)
	for _, step := range r.plan.root.selections[0].kept {
		r.top.branches[step.slot].ctx = graphql.WithRootFieldContext(r.ctx, &graphql.RootFieldContext{
			Object: step.collected.Name, // as gqlgen has it
			Field:  step.collected,
		})
	}
	if r.op.Operation.Operation == ast.Mutation {
		for _, step := range r.plan.root.selections[0].kept {
			r.dispatch(r.begin(nil, step, r.top))
			r.calls.Wait()
		}
	} else {
		r.gates = r.join()
		r.dispatch(r.ready(nil, r.plan.root, r.top))
		r.calls.Wait()
	}
	if fault := r.fault.Load(); fault != nil {
		panic(fault.cause)
	}
}

// expect makes room for what will become of the steps at a node.
func (r *run) expect(p *position, n *node) {
	n.branches = make([]branch, p.slots)
	for i := range n.branches {
		n.branches[i].ctx = n.ctx
		n.branches[i].outcomes = make([]outcome, len(n.objects))
	}
}

// ready begins all steps at a node whose objects are known, and adds to due the calls that
// can be made now.
func (r *run) ready(due []*call, p *position, n *node) []*call {
	for _, selection := range p.selections {
		for _, step := range selection.kept {
			due = r.begin(due, step, n)
		}
	}
	return due
}

func (r *run) begin(due []*call, s *step, n *node) []*call {
	if !s.resolves() {
		r.get(s, n)
		return r.complete(due, s, n)
	}
	gate := r.gates[s]
	if gate == nil {
		return r.start(due, []arrival{{s, n}})
	}
	return r.start(due, gate.arrive(arrival{s, n}))
}

// get reads a plain field of all objects of a node.
func (r *run) get(s *step, n *node) {
	outcomes := n.branches[s.slot].outcomes
	for i := range n.objects {
		if n.objects[i].selection.object == s.object {
			outcomes[i].at = &graphql.FieldContext{Parent: n.objects[i].at, Object: s.object.Name, Field: s.collected}
			outcomes[i].value, outcomes[i].err = r.getOne(s, n, i)
		}
	}
}

func (r *run) getOne(s *step, n *node, i int) (value any, err error) {
	at := n.branches[s.slot].outcomes[i].at
	defer func() {
		if cause := recover(); cause != nil {
			value, err = nil, r.op.Recover(withField(n.ctx, at), cause)
		}
	}()
	args, known := r.knownArguments(s)
	if !known {
		if args, err = r.arguments(withField(n.ctx, at), s); err != nil {
			return nil, err
		}
	}
	if value, err = s.field.Get(n.objects[i].object, args); err != nil {
		return nil, graphql.AddFieldLocationToError(withField(n.ctx, at), err)
	}
	return value, nil
}

// complete goes on below a step that has an outcome for every object of its node.
func (r *run) complete(due []*call, s *step, n *node) []*call {
	if s.position == nil || !s.position.waits() || r.size.exceeded() {
		return due
	}
	b := &n.branches[s.slot]
	b.child = &node{ctx: b.ctx}
	for i := range b.outcomes {
		found := &b.outcomes[i]
		found.first = len(b.child.objects)
		if found.err == nil {
			b.child.collect(&r.size, s.position, s.field.Type, found.value, found.at)
		}
	}
	if r.size.exceeded() {
		b.child = nil // there will be no answer
		return due
	}
	r.expect(s.position, b.child)
	return r.ready(due, s.position, b.child)
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
	items := t.Items(nil, value)
	if !counted.add(len(items)) {
		return
	}
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
