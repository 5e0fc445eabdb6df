package graphqlhttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph"
	"crmgraph/graph/executor"
)

// request is one operation that a client asks for.
type request struct {
	params    *Params
	header    http.Header               // of the whole HTTP request
	op        *graphql.OperationContext // what Create has made of them already, if it has
	refused   *graphql.Response         // or this
	mediaType string                    // of a response that succeeds
	safe      bool                      // it came by GET
}

// answer is the response to one operation, written out.
type answer struct {
	out       *executor.Output // its body
	status    int
	mediaType string // of a response that succeeds
	allow     string // the methods that would do instead; "" where the method is not at fault
	again     string // when to come again, in seconds, if the status is 503
	keep      keeping
}

// answer runs one operation. A panic is an answer, too.
func (t *Transport) answer(ctx context.Context, exec graphql.GraphExecutor, asked request) (a answer) {
	defer func() {
		if value := recover(); value != nil {
			a = t.recovered(ctx, exec, asked.mediaType, value)
		}
	}()
	op, refused := asked.op, asked.refused
	if op == nil && refused == nil {
		op, refused = Create(ctx, exec, t.opts.Documents, asked.params, asked.header)
	}
	switch {
	case refused != nil:
		return t.encode(Count(ctx, exec, refused), asked.mediaType)
	case op.Operation.Operation == ast.Subscription:
		return t.encodeRefusal(&Refusal{
			Status: http.StatusUnprocessableEntity, Code: CodeNeedsStream,
			Message: "Subscriptions are answered with Accept: text/event-stream, or over a WebSocket.",
		}, asked.mediaType)
	case asked.safe && op.Operation.Operation != ast.Query:
		a := t.encodeRefusal(&Refusal{
			Status: http.StatusMethodNotAllowed, Code: CodeMutationByGet, Message: "Send mutations with POST.",
		}, asked.mediaType)
		a.allow = http.MethodPost
		return a
	default:
		withoutDefer(op)
		return t.run(ctx, exec, op, asked)
	}
}

// run answers with the response to an operation. The executor writes the data where the
// response begins already.
func (t *Transport) run(ctx context.Context, exec graphql.GraphExecutor, op *graphql.OperationContext, asked request) answer {
	out := t.output()
	out.Buf = append(out.Buf, beforeData...)
	var fresh graph.Freshness
	respond, ctx := exec.DispatchOperation(graph.WithFreshness(executor.WithOutput(ctx, out), &fresh), op)
	response := respond(ctx)
	switch {
	case response == nil:
		t.release(out)
		return t.encodeRefusal(&Refusal{
			Status: http.StatusServiceUnavailable, Code: CodeDeadlineExceeded,
			Message: "The time of the request was up before its operation ran.",
		}, asked.mediaType)
	case len(response.Errors) > 0 || !out.Holds(response.Data):
		a := t.encode(response, asked.mediaType)
		t.release(out)
		a.keep = keepingOf(response, fresh, op, asked)
		return a
	default:
		var err error
		if out.Buf, err = appendTail(out.Buf, response); err != nil {
			panic(unencodable(err))
		}
		return answer{out: out, status: http.StatusOK, mediaType: asked.mediaType, keep: keepingOf(response, fresh, op, asked)}
	}
}

// encode writes out a response. Its parts are put together first: a Write of each takes
// more time in system calls than one copy of the data does.
func (t *Transport) encode(response *graphql.Response, mediaType string) answer {
	out := t.output()
	var err error
	if out.Buf, err = AppendResponse(out.Buf, response); err != nil {
		panic(unencodable(err))
	}
	return answer{out: out, status: statusOf(response, mediaType), mediaType: mediaType, again: RetryAfter(response.Errors)}
}

// unencodable is a fault of whoever made a response.
func unencodable(err error) error { return fmt.Errorf("a response cannot be encoded: %w", err) }

// encodeRefusal writes out why a request is not run.
func (t *Transport) encodeRefusal(refused *Refusal, mediaType string) answer {
	a := t.encode(refused.Response(), mediaType)
	a.status = refused.Status
	return a
}

// recoverer is an executor that masks panics and gives them to the log, as gqlgen's does.
type recoverer interface {
	PresentRecoveredError(ctx context.Context, value any) error
}

// recovered answers for an operation that panicked. Nothing of it is written yet. Where the
// executor has no answer, the panic goes on.
func (t *Transport) recovered(ctx context.Context, exec graphql.GraphExecutor, mediaType string, value any) answer {
	masking, ok := exec.(recoverer)
	if err, _ := value.(error); !ok || errors.Is(err, http.ErrAbortHandler) {
		panic(value)
	}
	presented, ok := errors.AsType[*gqlerror.Error](masking.PresentRecoveredError(ctx, value))
	if !ok {
		panic(value)
	}
	return t.encode(&graphql.Response{Errors: gqlerror.List{presented}}, mediaType)
}
