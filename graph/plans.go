package graph

import (
	"encoding/json"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph/plan"
)

const (
	// keptPlans is how many plans are kept for operations that come again.
	keptPlans = 1000
	// maxPlanKey is the length, as JSON, of the longest variables a plan is kept for.
	maxPlanKey = 4 << 10
)

// planKey is all that a plan depends on. It does not keep the operation, which lives as
// long as gqlgen's query cache wants.
type planKey struct {
	operation    weak.Pointer[ast.OperationDefinition]
	variables    string // JSON
	installation plan.Installation
}

// newPlans returns the memory of plans.
func newPlans() *lru.Cache[planKey, *plan.Plan] {
	plans, err := lru.New[planKey, *plan.Plan](keptPlans)
	if err != nil { // only of a size that is not positive
		panic(err)
	}
	return plans
}

// plan returns the plan of an operation, which nobody may change.
func (g *Graph) plan(op *graphql.OperationContext) (*plan.Plan, error) {
	key := planKey{operation: weak.Make(op.Operation), installation: g.installation.Known()}
	if len(op.Variables) > 0 {
		variables, err := json.Marshal(op.Variables)
		if err != nil || len(variables) > maxPlanKey {
			return plan.New(g.toPlan(op), plan.Options{Installation: key.installation})
		}
		key.variables = string(variables)
	}
	if known, ok := g.plans.Get(key); ok {
		return known, nil
	}
	planned, err := plan.New(g.toPlan(op), plan.Options{Installation: key.installation})
	if err != nil {
		return nil, err
	}
	g.plans.Add(key, planned)
	return planned, nil
}

func (g *Graph) toPlan(op *graphql.OperationContext) plan.Operation {
	return plan.Operation{
		Schema: g.schema, Definition: op.Operation, Fragments: op.Doc.Fragments, Variables: op.Variables,
		Defers: Defers(op),
	}
}
