// Package graphqlhttp holds the transports of GraphQL over HTTP: how an operation is read
// from a request and how its response is written.
package graphqlhttp

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/transport"
)

// Transports returns the ways in to a gqlgen server, in the order in which it tries them.
// They expect that the size of bodies is limited already.
func Transports() []graphql.Transport {
	shared := &responder{}
	return []graphql.Transport{unsupported{}, transport.Options{}, get{shared}, post{shared}}
}
