package graphqlstream

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph"
)

// IsSubscription reports whether an operation is one.
func IsSubscription(op *graphql.OperationContext) bool {
	return op.Operation.Operation == ast.Subscription
}

// inParts reports whether the response to an operation may come in parts.
func inParts(op *graphql.OperationContext) bool { return IsSubscription(op) || graph.Defers(op) }
