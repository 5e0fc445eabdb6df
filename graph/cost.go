package graph

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/plan"
)

// DefaultMaxCalls is how many upstream calls an operation may make unless limited otherwise.
const DefaultMaxCalls = 400

// Limits bound the upstream calls of one operation, or of all that share a Budget. They hold
// twice: before it runs, for the most it can cost, and while it runs, for what a plan cannot
// know of the data.
type Limits struct {
	Calls     int // of both CRMs; 0 means DefaultMaxCalls
	ProPortal int // 0 means no limit of its own
	Solos     int // 0 means no limit of its own
}

// exceeded returns the limit that cost goes beyond, and what is counted there.
func (l Limits) exceeded(cost plan.Cost) (counted, limit int, exceeded bool) {
	switch {
	case cost.Total() > l.Calls:
		return cost.Total(), l.Calls, true
	case l.ProPortal > 0 && cost.ProPortal > l.ProPortal:
		return cost.ProPortal, l.ProPortal, true
	case l.Solos > 0 && cost.Solos > l.Solos:
		return cost.Solos, l.Solos, true
	default:
		return 0, 0, false
	}
}

// refusal is the answer to an operation that could make more calls than it may; nil to one
// that could not. Those that were let in before, on the same budget, could make spent.
func (l Limits) refusal(p *plan.Plan, spent plan.Cost) *gqlerror.Error {
	counted, limit, exceeded := l.exceeded(spent.Plus(p.Cost()))
	if !exceeded {
		return nil
	}
	subject := "The operation"
	if _, _, alone := l.exceeded(p.Cost()); !alone {
		subject = "With those before it in the request, the operation"
	}
	const named = 5
	fields := make([]map[string]any, 0, named)
	for _, cost := range p.Costliest(named) {
		fields = append(fields, map[string]any{"path": cost.Path, "calls": cost.Calls})
	}
	return &gqlerror.Error{
		Message: fmt.Sprintf("%s can take %d upstream calls and may take %d: ask for smaller pages or fewer fields.", subject, counted, limit),
		Extensions: map[string]any{
			"code": codeTooExpensive, "estimated": counted, "limit": limit, "costliest": fields,
		},
	}
}

func tooLarge() *gqlerror.Error {
	return &gqlerror.Error{
		Message:    "The operation selects too many fields: ask for fewer.",
		Extensions: map[string]any{"code": codeTooExpensive},
	}
}

// costJSON is a cost as clients see it.
type costJSON struct {
	ProPortal int `json:"proportal"`
	Solos     int `json:"solos"`
	Total     int `json:"total"`
}

func newCostJSON(cost plan.Cost) costJSON {
	return costJSON{ProPortal: cost.ProPortal, Solos: cost.Solos, Total: cost.Total()}
}
