package graph

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"crmgraph/upstream"
)

// Freshness is how fresh the answer to an operation is as a whole.
type Freshness struct {
	Known bool          // CRMs were asked, or had been, and nothing failed
	Age   time.Duration // of its oldest part
	Left  time.Duration // until the first of its parts is stale; 0 when one is
}

type freshnessKey struct{}

// WithFreshness returns a context whose operation tells in f how fresh its answer is.
func WithFreshness(ctx context.Context, f *Freshness) context.Context {
	return context.WithValue(ctx, freshnessKey{}, f)
}

// freshness is how fresh the parts of an answer are.
type freshness struct {
	calls []freshCall // one for each upstream operation
	room  [1]freshCall
}

// freshCall is the worst of all answers of one upstream operation.
type freshCall struct {
	call    *upstream.Call
	state   upstream.State
	age     time.Duration
	left    time.Duration
	answers int
}

func (f *freshness) add(call *upstream.Call, answer upstream.Freshness) {
	for i := range f.calls {
		known := &f.calls[i]
		if known.call.Operation != call.Operation || known.call.Service != call.Service {
			continue
		}
		known.state = worse(known.state, answer.State)
		known.age = max(known.age, answer.Age)
		known.left = min(known.left, answer.Left)
		known.answers++
		return
	}
	if f.calls == nil {
		f.calls = f.room[:0]
	}
	f.calls = append(f.calls, freshCall{call: call, state: answer.State, age: answer.Age, left: answer.Left, answers: 1})
}

func worse(a, b upstream.State) upstream.State {
	order := []upstream.State{upstream.Fresh, upstream.Revalidated, upstream.Stale, upstream.StaleOnError}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// whole returns how fresh all parts together are.
func (f *freshness) whole() Freshness {
	if len(f.calls) == 0 {
		return Freshness{}
	}
	whole := Freshness{Known: true, Left: math.MaxInt64}
	for _, call := range f.calls {
		whole.Age = max(whole.Age, call.age)
		whole.Left = min(whole.Left, call.left)
	}
	return whole
}

// onError reports whether a part is served although its CRM fails.
func (f *freshness) onError() bool {
	return slices.ContainsFunc(f.calls, func(call freshCall) bool { return call.state == upstream.StaleOnError })
}

// freshnessJSON is how fresh the answers of one upstream operation are, as clients see it.
type freshnessJSON struct {
	Service   string  `json:"service"`
	Operation string  `json:"operation"`
	State     string  `json:"state"`
	Age       float64 `json:"age"` // seconds
	Answers   int     `json:"answers"`
}

// report returns all parts, sorted.
func (f *freshness) report() []freshnessJSON {
	out := make([]freshnessJSON, len(f.calls))
	for i, call := range f.calls {
		out[i] = freshnessJSON{
			Service: string(call.call.Service), Operation: call.call.Operation,
			State: string(call.state), Age: milliseconds(call.age) / 1000, Answers: call.answers,
		}
	}
	slices.SortFunc(out, func(a, b freshnessJSON) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation))
	})
	return out
}
