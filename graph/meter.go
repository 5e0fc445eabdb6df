package graph

import (
	"context"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"crmgraph/graph/plan"
	"crmgraph/upstream"
)

// meter counts and bounds the upstream calls of one operation, and keeps what happened. It
// is the operation's upstream.Observer.
type meter struct {
	operation upstream.Operation // as clients see it
	limits    Limits
	batch     *Batch         // nil for an operation by itself
	shared    *sharedLoaders // nil for loaders of its own
	started   time.Time      // zero: with the first call

	mu        sync.Mutex
	actual    plan.Cost
	calls     []*tracedCall
	room      []tracedCall // for calls to come
	freshness freshness
}

// tracedCall is one upstream call of an operation.
type tracedCall struct {
	meter    *meter
	call     *upstream.Call
	field    *graphql.FieldContext // that was first to need it
	start    time.Duration
	duration time.Duration
	outcome  upstream.Outcome
}

// Start counts a call, or refuses one that the operation may not make any more.
func (m *meter) Start(ctx context.Context, call *upstream.Call) (upstream.ObservedCall, *upstream.Error) {
	traced, refused := m.count(ctx, call)
	if refused != nil {
		return nil, refused
	}
	return traced, nil
}

func (m *meter) count(ctx context.Context, call *upstream.Call) (*tracedCall, *upstream.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.started.IsZero() {
		m.started = time.Now()
	}
	next := m.actual
	next.Add(call.Service, 1)
	_, _, exceeded := m.limits.exceeded(next)
	if exceeded || m.batch != nil && !m.batch.spend(m.limits, call.Service) {
		return nil, &upstream.Error{Call: *call, Kind: upstream.OverBudget}
	}
	m.actual = next
	traced := m.newCall()
	*traced = tracedCall{meter: m, call: call, field: graphql.GetFieldContext(ctx), start: time.Since(m.started)}
	m.calls = append(m.calls, traced)
	return traced, nil
}

// newCall makes room for many calls where there have been many. The lock is held.
func (m *meter) newCall() *tracedCall {
	if len(m.room) == 0 {
		m.room = make([]tracedCall, max(1, min(len(m.calls), maxRoom)))
	}
	made := &m.room[0]
	m.room = m.room[1:]
	return made
}

// maxRoom is for how many calls there is room at a time.
const maxRoom = 32

// Ended keeps how the call went. One that was not sent after all costs nothing.
func (c *tracedCall) Ended(outcome upstream.Outcome) {
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	c.duration = time.Since(c.meter.started) - c.start
	c.outcome = outcome
	if outcome.Shared {
		c.meter.actual.Add(c.call.Service, -1)
		if c.meter.batch != nil {
			c.meter.batch.refund(c.call.Service)
		}
	}
}

// Answered notes how fresh an answer is.
func (m *meter) Answered(call *upstream.Call, f upstream.Freshness) {
	if m.shared != nil {
		m.shared.answered(call, f)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.freshness.add(call, f)
}

func (m *meter) cost() plan.Cost {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.actual
}

func (m *meter) fresh() *freshness {
	if m.shared != nil {
		return m.shared.fresh()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := m.freshness
	return &seen
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
