package persisted

import (
	"context"
	"log/slog"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// maxLoggedName is how much of an operation's name goes to the log.
const maxLoggedName = 64

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
	graphql.OperationInterceptor
} = (*Documents)(nil)

// ExtensionName names the extension to gqlgen.
func (*Documents) ExtensionName() string { return "PersistedDocuments" }

// Validate accepts every schema.
func (*Documents) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses or logs an operation whose document is not in the manifest.
// It stands behind every way in, those that know nothing of this package too.
func (d *Documents) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	manifest := d.manifest.Load()
	if d.mode == Log && !manifest.holds(op.RawQuery) {
		d.logUntrusted(ctx, op)
	}
	return d.trust(manifest, op.RawQuery)
}

func (d *Documents) logUntrusted(ctx context.Context, op *graphql.OperationContext) {
	d.untrusted.Add(1)
	hash := hashOf(op.RawQuery)
	if logged, _ := d.logged.ContainsOrAdd(hash, struct{}{}); logged {
		return
	}
	name := op.Operation.Name
	d.logger.LogAttrs(ctx, slog.LevelWarn, "a document is not in the manifest",
		slog.String("hash", hash.String()), slog.String("operation", name[:min(len(name), maxLoggedName)]))
}

// InterceptOperation learns the document of an operation that is about to run, if its client
// sent the hash. That it is about to run says that the document is valid, and whatever those
// extensions say that were added before this one: who sent it, and that it does not cost too much.
func (d *Documents) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if d.automatic != nil {
		d.learn(ctx, graphql.GetOperationContext(ctx))
	}
	return next(ctx)
}

func (d *Documents) learn(ctx context.Context, op *graphql.OperationContext) {
	ref, refused := readPersistedQuery(op.Extensions)
	if refused != nil || !ref.hashed {
		return
	}
	if _, known := d.manifest.Load().find(ref); !known {
		d.automatic.learn(ctx, ref.hash, op.RawQuery)
	}
}
