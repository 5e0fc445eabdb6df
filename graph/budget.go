package graph

import (
	"context"
	"sync"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/executor"
	"crmgraph/graph/plan"
	"crmgraph/upstream"
)

// Budget is what the operations of one request may cost together, in upstream calls and in
// the size of their answers. They are let in by their planned calls in their order, however
// they run: one that no longer fits is refused, and those after it may fit again. Answers
// use up what there is for them as they come.
type Budget struct {
	answers executor.SharedSize
	turns   []turn
	planned plan.Cost // of those that were let in; whose turn it is may change it

	mu   sync.Mutex
	made plan.Cost
}

// turn is when an operation is let in or not: after those before it.
type turn struct {
	once sync.Once
	over chan struct{}
}

// NewBudget returns the budget of a number of operations.
func NewBudget(operations int) *Budget {
	b := &Budget{turns: make([]turn, operations)}
	for i := range b.turns {
		b.turns[i].over = make(chan struct{})
	}
	return b
}

type budgetKey struct{}

// place is an operation's place in a budget.
type place struct {
	budget *Budget
	number int
}

// With returns the context of operation number i, for which End is to be called.
func (b *Budget) With(ctx context.Context, i int) context.Context {
	return context.WithValue(b.answers.With(ctx), budgetKey{}, place{b, i})
}

// End is called when operation number i is done, whether or not it ran: those after it may
// be waiting for their turn.
func (b *Budget) End(i int) {
	b.await(i)
	b.turns[i].once.Do(func() { close(b.turns[i].over) })
}

// await returns when it is the turn of operation number i.
func (b *Budget) await(i int) {
	if i > 0 {
		<-b.turns[i-1].over
	}
}

// budgetOf returns the budget of the operation of ctx, nil if it has the limits for itself.
func budgetOf(ctx context.Context) *Budget {
	shared, _ := ctx.Value(budgetKey{}).(place)
	return shared.budget
}

// admit returns why the operation of ctx is not let in, nil if it is: with those before it, it
// could make more calls than limits allow.
func admit(ctx context.Context, limits Limits, p *plan.Plan) *gqlerror.Error {
	own, shared := ctx.Value(budgetKey{}).(place)
	if !shared {
		return limits.refusal(p, plan.Cost{})
	}
	b := own.budget
	defer endTurn(ctx)
	b.await(own.number)
	if refused := limits.refusal(p, b.planned); refused != nil {
		return refused
	}
	b.planned = b.planned.Plus(p.Cost())
	return nil
}

// endTurn lets in the operation of ctx, which makes no calls that are counted.
func endTurn(ctx context.Context) {
	if own, shared := ctx.Value(budgetKey{}).(place); shared {
		own.budget.End(own.number)
	}
}

// spend counts a call and reports whether it is within limits.
func (b *Budget) spend(limits Limits, service upstream.Service) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	next := b.made
	next.Add(service, 1)
	if _, _, exceeded := limits.exceeded(next); exceeded {
		return false
	}
	b.made = next
	return true
}

// refund takes back a call that was not made after all.
func (b *Budget) refund(service upstream.Service) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made.Add(service, -1)
}
