package middleware

import (
	"encoding/json"
	"net/http"
)

// Codes of the errors that are answered before an operation is read; they are among
// those of the GraphQL API.
const (
	CodeBadUserInput        = "BAD_USER_INPUT"
	CodeUnauthenticated     = "UNAUTHENTICATED"
	CodeNotFound            = "NOT_FOUND"
	CodeInternal            = "INTERNAL_SERVER_ERROR"
	CodeOverloaded          = "OVERLOADED"
	CodeCrossSite           = "CROSS_SITE_REQUEST"
	CodeOriginNotAllowed    = "ORIGIN_NOT_ALLOWED"
	CodeUnsupportedEncoding = "UNSUPPORTED_CONTENT_ENCODING"
	CodeBodyTooLarge        = "BODY_TOO_LARGE"
	CodeBodyTimeout         = "REQUEST_BODY_TIMEOUT"
	CodeRateLimitExceeded   = "RATE_LIMIT_EXCEEDED"
)

// WriteError answers with one error in the form of a GraphQL response:
// {"errors":[{"message":…,"extensions":{"code":…}}]}, with the id of the request where
// the error is the server's own. Its type is that of GraphQL responses, by which clients know
// that it comes from here, and not from something in between. No cache keeps it.
func WriteError(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	extensions := map[string]any{"code": code}
	if id := RequestIDFrom(r.Context()); code == CodeInternal && id != "" {
		extensions["requestId"] = id
	}
	WriteErrorWith(w, status, message, extensions)
}

// WriteLimitError is WriteError for a limit that value is beyond: both are in the
// extensions.
func WriteLimitError(w http.ResponseWriter, status int, code, message string, limit, value int64) {
	WriteErrorWith(w, status, message, map[string]any{"code": code, "limit": limit, "value": value})
}

// WriteErrorWith is WriteError with the extensions, code and all.
func WriteErrorWith(w http.ResponseWriter, status int, message string, extensions map[string]any) {
	type graphQLError struct {
		Message    string         `json:"message"`
		Extensions map[string]any `json:"extensions"`
	}
	body, err := json.Marshal(map[string][]graphQLError{"errors": {{Message: message, Extensions: extensions}}})
	if err != nil {
		http.Error(w, http.StatusText(status), status)
		return
	}
	w.Header().Set("Content-Type", "application/graphql-response+json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A client that has gone does not read the answer; there is nobody to tell.
	_, _ = w.Write(body)
}
