package main

import (
	"log/slog"
	"net/http"

	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph"
	"crmgraph/server/graphqlhttp"
	"crmgraph/server/metrics"
	"crmgraph/server/middleware"
)

// queryCacheSize is the number of parsed and validated documents that are kept.
const queryCacheSize = 1000

// newExecutor returns the handler that runs operations, with its ways in.
func newExecutor(c *Config, up *upstreams, figures *metrics.Metrics, logger *slog.Logger) (http.Handler, error) {
	server, err := graph.New(graph.Options{
		ProPortal: up.proportal,
		Solos:     up.solos,
		Limits: graph.Limits{
			Calls:     c.Cost.MaxCalls,
			ProPortal: c.Cost.MaxProPortalCalls,
			Solos:     c.Cost.MaxSolosCalls,
		},
		Logger:     logger,
		RequestID:  middleware.RequestIDFrom,
		OnFallback: figures.Fallback,
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
