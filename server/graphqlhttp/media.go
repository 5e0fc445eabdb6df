package graphqlhttp

import (
	"mime"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Media types of responses.
const (
	applicationJSON     = "application/json"
	graphQLResponseJSON = "application/graphql-response+json"
)

// upgrades reports whether a request asks for another protocol than HTTP.
func upgrades(r *http.Request) bool { return r.Header.Get("Upgrade") != "" }

// sendsJSON reports whether the body of a request is said to be JSON.
func sendsJSON(r *http.Request) bool {
	return mediaType(r.Header.Get("Content-Type")) == applicationJSON
}

// setContentType sets the type of the response. It comes first, so that the answer to a
// panic has it too.
func setContentType(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", responseType(r.Header.Get("Accept")))
}

// responseType returns the first type in accept that a response can have; quality values
// are not looked at.
func responseType(accept string) string {
	if accept == "" {
		return applicationJSON
	}
	for part := range strings.SplitSeq(accept, ",") {
		switch mediaType(strings.TrimSpace(part)) {
		case "*/*", "application/*", applicationJSON:
			return applicationJSON
		case graphQLResponseJSON:
			return graphQLResponseJSON
		}
	}
	return graphQLResponseJSON
}

// mediaType returns the media type in the value of a header without its parameters, ""
// if there is none.
func mediaType(value string) string {
	// What clients usually send needs no parser, which makes a map for the parameters.
	if value == applicationJSON || value == "*/*" {
		return value
	}
	media, _, err := mime.ParseMediaType(value)
	if err != nil {
		return ""
	}
	return media
}

// statusOf returns the status of a response to an operation that does not run.
func statusOf(errs gqlerror.List, contentType string) int {
	switch {
	case errcode.GetErrorKind(errs) != errcode.KindProtocol:
		return http.StatusOK
	case contentType == graphQLResponseJSON:
		return http.StatusBadRequest
	default:
		return http.StatusUnprocessableEntity
	}
}
