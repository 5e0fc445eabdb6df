package executor

import (
	"sync"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// BytesPerStep is about what a step of a plan takes in memory.
const BytesPerStep = 400

// MaxVariants is for how many choices of @skip, @include and @defer one operation keeps plans.
const MaxVariants = 16

// Plans are those of the operations of one parsed document. Who keeps documents keeps them as
// well, so that both go at once; a memory of plans that was told by the collector of the end of
// documents would keep plans for some of its cycles longer, and a flood of documents would
// take memory without bounds. They are safe for concurrent use.
type Plans struct {
	mu         sync.Mutex
	operations map[*ast.OperationDefinition]*compiled
	room       int // for further steps
}

// NewPlans returns plans that are kept up to a number of steps in all.
func NewPlans(steps int) *Plans {
	return &Plans{operations: map[*ast.OperationDefinition]*compiled{}, room: steps}
}

const plansExtension = "crmgraph.plans"

// Attach has an operation of the document that these plans are of find them.
func (p *Plans) Attach(op *graphql.OperationContext) { op.Stats.SetExtension(plansExtension, p) }

// compiled is what is known of one operation.
type compiled struct {
	inspection
	variants map[string]variant
}

// variant is a plan, or why there is none.
type variant struct {
	plan   *plan
	reason Reason
}

// of returns what is known of op's operation. The lock is held.
func (p *Plans) of(op *graphql.OperationContext) *compiled {
	known := p.operations[op.Operation]
	if known == nil {
		known = &compiled{inspection: inspect(op.Doc, op.Operation), variants: map[string]variant{}}
		p.operations[op.Operation] = known
	}
	return known
}

// variant returns the plan for the choices that op's variables make, made by compile at first
// sight, or why there is none.
func (p *Plans) variant(op *graphql.OperationContext, compile func(inspection) variant) variant {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.of(op)
	if known.reason != "" {
		return variant{reason: known.reason}
	}
	choices := known.choices(op.Variables)
	if made, ok := known.variants[string(choices)]; ok {
		return made
	}
	made := compile(known.inspection)
	steps := 1
	if made.plan != nil {
		steps = len(made.plan.steps)
	}
	if len(known.variants) < MaxVariants && steps <= p.room {
		known.variants[string(choices)] = made
		p.room -= steps
	}
	return made
}

// choices returns what variables choose, one character a condition.
func (i *inspection) choices(variables map[string]any) []byte {
	choices := make([]byte, len(i.conditions))
	for i, condition := range i.conditions {
		choices[i] = '?'
		if value, err := condition.Value(variables); err == nil {
			switch value {
			case true:
				choices[i] = '1'
			case false:
				choices[i] = '0'
			}
		}
	}
	return choices
}

const (
	// unattachedDocuments is for how many documents plans are kept that nobody else keeps.
	unattachedDocuments = 100
	// unattachedSteps is how many steps such plans have, for each of them.
	unattachedSteps = 5000
)

// unattached keeps the plans of documents whose operations come without. It is safe for
// concurrent use.
type unattached struct {
	plans *lru.Cache[*ast.QueryDocument, *Plans]
}

func newUnattached() unattached {
	plans, err := lru.New[*ast.QueryDocument, *Plans](unattachedDocuments)
	if err != nil { // only of a size that is not positive
		panic(err)
	}
	return unattached{plans}
}

// of returns the plans of op's document.
func (u unattached) of(op *graphql.OperationContext) *Plans {
	if attached, ok := op.Stats.GetExtension(plansExtension).(*Plans); ok {
		return attached
	}
	if known, ok := u.plans.Get(op.Doc); ok {
		return known
	}
	plans := NewPlans(unattachedSteps)
	if known, ok, _ := u.plans.PeekOrAdd(op.Doc, plans); ok {
		return known
	}
	return plans
}
