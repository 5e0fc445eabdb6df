package graphqlhttp

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"

	"crmgraph/server/middleware"
)

// unsupported answers requests that no other transport reads, whatever their content.
type unsupported struct{}

// Supports is part of graphql.Transport.
func (unsupported) Supports(r *http.Request) bool {
	switch r.Method {
	case http.MethodOptions, http.MethodGet:
		return false
	case http.MethodPost:
		return !sendsJSON(r)
	default:
		return true
	}
}

// Do is part of graphql.Transport.
func (unsupported) Do(w http.ResponseWriter, r *http.Request, _ graphql.GraphExecutor) {
	status, message := http.StatusMethodNotAllowed, "Send operations with POST or GET."
	if r.Method == http.MethodPost {
		status, message = http.StatusUnsupportedMediaType, "Send the operation as JSON, with Content-Type: application/json."
	} else {
		w.Header().Set("Allow", "OPTIONS, GET, POST")
	}
	middleware.WriteError(w, r, status, middleware.CodeBadUserInput, message)
}
