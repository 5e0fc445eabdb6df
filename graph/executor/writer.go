package executor

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Writer writes the answer of one operation, once all its resolvers are done. Fields that
// fail are written all the same, for their errors, and then cut off: null propagates by
// truncating the answer to where the nearest nullable value began.
type Writer struct {
	piece
	run     *run
	ctx     context.Context // has the errors
	buf     []byte
	path    []int // from the piece's object on: ids of steps, and complements of indexes
	scratch []any // the elements of the lists that are being written
	start   int   // where the answer begins in buf, or would if it were all in there
	told    int   // bytes of the answer that are counted
	check   int   // when buf is longer than this, they are to be counted again
	full    bool  // the answer is too large
	// deferring are the objects written so far of which something is deferred.
	deferring []deferring
}

// deferring is an object of which something is deferred.
type deferring struct {
	selection *selection
	index     int // in its node
	start     int // where it begins
}

// piece is what is written in one go.
type piece struct {
	selection *selection
	at        place         // of the object
	noted     gqlerror.List // errors that resolvers have added
}

// place is where an object with resolvers below stands: its node and its number there.
type place struct {
	node  *node
	index int
}

func (p place) located() *located { return &p.node.objects[p.index] }

// maxPooled is the largest buffer, in bytes, that is kept for the next answer.
const maxPooled = 1 << 20

// write writes the fields of an object whose resolvers have come back: null if it is not valid,
// or the answer is too large.
func (r *run) write(ctx context.Context, p piece) []byte {
	w := r.executor.writers.Get().(*Writer)
	w.run, w.ctx, w.piece = r, ctx, p
	data := w.writeTo(ctx, func(start int) { //nolint:contextcheck // each field has its own, made from this one
		w.start, w.told, w.check, w.full = start, 0, start+some, false
		valid := !r.size.exceeded() && w.object(p.selection, p.at.located().object, p.at)
		if r.parts != nil { // small ones come to a lot, too
			r.size.write(len(w.buf) - start - w.told + overhead)
		}
		if !valid || r.size.exceeded() {
			w.cut(start)
		}
	})
	if r.size.exceeded() {
		r.op.Error(ctx, r.size.err())
	}
	if r.parts != nil {
		r.parts.note(w.deferring)
	}
	if cap(w.buf) <= maxPooled {
		w.run, w.ctx, w.piece, w.deferring = nil, nil, piece{}, nil
		w.path, w.scratch = w.path[:0], w.scratch[:0]
		r.executor.writers.Put(w)
	}
	return data
}

// object writes the fields of an object and reports whether it is valid.
func (w *Writer) object(selection *selection, object any, at place) bool {
	valid := true
	if len(selection.groups) > 0 {
		w.deferring = append(w.deferring, deferring{selection, at.index, len(w.buf)})
	}
	w.buf = append(w.buf, '{')
	for next := 0; next < len(selection.steps); {
		next = w.fields(selection.steps, next, object, at, &valid)
	}
	w.buf = append(w.buf, '}')
	return valid
}

// fields writes the steps from next on. It returns where to go on: behind the last of
// them, or behind one that panicked.
func (w *Writer) fields(steps []*step, next int, object any, at place, valid *bool) (resume int) {
	depth, pending, start := len(w.path), len(w.scratch), 0
	defer func() {
		if cause := recover(); cause != nil {
			w.path = append(w.path[:depth], steps[next].id)
			w.release(pending)
			ctx := w.context()
			w.run.op.Error(ctx, w.run.op.Recover(ctx, cause))
			w.end()
			w.cut(start)
			*valid = *valid && !steps[next].field.Type.NonNull
			resume = next + 1
		}
	}()
	for ; next < len(steps); next++ {
		if len(w.buf) > w.check && w.isFull() {
			return len(steps)
		}
		step := steps[next]
		w.buf = append(w.buf, step.key...)
		if step.literal != nil {
			w.buf = append(w.buf, step.literal...)
			continue
		}
		start = len(w.buf)
		w.path = append(w.path, step.id)
		var ok bool
		if step.field.Write != nil {
			ok = step.field.Write(w, object)
		} else {
			ok = w.field(step, object, at)
		}
		if !ok {
			w.cut(start)
			*valid = *valid && !step.field.Type.NonNull
		}
		w.end()
	}
	return next
}

func (w *Writer) field(s *step, object any, at place) bool {
	if s.slot != noSlot {
		return w.outcome(s, &at.node.branches[s.slot], at.index)
	}
	args := w.run.knownArguments(s)
	if args == nil {
		var err error
		if args, err = w.run.arguments(w.context(), s); err != nil {
			w.report(err)
			return false
		}
	}
	if args.write != nil {
		return args.write(w, object)
	}
	value, err := s.field.Get(object, args.values)
	if err != nil {
		return w.Fail(err)
	}
	return w.value(s.field.Type, s.position, value, nil)
}

// outcome writes what the first pass has found for one object.
func (w *Writer) outcome(s *step, b *branch, index int) bool {
	found := &b.outcomes[index]
	if found.err != nil {
		w.report(found.err)
		return false
	}
	return w.value(s.field.Type, s.position, found.value, &place{node: b.child, index: found.first})
}

// value writes a value. next is the place of the next object in it that has resolvers
// below, and moves on with each; it is nil where there are none.
func (w *Writer) value(t *Type, p *position, value any, next *place) bool {
	switch {
	case value == nil:
		return w.Absent(t.NonNull)
	case t.Write != nil:
		return t.Write(w, value)
	case t.Of != nil:
		return w.list(t, p, value, next)
	}
	selection, object, err := p.concrete(value)
	switch {
	case err != nil:
		return w.Fail(err)
	case object == nil:
		return w.Absent(t.NonNull)
	case next == nil || next.node == nil:
		return w.object(selection, object, place{})
	}
	at := *next
	next.index++
	return w.object(selection, object, at)
}

func (w *Writer) list(t *Type, p *position, list any, next *place) bool {
	first := len(w.scratch)
	w.scratch = t.Items(w.scratch, list)
	last := len(w.scratch)
	if next == nil || next.node == nil { // not counted yet
		w.count(last - first)
	}
	valid := true
	w.buf = append(w.buf, '[')
	for i := first; i < last; i++ {
		if w.full {
			break
		}
		start := w.beginItem(i - first)
		if !w.value(t.Of, p, w.scratch[i], next) {
			w.cut(start)
			valid = valid && !t.Of.NonNull
		}
		w.end()
	}
	w.buf = append(w.buf, ']')
	w.release(first)
	return valid
}

// beginItem starts the list's element number i and returns where its value begins.
func (w *Writer) beginItem(i int) (start int) {
	if i > 0 {
		w.buf = append(w.buf, ',')
	}
	w.path = append(w.path, ^i)
	return len(w.buf)
}

// end leaves an element of the path.
func (w *Writer) end() { w.path = w.path[:len(w.path)-1] }

// cut puts null in the place of what begins at start. Nothing of it is deferred any more.
func (w *Writer) cut(start int) {
	w.buf = append(w.buf[:start], "null"...)
	kept := len(w.deferring)
	for kept > 0 && w.deferring[kept-1].start >= start {
		kept--
	}
	w.deferring = w.deferring[:kept]
}

// release forgets the elements of lists from first on.
func (w *Writer) release(first int) {
	clear(w.scratch[first:])
	w.scratch = w.scratch[:first]
}

// report adds an error that is complete already.
func (w *Writer) report(err error) { w.run.op.Error(w.context(), err) }

// context returns the context of the field that is being written, for its errors.
func (w *Writer) context() context.Context {
	at := w.at.located().at
	for _, element := range w.path {
		next := &graphql.FieldContext{Parent: at}
		if element < 0 {
			index := ^element
			next.Index = &index
		} else {
			step := w.run.plan.steps[element]
			next.Object, next.Field = step.object.Name, step.collected
			if args := w.run.args[element]; args != nil {
				next.Args = args.values
			}
		}
		at = next
	}
	return withField(w.ctx, at)
}
