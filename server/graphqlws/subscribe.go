package graphqlws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph"
	"crmgraph/server/graphqlhttp"
	"crmgraph/server/graphqlstream"
)

const messageShuttingDown = "The gateway is shutting down; connect again."

// subscribe starts an operation. It returns why the connection is closed, nil if it goes on.
func (c *connection) subscribe(ctx context.Context, m message) *closing {
	params, refused := graphqlhttp.ParseParams(m.payload)
	if refused != nil || params.Query == "" && params.DocumentID == "" && params.Extensions["persistedQuery"] == nil {
		return &closing{closeInvalid, "Invalid message received"}
	}
	ctx, cancel := context.WithCancel(graph.WithCaller(ctx, c.caller))
	op, taken := c.operations.start(m.id, c.opts.MaxOperations, cancel)
	switch {
	case taken:
		cancel()
		return duplicate(m.id)
	case op == nil:
		cancel()
		c.refuse(ctx, m.id, &gqlerror.Error{
			Message: "The connection has as many operations as it may have at the same time.",
			Extensions: map[string]any{
				"code": CodeTooManyOperations, "limit": c.opts.MaxOperations, "value": c.opts.MaxOperations + 1,
			},
		})
		return nil
	}
	c.transport.operated.Add(1)
	c.transport.operating.Add(1)
	c.operations.running.Go(func() {
		defer c.transport.operating.Add(-1)
		defer cancel()
		c.run(ctx, op, params)
	})
	return nil
}

// run runs an operation and tells the client how it went.
func (c *connection) run(ctx context.Context, op *operation, params *graphqlhttp.Params) {
	isEndless := false
	defer func() {
		if cause := recover(); cause != nil {
			c.finish(ctx, op, c.panicked(ctx, cause))
		}
		c.operations.release(op)
		c.operations.end(isEndless)
		c.tellEnded()
	}()
	if c.transport.isDraining() {
		c.finish(ctx, op, gqlerror.List{{Message: messageShuttingDown, Extensions: map[string]any{"code": CodeShuttingDown}}})
		return
	}
	ctx = graphql.StartOperationTrace(ctx)
	request, refused := graphqlhttp.Create(ctx, c.exec, c.opts.Documents, params, c.header)
	if refused != nil {
		c.finish(ctx, op, graphqlhttp.Count(ctx, c.exec, refused).Errors)
		return
	}
	if isEndless = graphqlstream.IsSubscription(request); isEndless {
		c.operations.endless()
		c.tellEnded()
	}
	err := graphqlstream.Run(ctx, c.exec, request, c.opts.OperationTimeout, func(part *graphqlstream.Part) error {
		if part.Refuses() {
			c.finish(ctx, op, part.Errors)
			return errFinished
		}
		return c.next(ctx, op, part)
	})
	if err == nil {
		c.finish(ctx, op, nil)
	}
}

// panicked is what a client is told of a panic: as little as of any fault of the gateway. The log
// is not told the text either, which may quote what was sent.
func (c *connection) panicked(ctx context.Context, cause any) gqlerror.List {
	ctx = graphql.WithOperationContext(ctx, &graphql.OperationContext{})
	err := fmt.Errorf("panic with a value of type %T\n%s", cause, debug.Stack())
	return c.exec.DispatchError(ctx, gqlerror.List{gqlerror.Wrap(err)}).Errors
}

// tellEnded has it looked whether Shutdown waits for anything still.
func (c *connection) tellEnded() {
	select {
	case c.ended <- struct{}{}:
	default: // one is enough
	}
}

// errFinished ends an operation of which the client knows that it has ended.
var errFinished = errors.New("the operation has ended")

// next sends a response.
func (c *connection) next(ctx context.Context, op *operation, part *graphqlstream.Part) error {
	text := append(appendHead(nil, typeNext, op.id), `,"payload":`...)
	text, err := part.AppendTo(text)
	if err != nil {
		return err
	}
	return c.send(ctx, op, append(text, '}'))
}

// finish tells that an operation has ended: with errors if there are any.
func (c *connection) finish(ctx context.Context, op *operation, errs gqlerror.List) {
	// The client may use the id again as soon as it knows.
	c.operations.release(op)
	if len(errs) == 0 {
		_ = c.send(ctx, op, append(appendHead(nil, typeComplete, op.id), '}'))
		return
	}
	if text, err := errorMessage(op.id, errs); err == nil {
		_ = c.send(ctx, op, text)
	}
}

// refuse tells that an operation is not run.
func (c *connection) refuse(ctx context.Context, id string, err *gqlerror.Error) {
	if text, err := errorMessage(id, gqlerror.List{err}); err == nil {
		_ = c.write(context.WithoutCancel(ctx), text)
	}
}

func errorMessage(id string, errs gqlerror.List) ([]byte, error) {
	list, err := json.Marshal(errs)
	if err != nil {
		return nil, err
	}
	text := append(appendHead(nil, typeError, id), `,"payload":`...)
	return append(append(text, list...), '}'), nil
}

// send sends a message of an operation, unless the client wants no more of it.
func (c *connection) send(ctx context.Context, op *operation, text []byte) error {
	op.mu.Lock()
	defer op.mu.Unlock()
	if op.stopped || c.isExpired() {
		return context.Canceled
	}
	return c.write(ctx, text)
}
