package graphqlhttp

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

// Params are what a request asks for, whichever way it came in.
type Params struct {
	Query         string // the document
	OperationName string // which of its operations; "" for the only one
	Variables     map[string]any
	Extensions    map[string]any
	DocumentID    string // names a document instead of sending it

	read graphql.TraceTiming // when they were read
}

// raw returns the parameters as gqlgen takes them.
func (p *Params) raw(header http.Header) *graphql.RawParams {
	return &graphql.RawParams{
		Query:         p.Query,
		OperationName: p.OperationName,
		Variables:     p.Variables,
		Extensions:    p.Extensions,
		Headers:       header,
		ReadTime:      p.read,
	}
}
