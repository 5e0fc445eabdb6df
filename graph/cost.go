package graph

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/plan"
	"crmgraph/upstream"
)

// DefaultMaxCalls is how many upstream calls an operation may make unless limited otherwise.
const DefaultMaxCalls = 400

// Limits bound the upstream calls of one operation. They hold twice: before it runs, for
// the most it can cost, and while it runs, for what a plan cannot know of the data.
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

// tooExpensive is the answer to an operation that could make more calls than it may.
func tooExpensive(counted, limit int, p *plan.Plan) *gqlerror.Error {
	const named = 5
	fields := make([]map[string]any, 0, named)
	for _, cost := range p.Costliest(named) {
		fields = append(fields, map[string]any{"path": cost.Path, "calls": cost.Calls})
	}
	return &gqlerror.Error{
		Message: fmt.Sprintf("The operation can take %d upstream calls and may take %d: ask for smaller pages or fewer fields.", counted, limit),
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

// meter counts and bounds the upstream calls of one operation, and keeps what happened.
type meter struct {
	limits  Limits
	started time.Time

	mu     sync.Mutex
	actual plan.Cost
	calls  []*tracedCall
}

// tracedCall is one upstream call of an operation.
type tracedCall struct {
	meter    *meter
	call     upstream.Call
	field    *graphql.FieldContext // that was first to need it
	start    time.Duration
	duration time.Duration
	outcome  upstream.Outcome
}

// Start counts a call, or refuses one that the operation may not make any more.
func (m *meter) Start(ctx context.Context, call upstream.Call) (upstream.ObservedCall, *upstream.Error) {
	traced := &tracedCall{meter: m, call: call, field: graphql.GetFieldContext(ctx), start: time.Since(m.started)}
	m.mu.Lock()
	defer m.mu.Unlock()
	next := m.actual
	next.Add(call.Service, 1)
	if _, _, exceeded := m.limits.exceeded(next); exceeded {
		return nil, &upstream.Error{Call: call, Kind: upstream.OverBudget}
	}
	m.actual = next
	m.calls = append(m.calls, traced)
	return traced, nil
}

// Ended keeps how the call went.
func (c *tracedCall) Ended(outcome upstream.Outcome) {
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	c.duration = time.Since(c.meter.started) - c.start
	c.outcome = outcome
}

func (m *meter) cost() plan.Cost {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.actual
}

// fieldPath is the response path of a field, without list indexes.
func fieldPath(field *graphql.FieldContext) string {
	path := ""
	for ; field != nil; field = field.Parent {
		switch {
		case field.Field.Field == nil || field.Index != nil:
		case path == "":
			path = field.Field.Alias
		default:
			path = field.Field.Alias + "." + path
		}
	}
	return path
}
