package graphqlhttp

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/server/middleware"
)

// get takes a query as parameters of the address.
type get struct{ *responder }

// Supports is part of graphql.Transport.
func (get) Supports(r *http.Request) bool { return r.Method == http.MethodGet && !upgrades(r) }

// Do is part of graphql.Transport.
func (g get) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	params := &graphql.RawParams{Headers: r.Header}
	params.ReadTime.Start = graphql.Now()
	if !readQuery(r.URL.RawQuery, params) {
		middleware.WriteError(w, r, http.StatusBadRequest, middleware.CodeBadUserInput,
			"The parameters of the request cannot be read; variables and extensions are JSON objects.")
		return
	}
	params.ReadTime.End = graphql.Now()
	setContentType(w, r)
	op := g.create(r.Context(), w, exec, params)
	switch {
	case op == nil:
	case op.Operation.Operation != ast.Query:
		w.Header().Set("Allow", http.MethodPost)
		g.refuse(w, http.StatusMethodNotAllowed, "Send mutations with POST.")
	default:
		g.run(r.Context(), w, exec, op)
	}
}

// readQuery fills params from the query string of an address and reports whether it could
// be read.
func readQuery(raw string, params *graphql.RawParams) bool {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return false
	}
	params.Query = query.Get("query")
	params.OperationName = query.Get("operationName")
	return readObject(query.Get("variables"), &params.Variables) && readObject(query.Get("extensions"), &params.Extensions)
}

// readObject reads a parameter that is a JSON object, and nothing else, or empty.
func readObject(text string, object *map[string]any) bool {
	if text == "" {
		return true
	}
	// A decoder does not look at what follows the value it reads.
	return json.Valid([]byte(text)) && decode(strings.NewReader(text), object) == nil
}
