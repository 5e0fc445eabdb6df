package middleware

import (
	"encoding/json"
	"net/http"
)

// Codes of the errors that are answered before an operation is read; they are among
// those of the GraphQL API.
const (
	CodeBadUserInput    = "BAD_USER_INPUT"
	CodeUnauthenticated = "UNAUTHENTICATED"
	CodeNotFound        = "NOT_FOUND"
	CodeInternal        = "INTERNAL_SERVER_ERROR"
	CodeOverloaded      = "OVERLOADED"
)

// WriteError answers with one error in the form of a GraphQL response:
// {"errors":[{"message":…,"extensions":{"code":…}}]}, with the id of the request where
// the error is the server's own.
func WriteError(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	extensions := map[string]string{"code": code}
	if id := RequestIDFrom(r.Context()); code == CodeInternal && id != "" {
		extensions["requestId"] = id
	}
	type graphQLError struct {
		Message    string            `json:"message"`
		Extensions map[string]string `json:"extensions"`
	}
	body, err := json.Marshal(map[string][]graphQLError{"errors": {{Message: message, Extensions: extensions}}})
	if err != nil {
		http.Error(w, http.StatusText(status), status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// A client that has gone does not read the answer; there is nobody to tell.
	_, _ = w.Write(body)
}
