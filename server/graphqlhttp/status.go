package graphqlhttp

import (
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// StatusPartial says that a response has data and errors. It is no status of HTTP's own:
// the draft uses it with ResponseJSON alone.
const StatusPartial = 294

// statusOf returns the status of a response in a media type.
func statusOf(response *graphql.Response, mediaType string) int {
	switch {
	case len(response.Errors) == 0:
		return http.StatusOK
	case response.Data == nil:
		return StatusOf(response.Errors, mediaType)
	case mediaType == ResponseJSON:
		return StatusPartial
	default:
		return http.StatusOK
	}
}

// StatusOf returns the status of a response, in a media type, to an operation that was not
// run.
func StatusOf(errs gqlerror.List, mediaType string) int {
	if len(errs) == 0 {
		return http.StatusInternalServerError
	}
	code, _ := errs[0].Extensions["code"].(string)
	if mediaType != ResponseJSON && (asksForDocument(code) || isAboutDocument(code)) {
		return http.StatusOK
	}
	if code == errcode.ValidationFailed && isAboutVariable(errs[0]) {
		// The draft would have 422; clients and their test suites know 400.
		return http.StatusBadRequest
	}
	switch code {
	case "PERSISTED_QUERY_NOT_FOUND":
		return http.StatusNotFound
	case errcode.ParseFailed:
		return http.StatusBadRequest
	case "UNAUTHENTICATED":
		return http.StatusUnauthorized
	case "FORBIDDEN", "DOCUMENT_NOT_TRUSTED":
		return http.StatusForbidden
	case "INTERNAL_SERVER_ERROR", "":
		return http.StatusInternalServerError
	case "UPSTREAM_BAD_RESPONSE", "UPSTREAM_REJECTED":
		return http.StatusBadGateway
	case "UPSTREAM_UNAVAILABLE", "RATE_LIMITED", "OVERLOADED", CodeDeadlineExceeded:
		return http.StatusServiceUnavailable
	case "UPSTREAM_TIMEOUT", "NOT_CACHED":
		return http.StatusGatewayTimeout
	default:
		return http.StatusUnprocessableEntity // it was understood, and is not what can be run
	}
}

// RetryAfter returns in how many seconds an operation of status 503 may fare better: as many as the
// CRM asks for whose error it is, or one.
func RetryAfter(errs gqlerror.List) string {
	if len(errs) > 0 {
		failed, _ := errs[0].Extensions["upstream"].(map[string]any)
		if after, ok := failed["retryAfter"].(int); ok {
			return strconv.Itoa(after)
		}
	}
	return "1"
}

// asksForDocument reports whether a client is only asked to send its document, which is
// how Apollo's protocol begins: clients that do not know ResponseJSON look for that in a 200 alone.
func asksForDocument(code string) bool {
	return code == "PERSISTED_QUERY_NOT_FOUND" || code == "PERSISTED_QUERY_NOT_SUPPORTED"
}

// isAboutDocument reports whether a document or its variables are wrong. Clients that take
// application/json alone are older than the other statuses: whatever is not 200 is a failure of
// the network to many of them, and the errors are not read.
func isAboutDocument(code string) bool {
	return code == errcode.ParseFailed || code == errcode.ValidationFailed
}

// isAboutVariable reports whether the value of a variable is not what its definition says, or
// the operation has no use for it.
func isAboutVariable(err *gqlerror.Error) bool {
	if err.Rule == "NoUnusedVariables" {
		return true
	}
	if len(err.Path) == 0 {
		return false
	}
	root, ok := err.Path[0].(ast.PathName)
	return ok && root == "variable"
}
