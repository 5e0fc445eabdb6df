// Package graph answers GraphQL operations: resolvers say which objects, package loader
// in how few upstream calls.
package graph

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/executor"
	"crmgraph/graph/generated"
	"crmgraph/graph/loader"
	"crmgraph/graph/plan"
	"crmgraph/graph/watch"
	"crmgraph/upstream"
	"crmgraph/upstream/crew"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

// Options are what a graph is made of.
type Options struct {
	ProPortal *proportal.Client // nil: this gateway runs without ProPortal
	Solos     *solos.Client     // nil: this gateway runs without solOS
	// Service is in whose name ProPortal is asked for all viewers; nil: in each viewer's own.
	Service upstream.Credentials
	// Limits bound the upstream calls of each operation.
	Limits    Limits
	Logger    *slog.Logger                 // nil: slog.Default
	RequestID func(context.Context) string // names a request in errors and logs; may be nil
	// OnCalls is told how many upstream calls an operation has made; may be nil.
	OnCalls func(ctx context.Context, calls int)
	// Pollers run what subscriptions watch; nil for some of the graph's own.
	Pollers *watch.Pollers
	// MaxObjects is how many objects the answer to one operation, or those to all that share a
	// Budget, may have; 0: executor.DefaultMaxObjects.
	MaxObjects int
	// Memory is what there is for operations under way; nil: as much as they need.
	Memory *Memory
	// Crew is where upstream calls take turns; nil: one that keeps no goroutine.
	Crew *crew.Crew
	// Reference has gqlgen's own executor serve everything, not only what the compiled one
	// leaves to it.
	Reference bool
	// OnFallback is told of each operation that the compiled executor leaves to gqlgen's, and
	// why; may be nil.
	OnFallback func(ctx context.Context, reason executor.Reason)
}

// Graph is what all operations share.
type Graph struct {
	opts         Options
	schema       *ast.Schema
	installation loader.Installation
	service      *proportal.ViewerClient // nil without Options.Service
	plans        *lru.Cache[planKey, *plan.Plan]
	taskBoards   *taskBoards
}

// New returns a gqlgen server for the whole schema. It has no transports yet, and
// expects WithCaller in the context of each operation.
func New(opts Options) (*handler.Server, error) {
	if opts.ProPortal == nil && opts.Solos == nil {
		return nil, errors.New("a graph needs at least one CRM")
	}
	if opts.Logger == nil {
		opts.Logger = slog.Default()
	}
	if opts.RequestID == nil {
		opts.RequestID = func(context.Context) string { return "" }
	}
	if opts.Crew == nil {
		opts.Crew = crew.New()
		opts.Crew.Close() // so that it keeps no goroutine
	}
	g := &Graph{opts: opts, plans: newPlans()}
	if opts.ProPortal != nil && opts.Service != nil {
		g.service = opts.ProPortal.AsService(serviceAccount, opts.Service)
	}
	if opts.Solos != nil {
		g.installation.CustomerField = opts.Solos.CustomerField()
	}
	if opts.Pollers == nil {
		pollers, err := watch.NewPollers(watch.Options{})
		if err != nil {
			return nil, err
		}
		opts.Pollers = pollers
	}
	g.taskBoards = newTaskBoards(g, opts.Pollers)
	if opts.Limits.Calls == 0 {
		g.opts.Limits.Calls = DefaultMaxCalls
	}
	executable := newSchema(g)
	g.schema = executable.Schema()
	if !opts.Reference {
		executable = newExecutor(g, executable)
	}
	server := handler.New(executable)
	server.SetErrorPresenter(g.present)
	server.SetRecoverFunc(func(_ context.Context, cause any) error { return loader.Panicked(cause) })
	server.Use(operations{g})
	return server, nil
}

// serviceAccount is whose the answers are that are asked for in the name of Options.Service.
const serviceAccount = "service"

func newSchema(g *Graph) graphql.ExecutableSchema {
	return generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{graph: g}})
}

// Schema returns the schema. Nobody may change it.
func Schema() *ast.Schema { return newSchema(nil).Schema() }

// HasViewer reports whether the operation of ctx runs for a viewer who is known.
func HasViewer(ctx context.Context) bool {
	op := operationFrom(ctx)
	return op != nil && op.viewer != nil
}

// SDL returns the schema in GraphQL's schema definition language.
func SDL() string {
	var text bytes.Buffer
	schema := newSchema(nil).Schema()
	write := formatter.NewFormatter(&text)
	// What FormatSchema leaves out: what the schema as a whole says of itself, and the directive
	// that is built into the parser, but not into the tools of clients.
	deferring := *schema.Directives["defer"]
	deferring.Position = nil
	write.FormatSchemaDocument(&ast.SchemaDocument{
		Schema: ast.SchemaDefinitionList{{Description: schema.Description, OperationTypes: ast.OperationTypeDefinitionList{
			{Operation: ast.Query, Type: schema.Query.Name},
			{Operation: ast.Mutation, Type: schema.Mutation.Name},
			{Operation: ast.Subscription, Type: schema.Subscription.Name},
		}}},
		Directives: ast.DirectiveDefinitionList{&deferring},
	})
	write.FormatSchema(schema)
	return text.String()
}

// operation is what one operation remembers beside its loaders. It is the context of the
// operation's extensions and resolvers.
type operation struct {
	context.Context
	viewer *Viewer // nil when it needs none
	ending ending
	seen   sync.Map
}

// firstSight reports whether failure has not been seen in this operation yet.
func (o *operation) firstSight(failure *upstream.Error) bool {
	if o == nil {
		return true
	}
	_, seen := o.seen.LoadOrStore(failure, struct{}{})
	return !seen
}

type operationKey struct{}

// Value is part of context.Context.
func (o *operation) Value(key any) any {
	if key == any(operationKey{}) {
		return o
	}
	return o.Context.Value(key)
}

func operationFrom(ctx context.Context) *operation {
	op, _ := ctx.Value(operationKey{}).(*operation)
	return op
}

// operations is the extension that gives every operation its viewer and its loaders.
type operations struct{ graph *Graph }

// ExtensionName names the extension to gqlgen.
func (operations) ExtensionName() string { return "Operations" }

// Validate accepts every schema.
func (operations) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation authenticates the caller, if the operation needs a viewer, plans the
// operation, and makes the loaders that carry the viewer's identity.
func (e operations) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := &operation{Context: ctx}
	return e.intercept(op, op, next) //nolint:contextcheck // the linter does not know contexts of one's own
}

func (e operations) intercept(ctx context.Context, op *operation, next graphql.OperationHandler) graphql.ResponseHandler {
	request := graphql.GetOperationContext(ctx)
	if request.DisableIntrospection && asksForSchema(request) {
		if err := AdmitAnonymous(ctx); err != nil {
			return refuse(e.graph.present(ctx, err))
		}
		return refuse(&gqlerror.Error{
			Message:    "This gateway does not answer questions about its schema.",
			Extensions: map[string]any{"code": codeIntrospectionDisabled},
		})
	}
	if !needsViewer(request) {
		if err := AdmitAnonymous(ctx); err != nil {
			return refuse(e.graph.present(ctx, err))
		}
		if request.Operation.Operation == ast.Mutation { // login, whose calls count
			return e.graph.run(ctx, request, nil, next)
		}
		endTurn(ctx)
		return next(ctx)
	}
	viewer, err := authenticate(ctx)
	if err != nil {
		return refuse(e.graph.present(ctx, err))
	}
	op.viewer = viewer
	return e.graph.run(ctx, request, viewer, next)
}

// run plans an operation, refuses it if it can cost too much, and runs it on loaders of
// its own. Without a viewer it has none, and gives no account of calls.
func (g *Graph) run(ctx context.Context, request *graphql.OperationContext, viewer *Viewer, next graphql.OperationHandler) graphql.ResponseHandler {
	planned, err := g.plan(request)
	if err != nil {
		return refuse(tooLarge())
	}
	caller := callerFrom(ctx)
	if viewer == nil && caller.Explain == ExplainTrace {
		caller.Explain = ExplainNothing
	}
	caller.Cost = caller.Cost && viewer != nil
	if caller.Explain == ExplainPlan {
		return graphql.OneShot(&graphql.Response{Extensions: map[string]any{"plan": newPlanJSON(planned)}})
	}
	if refused := admit(ctx, g.opts.Limits, planned); refused != nil {
		return refuse(refused)
	}
	terms, err := termsOf(caller, request)
	if err != nil {
		return refuse(g.present(ctx, err))
	}
	one := &execution{graph: g, viewer: viewer, plan: planned, terms: terms, caller: caller}
	if request.Operation.Operation == ast.Subscription {
		return one.stream(ctx, next)
	}
	if err := g.opts.Memory.take(ctx, planned, &one.held); err != nil {
		return refuse(g.present(ctx, err))
	}
	return one.respond(ctx, request, next)
}

// respond runs a query or mutation, which gives back the memory that it holds with its last response.
func (e *execution) respond(ctx context.Context, request *graphql.OperationContext, next graphql.OperationHandler) graphql.ResponseHandler {
	begun := false
	defer func() {
		if !begun { // it panicked
			e.held.give()
		}
	}()
	ctx, calls := e.begin(ctx, request.Stats.OperationStart)
	respond := next(ctx)
	if strings.Contains(request.RawQuery, "@") && Defers(request) { // most documents have no directives
		respond = toTheEnd(ctx, request, respond)
	}
	begun = true
	return func(ctx context.Context) (response *graphql.Response) {
		last := true
		defer func() {
			if last { // also where it panicked
				e.held.give()
			}
		}()
		response = respond(ctx)
		// Of a response in parts, the last tells of all of them.
		last = response == nil || response.HasNext == nil || !*response.HasNext
		if response != nil && last {
			e.account(ctx, calls, response)
		}
		return response
	}
}

// execution is what an operation runs with, or each event of a subscription.
type execution struct {
	graph  *Graph
	viewer *Viewer // nil when it needs none
	plan   *plan.Plan
	terms  Terms
	caller Caller
	held   held
}

// begin returns a context with loaders, those of its batch or of its own, and what counts their
// calls.
func (e *execution) begin(ctx context.Context, started time.Time) (context.Context, *meter) {
	calls := &meter{limits: e.graph.opts.Limits, batch: batchOf(ctx), started: started}
	calls.operation = upstream.Operation{Observer: calls, Terms: e.terms.Terms}
	ctx = upstream.WithOperation(ctx, &calls.operation)
	if e.viewer == nil {
		return ctx, calls
	}
	if calls.batch == nil {
		return loader.With(ctx, e.graph.loaders(e.viewer, e.plan)), calls
	}
	calls.shared = calls.batch.loadersOf(e)
	return loader.With(ctx, calls.shared.set), calls
}

// account adds to a response what was asked for. That a part of it is stale because its CRM
// fails is told in any case.
func (e *execution) account(ctx context.Context, calls *meter, response *graphql.Response) {
	if told := e.graph.opts.OnCalls; told != nil {
		told(ctx, calls.cost().Total())
	}
	fresh := calls.fresh()
	if whole, ok := ctx.Value(freshnessKey{}).(*Freshness); ok && len(response.Errors) == 0 {
		*whole = fresh.whole()
	}
	add := func(name string, value any) {
		if response.Extensions == nil {
			response.Extensions = map[string]any{}
		}
		response.Extensions[name] = value
	}
	if e.caller.Cost {
		add("cost", map[string]costJSON{"estimated": newCostJSON(e.plan.Cost()), "actual": newCostJSON(calls.cost())})
	}
	if e.caller.Explain == ExplainTrace {
		add("plan", newPlanJSON(e.plan))
		add("trace", calls.trace(e.plan))
	}
	if e.terms.Report || fresh.onError() {
		add("freshness", fresh.report())
	}
}

func refuse(err *gqlerror.Error) graphql.ResponseHandler {
	return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{err}})
}

func authenticate(ctx context.Context) (*Viewer, error) {
	caller := callerFrom(ctx)
	if caller.Authenticate == nil {
		return nil, upstream.Unauthenticated
	}
	viewer, err := caller.Authenticate(ctx)
	if err == nil && viewer == nil {
		err = errors.New("authentication gave neither a viewer nor an error")
	}
	return viewer, err
}

// asksForSchema reports whether a root field is one of introspection.
func asksForSchema(op *graphql.OperationContext) bool {
	return selects(op, op.Operation.SelectionSet, isOfSchema, "Query")
}

func isOfSchema(field string) bool { return field == "__schema" || field == "__type" }

// needsViewer reports whether any of the operation's root fields is more than
// introspection and login.
func needsViewer(op *graphql.OperationContext) bool {
	return op.Operation.Operation == ast.Subscription ||
		selects(op, op.Operation.SelectionSet, isOfViewer, "Query", "Mutation")
}

func isOfViewer(field string) bool {
	return !isOfSchema(field) && field != "__typename" && field != "login"
}

func (g *Graph) loaders(viewer *Viewer, planned *plan.Plan) *loader.Set {
	var pp loader.ProPortal
	switch {
	case g.service != nil:
		pp = g.service
	case g.opts.ProPortal != nil:
		pp = viewer.with(g.opts.ProPortal)
	}
	var so loader.Solos
	if g.opts.Solos != nil {
		so = g.opts.Solos
	}
	return loader.New(pp, so, &g.installation, planned, g.opts.Crew)
}
