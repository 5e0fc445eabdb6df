package main

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph"
	"crmgraph/server/graphqlhttp"
	"crmgraph/server/middleware"
	"crmgraph/upstream"
)

// queryCacheSize is the number of parsed and validated documents that are kept.
const queryCacheSize = 1000

// newExecutor returns the handler that runs operations, with its ways in.
func newExecutor(c *Config, d deps) (http.Handler, error) {
	var service upstream.Credentials
	if d.up.keeper != nil {
		service = d.up.keeper
	}
	server, err := graph.New(graph.Options{
		ProPortal: d.up.proportal,
		Solos:     d.up.solos,
		Service:   service,
		Limits: graph.Limits{
			Calls:     c.Cost.MaxCalls,
			ProPortal: c.Cost.MaxProPortalCalls,
			Solos:     c.Cost.MaxSolosCalls,
		},
		Logger:     d.logger,
		RequestID:  middleware.RequestIDFrom,
		OnFallback: d.figures.Fallback,
	})
	if err != nil {
		return nil, err
	}
	for _, transport := range graphqlhttp.Transports() {
		server.AddTransport(transport)
	}
	server.SetQueryCache(lru.New[*ast.QueryDocument](queryCacheSize))
	server.SetParserTokenLimit(c.Request.MaxTokens)
	server.Use(extension.Introspection{})
	return server, nil
}
