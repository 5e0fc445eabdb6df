package graphqlhttp

import (
	"mime"
	"net/http"
	"strings"

	"crmgraph/server/middleware"
)

// responseType returns the media type that a response will have if it succeeds, "" if the
// client takes none that there is.
func responseType(r *http.Request) string {
	accept := r.Header["Accept"]
	if len(accept) == 1 && (accept[0] == "*/*" || accept[0] == JSON) { // what most clients send
		return JSON
	}
	return Negotiate(accept, JSON, ResponseJSON)
}

// SendsJSON reports whether the body of a request is said to be JSON in UTF-8.
func SendsJSON(r *http.Request) bool {
	contentType := middleware.First(r.Header, "Content-Type")
	// What clients usually send needs no parser, which makes a map for the parameters.
	if contentType == JSON {
		return true
	}
	name, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || name != JSON {
		return false
	}
	charset, ok := parameters["charset"]
	return !ok || strings.EqualFold(charset, "utf-8")
}
