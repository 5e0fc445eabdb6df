package graphqlhttp

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/server/middleware"
)

// maxPooled is the largest buffer, in bytes, that is kept for the next response.
const maxPooled = 1 << 20

// responder answers with the responses of an executor. It is safe for concurrent use.
type responder struct{ buffers sync.Pool } // of *bytes.Buffer

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

// run answers with the response to an operation.
func (p *responder) run(ctx context.Context, w http.ResponseWriter, exec graphql.GraphExecutor, op *graphql.OperationContext) {
	respond, ctx := exec.DispatchOperation(ctx, op)
	p.write(w, http.StatusOK, respond(ctx))
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
	body, ok := p.buffers.Get().(*bytes.Buffer)
	if !ok {
		body = &bytes.Buffer{}
	}
	body.Reset()
	if err := encode(body, response); err != nil {
		// gqlgen's server masks a panic and gives it to the log. Nothing is written yet.
		panic(fmt.Errorf("a response cannot be encoded: %w", err))
	}
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	// A client that has gone does not read the answer; there is nobody to tell.
	_, _ = w.Write(body.Bytes())
	if body.Cap() <= maxPooled {
		p.buffers.Put(body)
	}
}
