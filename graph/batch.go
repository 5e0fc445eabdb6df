package graph

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/executor"
	"crmgraph/graph/loader"
	"crmgraph/graph/plan"
	"crmgraph/upstream"
)

// Batch is what the operations of one request share: what they may cost, and the loaders of
// those that run for one viewer.
//
// What they may cost is upstream calls and the size of their answers. They are let in by their
// planned calls in their order, however they run: one that no longer fits is refused, and
// those after it may fit again. Answers use up what there is for them as they come.
type Batch struct {
	answers executor.SharedSize
	turns   []turn
	planned plan.Cost // of those that were let in; whose turn it is may change it

	mu      sync.Mutex
	made    plan.Cost
	loaders map[loadersKey]*sharedLoaders
}

// turn is when an operation is let in or not: after those before it.
type turn struct {
	once sync.Once
	over chan struct{}
}

// NewBatch returns what a number of operations share.
func NewBatch(operations int) *Batch {
	b := &Batch{turns: make([]turn, operations)}
	for i := range b.turns {
		b.turns[i].over = make(chan struct{})
	}
	return b
}

type batchKey struct{}

// place is an operation's place in a batch.
type place struct {
	batch  *Batch
	number int
}

// With returns the context of operation number i, for which End is to be called.
func (b *Batch) With(ctx context.Context, i int) context.Context {
	return context.WithValue(b.answers.With(ctx), batchKey{}, place{b, i})
}

// End is called when operation number i is done, whether or not it ran: those after it may
// be waiting for their turn.
func (b *Batch) End(i int) {
	b.await(i)
	b.turns[i].once.Do(func() { close(b.turns[i].over) })
}

// await returns when it is the turn of operation number i.
func (b *Batch) await(i int) {
	if i > 0 {
		<-b.turns[i-1].over
	}
}

// batchOf returns the batch of the operation of ctx, nil if it is by itself.
func batchOf(ctx context.Context) *Batch {
	shared, _ := ctx.Value(batchKey{}).(place)
	return shared.batch
}

// admit returns why the operation of ctx is not let in, nil if it is: with those before it, it
// could make more calls than limits allow.
func admit(ctx context.Context, limits Limits, p *plan.Plan) *gqlerror.Error {
	own, shared := ctx.Value(batchKey{}).(place)
	if !shared {
		return limits.refusal(p, plan.Cost{})
	}
	b := own.batch
	defer endTurn(ctx)
	b.await(own.number)
	if refused := limits.refusal(p, b.planned); refused != nil {
		return refused
	}
	b.planned = b.planned.Plus(p.Cost())
	return nil
}

// endTurn lets in the operation of ctx, which makes no calls.
func endTurn(ctx context.Context) {
	if own, shared := ctx.Value(batchKey{}).(place); shared {
		own.batch.End(own.number)
	}
}

// spend counts a call and reports whether it is within limits.
func (b *Batch) spend(limits Limits, service upstream.Service) bool {
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
func (b *Batch) refund(service upstream.Service) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made.Add(service, -1)
}

// loadersKey is who may share loaders: one viewer's operations that take answers equally fresh.
type loadersKey struct {
	viewer, token                  string
	noCache, noStore, onlyIfCached bool
	maxAge, maxStale               time.Duration // -1 for none
}

func newLoadersKey(viewer *Viewer, terms Terms) loadersKey {
	return loadersKey{
		viewer: viewer.ID, token: viewer.Token,
		noCache: terms.NoCache, noStore: terms.NoStore, onlyIfCached: terms.OnlyIfCached,
		maxAge: orNone(terms.MaxAge), maxStale: orNone(terms.MaxStale),
	}
}

func orNone(d *time.Duration) time.Duration {
	if d == nil {
		return -1
	}
	return *d
}

// sharedLoaders are loaders of several operations. How fresh an answer is concerns all of them,
// since none can tell which of the others' answers it has found there.
type sharedLoaders struct {
	set *loader.Set

	mu        sync.Mutex
	freshness freshness
}

// loadersOf returns the loaders of an operation, made where it is the first of those that share
// them.
func (b *Batch) loadersOf(e *execution) *sharedLoaders {
	key := newLoadersKey(e.viewer, e.terms)
	b.mu.Lock()
	defer b.mu.Unlock()
	shared := b.loaders[key]
	if shared == nil {
		shared = &sharedLoaders{set: e.graph.loaders(e.viewer, e.plan)}
		if b.loaders == nil {
			b.loaders = map[loadersKey]*sharedLoaders{}
		}
		b.loaders[key] = shared
	} else {
		shared.set.Plan(e.plan)
	}
	return shared
}

func (s *sharedLoaders) answered(call *upstream.Call, f upstream.Freshness) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.freshness.add(call, f)
}

func (s *sharedLoaders) fresh() *freshness {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &freshness{calls: slices.Clone(s.freshness.calls)}
}
