package executor

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// delivery is the response to one operation in parts. Each object of a deferred part comes in
// a response of its own. It is for one goroutine at a time.
type delivery struct {
	*run
	operation context.Context // somebody may read what comes until it is canceled
	cancel    context.CancelFunc
	ended     bool
}

// overhead is about what a part has around its data, in bytes.
const overhead = 64

// deliver runs an operation that defers. Its resolvers end with ctx. Whoever asks for the
// responses may do so after that, to be told what became of each part; it is as well to stop
// asking.
func (e *Executor) deliver(ctx context.Context, op *graphql.OperationContext, plan *plan) graphql.ResponseHandler {
	running, cancel := context.WithCancel(ctx)
	d := &delivery{run: e.newRun(running, op, plan), operation: ctx, cancel: cancel}
	d.parts = newParts(plan, d.size.limit)
	return func(context.Context) *graphql.Response {
		if d.ended {
			return nil
		}
		d.ended = true // unless there turns out to be more
		defer func() {
			if d.ended {
				d.end()
			}
		}()
		return d.respond() //nolint:contextcheck // resolvers end with that of the operation
	}
}

// end waits until nothing of the operation runs. What still does is for nobody: it is below
// objects that were cut off, or looks ahead.
func (d *delivery) end() {
	d.cancel()
	d.calls.Wait()
	d.queue.round.Wait()
}

// respond returns the next response, and sets ended with the last.
func (d *delivery) respond() *graphql.Response {
	if d.top == nil {
		d.resolve()
		d.parts.begin()
	}
	p := d.parts.ready()
	for ; p == nil; p = d.parts.ready() {
		d.receive()
	}
	response := d.object(p)
	d.parts.advance(p)
	d.ended = d.parts.awaited == 0 || d.size.exceeded() || errors.Is(d.operation.Err(), context.Canceled)
	// An answer of which nothing is deferred after all is one like others.
	if hasNext := !d.ended; hasNext || p.group.of != nil {
		response.HasNext = &hasNext
	}
	return response
}

// object returns a response with the next object of a part.
func (d *delivery) object(p *part) *graphql.Response {
	if p.next == 0 && !d.admit(p) {
		d.size.stop()
	}
	at := d.parts.object(p)
	path := p.node.objects[at.index].at.Path()
	noted := p.errorsAt(path)
	ctx := graphql.WithFreshResponseContext(d.ctx)
	data := d.write(ctx, piece{selection: p.group.selection, at: at, noted: noted})
	response := &graphql.Response{Data: data, Errors: append(noted, graphql.GetErrors(ctx)...)}
	if p.group.of == nil {
		return response
	}
	response.Path = append(ast.Path{}, path...) // that of the root is not nil
	if p.group.label != nil {
		if label, err := p.group.label.Value(d.op.Variables); err == nil {
			response.Label, _ = label.(string)
		}
	}
	return response
}

// admit counts what is in a part to the answer and reports whether that is not too large.
func (d *delivery) admit(p *part) bool {
	return !p.size.exceeded() && d.size.add(int(p.size.count.Load()))
}
