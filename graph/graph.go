// Package graph answers GraphQL operations: resolvers say which objects, package loader
// in how few upstream calls.
package graph

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/generated"
	"crmgraph/graph/loader"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

// Options are what a graph is made of.
type Options struct {
	ProPortal *proportal.Client            // nil: this gateway runs without ProPortal
	Solos     *solos.Client                // nil: this gateway runs without solOS
	Logger    *slog.Logger                 // nil: slog.Default
	RequestID func(context.Context) string // names a request in errors and logs; may be nil
}

// Graph is what all operations share.
type Graph struct {
	opts         Options
	installation loader.Installation
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
	g := &Graph{opts: opts}
	if opts.Solos != nil {
		g.installation.CustomerField = opts.Solos.CustomerField()
	}
	server := handler.New(newSchema(g))
	server.SetErrorPresenter(g.present)
	server.SetRecoverFunc(func(_ context.Context, cause any) error { return loader.Panicked(cause) })
	server.Use(operations{g})
	return server, nil
}

func newSchema(g *Graph) graphql.ExecutableSchema {
	return generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{graph: g}})
}

// SDL returns the schema in GraphQL's schema definition language.
func SDL() string {
	var text bytes.Buffer
	formatter.NewFormatter(&text).FormatSchema(newSchema(nil).Schema())
	return text.String()
}

// operation is what one operation remembers beside its loaders.
type operation struct {
	viewer *Viewer // nil when it needs none
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

// InterceptOperation authenticates the caller, if the operation needs a viewer, and
// makes the loaders that carry the viewer's identity.
func (e operations) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := &operation{}
	ctx = context.WithValue(ctx, operationKey{}, op)
	if needsViewer(graphql.GetOperationContext(ctx)) {
		viewer, err := authenticate(ctx)
		if err != nil {
			return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{e.graph.present(ctx, err)}})
		}
		op.viewer = viewer
		ctx = loader.With(ctx, e.graph.loaders(viewer))
	}
	return next(ctx)
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

// needsViewer reports whether any of the operation's root fields is more than
// introspection and login.
func needsViewer(op *graphql.OperationContext) bool {
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query", "Mutation"}) {
		switch field.Name {
		case "__schema", "__type", "__typename", "login":
		default:
			return true
		}
	}
	return false
}

func (g *Graph) loaders(viewer *Viewer) *loader.Set {
	var pp loader.ProPortal
	if g.opts.ProPortal != nil {
		pp = g.opts.ProPortal.As(viewer.Token)
	}
	var so loader.Solos
	if g.opts.Solos != nil {
		so = g.opts.Solos
	}
	return loader.New(pp, so, &g.installation)
}
