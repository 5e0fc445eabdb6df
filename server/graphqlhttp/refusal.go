package graphqlhttp

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Codes of the refusals that are this package's own.
const (
	CodeInvalidJSON      = "INVALID_JSON"
	CodeInvalidRequest   = "INVALID_REQUEST"
	CodeMethodNotAllowed = "METHOD_NOT_ALLOWED"
	CodeMutationByGet    = "MUTATION_BY_GET"
	CodeNotAcceptable    = "NOT_ACCEPTABLE"
	CodeUnsupportedMedia = "UNSUPPORTED_MEDIA_TYPE"
	CodeURITooLong       = "URI_TOO_LONG"
	CodeBodyTooLarge     = "BODY_TOO_LARGE"
	CodeBatchRefused     = "BATCH_REFUSED"
	CodeBatchTooLarge    = "BATCH_TOO_LARGE"
	CodeNeedsStream      = "SUBSCRIPTION_NEEDS_STREAM"
	CodeDeadlineExceeded = "DEADLINE_EXCEEDED"
)

// Refusal is why a request is not run. It repeats nothing of the request.
type Refusal struct {
	Status  int // of HTTP
	Code    string
	Message string
	Limit   int // that was passed; 0 where there is none
	Value   int // that passed it
}

// Response is what a client is told.
func (r *Refusal) Response() *graphql.Response {
	extensions := map[string]any{"code": r.Code}
	if r.Limit != 0 {
		extensions["limit"] = r.Limit
	}
	if r.Value != 0 {
		extensions["value"] = r.Value
	}
	return &graphql.Response{Errors: gqlerror.List{{Message: r.Message, Extensions: extensions}}}
}

// notAcceptable refuses a client that takes no type that there is.
func notAcceptable(message string) *Refusal {
	return &Refusal{Status: http.StatusNotAcceptable, Code: CodeNotAcceptable, Message: message}
}
