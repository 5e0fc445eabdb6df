package graphqlstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph"
	"crmgraph/server/graphqlhttp"
	"crmgraph/server/lifetime"
)

// Options are the settings of a Transport. JSON is required; zero values of all others mean
// the defaults.
type Options struct {
	// JSON answers requests that ask for one response and take JSON.
	JSON *graphqlhttp.Transport
	// Documents finds documents that are named and not sent; nil for none.
	Documents graphqlhttp.Documents
	// Caller returns the caller whose requests have header. One who is turned away is answered
	// with a status of HTTP then, and in a stream where it is nil, which means the context's caller.
	Caller func(header http.Header) graph.Caller

	MaxQuery         int           // bytes of the query string of a GET; graphqlhttp.DefaultMaxQuery
	KeepAlive        time.Duration // between signs of life while nothing happens; 15 s
	WriteTimeout     time.Duration // for a part; one who reads more slowly is cut off; 10 s
	OperationTimeout time.Duration // for a query or mutation with all its parts; 30 s
}

// Transport answers in parts: with server-sent events, as graphql-sse has them in its distinct
// connections mode, and with multipart/mixed. It looks at requests that name one of these in
// Accept, and leaves to Options.JSON those of one response for which JSON will do, and those of
// deferred parts of clients that would rather have JSON. It is safe for concurrent use, and expects
// that the size of bodies is limited already.
//
// Subscriptions outlive the deadline that lifetime.Timeout gives to requests.
type Transport struct {
	opts     Options
	lifetime context.Context // of subscriptions; a server's, and no request's
	drain    context.CancelFunc
	counts   counts
}

// New returns a Transport. It fails on options that are missing or negative.
func New(opts Options) (*Transport, error) {
	if opts.JSON == nil {
		return nil, errors.New("graphqlstream: nothing answers with JSON")
	}
	if opts.MaxQuery < 0 {
		return nil, errors.New("graphqlstream: a query string cannot be shorter than empty")
	}
	if opts.MaxQuery == 0 {
		opts.MaxQuery = graphqlhttp.DefaultMaxQuery
	}
	for _, setting := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{
		{&opts.KeepAlive, 15 * time.Second},
		{&opts.WriteTimeout, 10 * time.Second},
		{&opts.OperationTimeout, 30 * time.Second},
	} {
		switch {
		case *setting.value < 0:
			return nil, errors.New("graphqlstream: a time must not be negative")
		case *setting.value == 0:
			*setting.value = setting.fallback
		}
	}
	t := &Transport{opts: opts}
	t.lifetime, t.drain = context.WithCancel(context.Background())
	return t, nil
}

// Drain ends all subscriptions, for clients to start them again elsewhere. Queries and
// mutations go on: a server's Shutdown waits for them.
func (t *Transport) Drain() { t.drain() }

// Supports is part of graphql.Transport.
func (*Transport) Supports(r *http.Request) bool {
	if !takesParts(r.Header["Accept"]) {
		return false
	}
	switch r.Method {
	case http.MethodGet:
		return true
	case http.MethodPost:
		return graphqlhttp.SendsJSON(r)
	default:
		return false
	}
}

func takesParts(accept []string) bool {
	return slices.ContainsFunc(accept, func(types string) bool {
		types = strings.ToLower(types)
		return strings.Contains(types, eventStreamType) || strings.Contains(types, multipartType)
	})
}

// Do is part of graphql.Transport.
func (t *Transport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	accept := r.Header["Accept"]
	json := max(graphqlhttp.Weight(accept, graphqlhttp.JSON), graphqlhttp.Weight(accept, graphqlhttp.ResponseJSON))
	takesJSON := json > 0
	params, refused := t.params(r, takesJSON)
	switch {
	case takesJSON && (params == nil || refused != nil):
		t.opts.JSON.Do(w, r, exec) //nolint:contextcheck // it has that of r
		return
	case refused != nil:
		refuse(w, refused)
		return
	}
	op, response := graphqlhttp.Create(r.Context(), exec, t.opts.Documents, params, r.Header)
	if op != nil && r.Method == http.MethodGet && op.Operation.Operation == ast.Mutation {
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, &graphqlhttp.Refusal{
			Status: http.StatusMethodNotAllowed, Code: graphqlhttp.CodeMutationByGet, Message: "Send mutations with POST.",
		})
		return
	}
	form, weight := formFor(accept, op)
	switch {
	// What is deferred can come whole as well.
	case takesJSON && (form == nil || op == nil || !inParts(op) || json > weight && !IsSubscription(op)):
		t.opts.JSON.Answer(w, r, exec, op, response) //nolint:contextcheck // as above
	case form == nil:
		spec := "deferSpec=20220824"
		if op != nil && IsSubscription(op) {
			spec = "subscriptionSpec=1.0"
		}
		refuse(w, &graphqlhttp.Refusal{
			Status: http.StatusNotAcceptable, Code: graphqlhttp.CodeNotAcceptable,
			Message: "Answers in parts are text/event-stream or multipart/mixed with " + spec + ".",
		})
	case op == nil:
		// What is wrong with a document is told in the stream: browsers' EventSource shows nothing of another status.
		t.tell(w, form, response)
	default:
		t.answer(w, r, form, exec, op) //nolint:contextcheck // subscriptions end with the server, too
	}
}

// tell writes the one response there is.
func (t *Transport) tell(w http.ResponseWriter, form form, response *graphql.Response) {
	out := newWriter(w, form, t, func() {})
	defer out.close()
	if out.send(&Part{Response: response, first: true}) == nil {
		out.complete()
	}
}

// answer runs an operation and writes what it brings.
func (t *Transport) answer(w http.ResponseWriter, r *http.Request, form form, exec graphql.GraphExecutor, op *graphql.OperationContext) {
	ctx, turnedAway := t.noting(r)
	isEndless := IsSubscription(op)
	var cancel context.CancelFunc
	if isEndless {
		ctx, cancel = lifetime.OfClient(ctx)
	} else {
		ctx, cancel = context.WithCancel(ctx)
	}
	defer cancel()
	out := newWriter(w, form, t, cancel)
	defer out.close()
	if isEndless {
		defer context.AfterFunc(t.lifetime, cancel)()
	}
	begin := func() {
		if !turnedAway.Load() {
			out.begin()
		}
	}
	send := func(part *Part) error {
		if turnedAway.Load() && part.Refuses() {
			respond(w, graphqlhttp.StatusOf(part.Errors, graphqlhttp.ResponseJSON), part.Response)
			return errTurnedAway
		}
		return out.send(part)
	}
	// Where only the time is up, all parts were there, late ones with errors.
	if run(ctx, exec, op, t.opts.OperationTimeout, begin, send) == nil && !errors.Is(ctx.Err(), context.Canceled) {
		out.complete()
	}
}

// params reads what a request asks for. There are none where it can be told without reading
// them that one response is asked for.
func (t *Transport) params(r *http.Request, takesJSON bool) (*graphqlhttp.Params, *graphqlhttp.Refusal) {
	if r.Method == http.MethodGet {
		if got := len(r.URL.RawQuery); got > t.opts.MaxQuery {
			return nil, &graphqlhttp.Refusal{
				Status: http.StatusRequestURITooLong, Code: graphqlhttp.CodeURITooLong,
				Message: "The query string is too long. Send the operation with POST.", Limit: t.opts.MaxQuery, Value: got,
			}
		}
		return graphqlhttp.ParseQuery(r.URL.RawQuery)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, &graphqlhttp.Refusal{
			Status: http.StatusBadRequest, Code: graphqlhttp.CodeInvalidRequest, Message: "The request body could not be read.",
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if takesJSON && !mayBeInParts(body) {
		return nil, nil
	}
	return graphqlhttp.ParseParams(body)
}

// mayBeInParts reports whether a body may ask for a response in parts. Some clients take
// streams with every request.
func mayBeInParts(body []byte) bool {
	if start := bytes.TrimLeft(body, " \t\r\n"); len(start) > 0 && start[0] == '[' {
		return false
	}
	for _, word := range []string{"subscription", "defer", "persistedQuery", "documentId"} {
		if bytes.Contains(body, []byte(word)) {
			return true
		}
	}
	return false
}

// refuse answers a request that is not run.
func refuse(w http.ResponseWriter, refused *graphqlhttp.Refusal) {
	respond(w, refused.Status, refused.Response())
}

// respond answers with errors, and no stream.
func respond(w http.ResponseWriter, status int, response *graphql.Response) {
	body, err := graphqlhttp.AppendResponse(nil, response)
	if err != nil { // of sentences and numbers
		panic(err)
	}
	w.Header().Set("Content-Type", graphqlhttp.ResponseJSON+"; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept")
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", graphqlhttp.RetryAfter(response.Errors))
	}
	w.WriteHeader(status)
	// A client that has gone does not read the answer; there is nobody to tell.
	_, _ = w.Write(body)
}
