package executor

import (
	"context"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// parts are those of the answer to an operation that defers.
type parts struct {
	all []part // by group
	// done takes each part whose resolvers have come back. It is never full: no resolver
	// waits for whoever asks for the responses.
	done chan *part

	// What follows is for the goroutine that asks for the responses.
	arrived []*part // that came out of done
	awaited int     // parts that are sure to come, or to go on
	// written numbers the objects of a node that were written, for selections in which
	// something is deferred. The others are null, or were cut off with what is above them.
	written map[*selection][]int
}

// part is what becomes of a group. A group stands at one position, so that it has one node.
type part struct {
	group   *group
	node    *node
	ctx     context.Context // of its resolvers; it has the errors that they add
	pending atomic.Int32    // steps without an outcome for all of their objects
	size    size            // of what they have found

	awaited bool                     // for some of its objects, as they were written
	next    int                      // of these
	noted   map[string]gqlerror.List // by the paths of its objects
}

// newParts returns the parts of a plan of which each has no more than limit elements.
func newParts(plan *plan, limit int64) *parts {
	p := &parts{
		all: make([]part, len(plan.groups)),
		// Each comes once, but the first for each field of Mutation, one at a time; and a fault.
		done:    make(chan *part, len(plan.groups)+1),
		written: map[*selection][]int{},
	}
	for i := range p.all {
		p.all[i].group = plan.groups[i]
		p.all[i].size.limit = limit
	}
	return p
}

// enter prepares for what becomes of a group and returns the context for its steps.
func (r *run) enter(ctx context.Context, g *group, n *node) context.Context {
	if r.parts == nil {
		return ctx
	}
	p := &r.parts.all[g.id]
	p.node, p.ctx = n, graphql.WithFreshResponseContext(ctx)
	return p.ctx
}

// hold keeps the part of a group from being done until it is released as often.
func (r *run) hold(g *group) {
	if r.parts != nil {
		r.parts.all[g.id].pending.Add(1)
	}
}

func (r *run) release(g *group) {
	if r.parts == nil {
		return
	}
	if p := &r.parts.all[g.id]; p.pending.Add(-1) == 0 {
		r.parts.done <- p
	}
}

// settle makes calls of the first part and waits until it is done, as often as it is held.
func (r *run) settle(due []*call) {
	first := r.plan.groups[0]
	if r.parts == nil {
		r.dispatch(due)
		r.queue.round.Wait()
		r.check()
		return
	}
	r.calls.Go(func() { r.dispatch(due) }) // among these are some that are deferred
	r.release(first)
	for r.receive() != &r.parts.all[first.id] {
	}
}

// receive waits for a part to be done.
func (r *run) receive() *part {
	p := <-r.parts.done
	r.check()
	r.parts.arrived = append(r.parts.arrived, p)
	return p
}

// fail has a panic outside of resolvers go on where the response is asked for.
func (r *run) fail(cause any) {
	if r.fault.CompareAndSwap(nil, &fault{cause}) && r.parts != nil {
		r.parts.done <- nil
	}
}

func (r *run) check() {
	if fault := r.fault.Load(); fault != nil {
		panic(fault.cause)
	}
}

// counted returns what counts the elements that the steps of a group find. Parts that are
// still to be written count their own: none that is deferred takes the room of the first.
func (r *run) counted(g *group) *size {
	if r.parts == nil {
		return &r.size
	}
	return &r.parts.all[g.id].size
}

// bound has a deferred part be too large when all of them would keep more elements until they
// are written than one answer may have.
func (r *run) bound(g *group) {
	if g.of == nil { // nothing is deferred, or it is the first
		return
	}
	var kept int64
	for i := range r.parts.all[1:] {
		if other := &r.parts.all[i+1].size; !other.exceeded() {
			kept += other.count.Load()
		}
	}
	if own := &r.parts.all[g.id].size; kept > own.limit {
		own.stop()
	}
}

// later begins what is deferred of the objects of a node.
func (r *run) later(ctx context.Context, due []*call, g *group, n *node) []*call {
	ctx = r.enter(ctx, g, n)
	r.hold(g)
	defer r.release(g)
	return r.ready(ctx, due, g.selection, n)
}

// begin has the first part be awaited, whose resolvers have come back.
func (p *parts) begin() {
	first := &p.all[0]
	p.arrived = append(p.arrived, first)
	p.written[first.group.of] = []int{0}
	p.await(first)
}

func (p *parts) await(q *part) {
	q.awaited = true
	p.awaited++
}

// ready returns a part that is done and awaited, the one that was done first; nil if there is none.
func (p *parts) ready() *part {
	for _, arrived := range p.arrived {
		if arrived.awaited {
			return arrived
		}
	}
	return nil
}

// object returns where the next object of a part is.
func (p *parts) object(q *part) place {
	return place{node: q.node, index: p.written[q.group.of][q.next]}
}

// advance notes that the next object of a part was written. After the last of them it is
// known what is deferred below.
func (p *parts) advance(q *part) {
	if q.next++; q.next < len(p.written[q.group.of]) {
		return
	}
	q.awaited = false
	p.awaited--
	for _, below := range q.group.below {
		if len(p.written[below.of]) > 0 {
			p.await(&p.all[below.id])
		}
	}
}

// note takes note of the objects that were written and of which something is deferred.
func (p *parts) note(found []deferring) {
	for _, object := range found {
		p.written[object.selection] = append(p.written[object.selection], object.index)
	}
}

// errorsAt returns the errors that resolvers have added below an object of the part.
func (p *part) errorsAt(path ast.Path) gqlerror.List {
	if p.next == 0 {
		p.noted = map[string]gqlerror.List{}
		for _, err := range graphql.GetErrors(p.ctx) {
			of := path // nowhere else is better for one that does not tell
			if len(err.Path) > len(path) {
				of = err.Path[:len(path)]
			}
			p.noted[of.String()] = append(p.noted[of.String()], err)
		}
	}
	if len(p.noted) == 0 {
		return nil
	}
	return p.noted[path.String()]
}
