package executor

import (
	"context"
	"errors"
	"reflect"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	gqlgen "github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/upstream/crew"
)

// Options tell an Executor what it cannot know of the schema. The zero value runs every
// resolver on its own.
type Options struct {
	// Join returns objects of one type, all of those whose same field is about to be
	// resolved, in their order and each knowing the others. It must not change them: other
	// resolvers may be reading them.
	Join func(objects []any) []any
	// Batched reports whether upstream calls of a field can serve many objects. Such fields,
	// with equal arguments and of the same kind, wait for each other, wherever in the
	// operation they stand.
	Batched func(object, field string, selected []string) (Batch, bool)
	// Speculate returns, for a field of Query that finds one object by an argument, an object
	// that has this id and nothing else, and the fields that can be resolved from it. A nil
	// stub means that there is none.
	Speculate func(field string, args map[string]any) (stub any, fields []string)
	// Crew has resolvers take turns that tell when they wait, as package callcontext has it; nil: they
	// do not tell, so that each call has a goroutine of its own.
	Crew *crew.Crew
	// MaxObjects is how many objects an answer may have; DefaultMaxObjects when 0.
	MaxObjects int
	// OnFallback is told of each operation that gqlgen's own executor serves, and why.
	OnFallback func(ctx context.Context, reason Reason)
}

// Batch says how a field is resolved for many objects.
type Batch struct {
	// Kind is for resolvers that look at what is selected of their value: only fields of the
	// same kind go together.
	Kind string
	// Whole says that the first object's resolver brings what all others need. They share a
	// turn then, which is cheaper, and no later, than one for each.
	Whole bool
}

// Executor runs operations by compiled plans. It is safe for concurrent use.
type Executor struct {
	graphql.ExecutableSchema
	schema  *Schema
	options Options
	crew    *crew.Crew
	plans   unattached
	writers sync.Pool // *Writer
	// plain and plainRoot are gqlgen's middleware when nobody has added any.
	plain, plainRoot uintptr
}

// New returns an executor that reads objects as schema says and leaves to stock what it
// does not serve itself.
func New(stock graphql.ExecutableSchema, schema *Schema, options Options) *Executor {
	if options.MaxObjects == 0 {
		options.MaxObjects = DefaultMaxObjects
	}
	e := &Executor{ExecutableSchema: stock, schema: schema, options: options, plans: newUnattached(), crew: options.Crew}
	if e.crew == nil {
		e.crew = crew.New()
		e.crew.Close() // so that it keeps no goroutine
	}
	e.writers.New = func() any { return &Writer{} }
	// An operation without a document has the middleware of an executor without extensions.
	ctx := graphql.StartOperationTrace(context.Background())
	op, _ := gqlgen.New(stock).CreateOperationContext(ctx, &graphql.RawParams{})
	e.plain, e.plainRoot = code(op.ResolverMiddleware), code(op.RootResolverMiddleware)
	return e
}

// code identifies the source of a function.
func code(function any) uintptr { return reflect.ValueOf(function).Pointer() }

// Exec runs the operation of ctx, once.
func (e *Executor) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	plan, reason := e.planOf(op)
	if plan == nil {
		if e.options.OnFallback != nil {
			e.options.OnFallback(ctx, reason)
		}
		if op.Operation.Operation != ast.Subscription { // whose events are no one answer
			return bound(ctx, op, e.options.MaxObjects, e.ExecutableSchema.Exec)
		}
		return e.ExecutableSchema.Exec(ctx)
	}
	if plan.defers {
		return e.deliver(ctx, op, plan)
	}
	done := false
	return func(ctx context.Context) *graphql.Response {
		if done {
			return nil
		}
		done = true
		return &graphql.Response{Data: e.newRun(ctx, op, plan).answer()} //nolint:contextcheck // the run has it
	}
}

// planOf returns the plan of an operation, or why there is none.
func (e *Executor) planOf(op *graphql.OperationContext) (*plan, Reason) {
	if code(op.ResolverMiddleware) != e.plain || code(op.RootResolverMiddleware) != e.plainRoot {
		return nil, ReasonMiddleware
	}
	made := e.plans.of(op).variant(op, func(found inspection) variant {
		c := compiler{
			schema:  e.schema,
			batched: e.options.Batched,
			op:      &graphql.OperationContext{Doc: op.Doc, Variables: op.Variables},
			defers:  found.defers,
		}
		root := e.schema.Objects[e.Schema().Query.Name]
		if op.Operation.Operation == ast.Mutation {
			root = e.schema.Objects[e.Schema().Mutation.Name]
			c.mutation = root
		}
		plan, err := c.compile(root, op.Operation.SelectionSet)
		switch {
		case errors.Is(err, errTooLarge):
			return variant{reason: ReasonSize}
		case err != nil:
			return variant{reason: ReasonField}
		}
		return variant{plan: plan}
	})
	return made.plan, made.reason
}

// newRun returns an execution whose resolvers find in their context what is in ctx.
func (e *Executor) newRun(ctx context.Context, op *graphql.OperationContext, plan *plan) *run {
	r := &run{
		Context:  ctx,
		executor: e,
		plan:     plan,
		op:       op,
		root:     graphql.FieldContext{Object: plan.root.selections[0].object.Name},
		args:     make([]*arguments, len(plan.steps)),
	}
	r.queue.round.Begin(e.crew, &r.queue)
	r.queue.blocks = e.options.Crew == nil
	r.size.begin(ctx, e.options.MaxObjects)
	r.ctx = e.schema.Prepare(r)
	return r
}
