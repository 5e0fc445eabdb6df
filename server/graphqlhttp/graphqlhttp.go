// Package graphqlhttp is GraphQL over HTTP, by the draft of August 2026: how an operation is
// read from a request, and how its response is written. What other ways in share with it
// is exported: reading parameters, finding the operation, choosing a media type, encoding.
package graphqlhttp

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"crmgraph/graph"
)

// Settings that most servers want.
const (
	DefaultMaxBatch = 10
	DefaultMaxQuery = 8 << 10
)

// Options are the settings of a Transport.
type Options struct {
	// Caller returns the caller whose requests have header; nil: the context's.
	Caller func(header http.Header) graph.Caller
	// Documents finds documents that requests name; nil where all send theirs.
	Documents Documents
	// MaxBatch is the number of operations that one request may ask for; 0 refuses lists.
	MaxBatch int
	// MaxQuery is the length, in bytes, of the longest query string; 0 is DefaultMaxQuery.
	MaxQuery int
	// SchemaMaxAge is how long anybody may keep an answer to a GET that is about the schema alone;
	// 0 keeps none.
	SchemaMaxAge time.Duration
	// Vary names further request headers that answers depend on.
	Vary []string
}

// Transport is the way in of POST and GET. It is safe for concurrent use, and expects that
// the size of bodies is limited already.
type Transport struct {
	opts    Options
	headers sharedHeaders
	outputs sync.Pool // of *executor.Output
	bodies  sync.Pool // of *bytes.Buffer
}

// sharedHeaders are values that responses have in common. Nobody changes them.
type sharedHeaders struct{ json, responseJSON, noStore, vary []string }

// New returns a way in to a gqlgen server.
func New(opts Options) (*Transport, error) {
	switch {
	case opts.MaxBatch < 0:
		return nil, errors.New("a batch cannot have less than no operations")
	case opts.MaxQuery < 0:
		return nil, errors.New("a query string cannot be shorter than empty")
	case opts.SchemaMaxAge < 0:
		return nil, errors.New("the schema cannot be kept for less than no time")
	}
	if opts.MaxQuery == 0 {
		opts.MaxQuery = DefaultMaxQuery
	}
	vary := slices.Concat([]string{"Accept", "Authorization"}, opts.Vary)
	return &Transport{opts: opts, headers: sharedHeaders{
		json:         []string{JSON + "; charset=utf-8"},
		responseJSON: []string{ResponseJSON + "; charset=utf-8"},
		noStore:      []string{"no-store"},
		vary:         []string{strings.Join(vary, ", ")},
	}}, nil
}

// Supports is part of graphql.Transport: what no other way in takes is answered here, if only
// with a refusal.
func (*Transport) Supports(*http.Request) bool { return true }

// Do is part of graphql.Transport.
func (t *Transport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	t.setVary(w.Header())
	if r.Method == http.MethodOptions {
		w.Header().Set("Allow", allMethods)
		return
	}
	mediaType := responseType(r)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost:
		w.Header().Set("Allow", allMethods)
		t.refuse(w, r, ResponseJSON, &Refusal{
			Status: http.StatusMethodNotAllowed, Code: CodeMethodNotAllowed, Message: "Send operations with POST or GET.",
		})
	case mediaType == "":
		t.refuse(w, r, ResponseJSON, notAcceptable("Answers are application/graphql-response+json or application/json."))
	case r.Method == http.MethodPost:
		t.post(w, r, exec, mediaType)
	default:
		t.get(w, r, exec, mediaType)
	}
}

// Answer answers a request of one operation that another way in has read and that Create has made,
// or refused. The client takes JSON.
func (t *Transport) Answer(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, op *graphql.OperationContext, refused *graphql.Response) {
	t.setVary(w.Header())
	t.write(w, r, t.answer(t.context(r), exec, request{
		op: op, refused: refused, mediaType: responseType(r), safe: r.Method == http.MethodGet,
	}))
}

// context returns what the operations of a request run in.
func (t *Transport) context(r *http.Request) context.Context {
	if t.opts.Caller == nil {
		return r.Context()
	}
	return graph.WithCaller(r.Context(), t.opts.Caller(r.Header))
}

const allMethods = "GET, HEAD, OPTIONS, POST"
