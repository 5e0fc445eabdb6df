package graph

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"crmgraph/graph/plan"
)

// Explain says what a caller wants to know of how an operation is answered.
type Explain string

// The kinds of explanation.
const (
	ExplainNothing Explain = ""
	ExplainPlan    Explain = "plan"  // runs nothing; the plan is in extensions.plan
	ExplainTrace   Explain = "trace" // runs it; what happened is in extensions.trace, beside the plan
)

// Plan plans an operation of a document without running it and without a viewer. The
// name may be empty where the document has one operation. What is wrong with the
// document or its variables comes back as a gqlerror.List.
func Plan(document, operationName string, variables map[string]any) (*plan.Plan, error) {
	schema := newSchema(nil).Schema()
	parsed, errs := gqlparser.LoadQueryWithRules(schema, document, rules.NewDefaultRules())
	if len(errs) > 0 {
		return nil, errs
	}
	definition := parsed.Operations.ForName(operationName)
	if definition == nil {
		return nil, gqlerror.List{gqlerror.Errorf("the document has no operation of that name, or several and no name was given")}
	}
	coerced, err := validator.VariableValues(schema, definition, variables)
	if err != nil {
		return nil, err
	}
	if err := checkVariables(schema, parsed.Fragments, definition, coerced); err != nil {
		return nil, gqlerror.List{err}
	}
	return plan.New(plan.Operation{
		Schema: schema, Definition: definition, Fragments: parsed.Fragments, Variables: coerced,
	}, plan.Options{Installation: plan.Observed()})
}

// planJSON is a plan as clients see it.
type planJSON struct {
	Rounds []roundJSON `json:"rounds"`
	Cost   costJSON    `json:"cost"`
}

type roundJSON struct {
	Calls []stepJSON `json:"calls"`
}

type stepJSON struct {
	Service   string   `json:"service"`
	Operation string   `json:"operation"`
	Method    string   `json:"method"`
	Path      string   `json:"path"`
	Max       int      `json:"max"`
	Serves    []string `json:"serves"`
}

func newPlanJSON(p *plan.Plan) planJSON {
	out := planJSON{Rounds: []roundJSON{}, Cost: newCostJSON(p.Cost())}
	for _, round := range p.Rounds {
		calls := make([]stepJSON, len(round.Steps))
		for i, step := range round.Steps {
			calls[i] = stepJSON{
				Service: string(step.Call.Service), Operation: step.Call.Operation,
				Method: step.Call.Method, Path: step.Call.Path, Max: step.Max, Serves: step.Paths,
			}
		}
		out.Rounds = append(out.Rounds, roundJSON{Calls: calls})
	}
	return out
}

// traceJSON is one upstream call as clients see it; times are milliseconds since the
// operation began.
type traceJSON struct {
	Service   string   `json:"service"`
	Operation string   `json:"operation"`
	Start     float64  `json:"start"`
	Duration  float64  `json:"duration"`
	Status    *int     `json:"status"`
	Bytes     int      `json:"bytes"`
	Attempts  int      `json:"attempts"`
	Shared    bool     `json:"shared,omitempty"` // another operation's call served
	Serves    []string `json:"serves"`
}

// trace tells what calls were made, in the order in which they began.
func (m *meter) trace(p *plan.Plan) []traceJSON {
	m.mu.Lock()
	defer m.mu.Unlock()
	calls := slices.SortedStableFunc(slices.Values(m.calls), func(a, b *tracedCall) int { return cmp.Compare(a.start, b.start) })
	out := make([]traceJSON, len(calls))
	for i, call := range calls {
		out[i] = traceJSON{
			Service: string(call.call.Service), Operation: call.call.Operation,
			Start: milliseconds(call.start), Duration: milliseconds(call.duration),
			Bytes: call.outcome.Bytes, Attempts: call.outcome.Attempts, Shared: call.outcome.Shared, Serves: serves(p, call),
		}
		if call.outcome.Status != 0 {
			out[i].Status = &call.outcome.Status
		}
	}
	return out
}

// serves returns the paths that the plan has for a call: the path that was first to need
// it, and those that share it.
func serves(p *plan.Plan, call *tracedCall) []string {
	path := fieldPath(call.field)
	for _, round := range p.Rounds {
		for _, step := range round.Steps {
			if step.Call == *call.call && slices.Contains(step.Paths, path) {
				return step.Paths
			}
		}
	}
	return []string{path}
}

func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}
