package graphqlhttp

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph"
	"crmgraph/graph/executor"
	"crmgraph/server/middleware"
)

// maxPooled is the largest buffer, in bytes, that is kept for the next response.
const maxPooled = 1 << 20

// responder answers with the responses of an executor. It is safe for concurrent use.
type responder struct{ outputs sync.Pool } // of *executor.Output

// create returns the operation that params ask for. Where there is none it answers why,
// and returns nil.
func (p *responder) create(ctx context.Context, w http.ResponseWriter, exec graphql.GraphExecutor, params *graphql.RawParams) *graphql.OperationContext {
	op, errs := exec.CreateOperationContext(ctx, params)
	if len(errs) == 0 {
		return op
	}
	status := statusOf(errs, w.Header().Get("Content-Type"))
	p.write(w, status, exec.DispatchError(graphql.WithOperationContext(ctx, op), errs))
	return nil
}

// run answers with the response to an operation. The executor writes the data where the
// response begins already.
func (p *responder) run(ctx context.Context, w http.ResponseWriter, exec graphql.GraphExecutor, op *graphql.OperationContext) {
	out := p.output()
	out.Buf = append(out.Buf, beforeData...)
	var fresh graph.Freshness
	respond, ctx := exec.DispatchOperation(graph.WithFreshness(executor.WithOutput(ctx, out), &fresh), op)
	response := respond(ctx)
	setCaching(w.Header(), fresh)
	if response == nil || len(response.Errors) > 0 || !out.Holds(response.Data) {
		p.write(w, http.StatusOK, response)
		p.release(out)
		return
	}
	p.send(w, http.StatusOK, out, func(body []byte) ([]byte, error) { return appendTail(body, response) })
}

// refuse answers a request that asks for no operation.
func (p *responder) refuse(w http.ResponseWriter, status int, message string) {
	p.write(w, status, &graphql.Response{Errors: gqlerror.List{{
		Message:    message,
		Extensions: map[string]any{"code": middleware.CodeBadUserInput},
	}}})
}

// write answers with a response. Its parts are put together first: a Write of each takes
// more time in system calls than one copy of the data does.
func (p *responder) write(w http.ResponseWriter, status int, response *graphql.Response) {
	p.send(w, status, p.output(), func(body []byte) ([]byte, error) { return appendResponse(body, response) })
}

// send has complete append the rest of a body to what out holds, and answers with it.
func (p *responder) send(w http.ResponseWriter, status int, out *executor.Output, complete func([]byte) ([]byte, error)) {
	var err error
	if out.Buf, err = complete(out.Buf); err != nil {
		// gqlgen's server masks a panic and gives it to the log. Nothing is written yet.
		panic(fmt.Errorf("a response cannot be encoded: %w", err))
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(out.Buf)))
	w.WriteHeader(status)
	// A client that has gone does not read the answer; there is nobody to tell.
	_, _ = w.Write(out.Buf)
	p.release(out)
}

// output returns an empty buffer.
func (p *responder) output() *executor.Output {
	out, ok := p.outputs.Get().(*executor.Output)
	if !ok {
		out = &executor.Output{}
	}
	out.Reset()
	return out
}

// release gives a buffer back, which nobody may use any more.
func (p *responder) release(out *executor.Output) {
	if cap(out.Buf) <= maxPooled {
		p.outputs.Put(out)
	}
}
