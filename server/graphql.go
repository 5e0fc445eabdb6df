package main

import (
	"encoding/json"
	"log/slog"
	"mime"
	"net/http"
	"net/url"

	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph"
	"crmgraph/server/middleware"
)

// queryCacheSize is the number of parsed and validated documents that are kept.
const queryCacheSize = 1000

// newExecutor returns the handler that runs operations, with its ways in.
func newExecutor(c *Config, up *upstreams, logger *slog.Logger) (http.Handler, error) {
	server, err := graph.New(graph.Options{
		ProPortal: up.proportal,
		Solos:     up.solos,
		Limits: graph.Limits{
			Calls:     c.Cost.MaxCalls,
			ProPortal: c.Cost.MaxProPortalCalls,
			Solos:     c.Cost.MaxSolosCalls,
		},
		Logger:    logger,
		RequestID: middleware.RequestIDFrom,
	})
	if err != nil {
		return nil, err
	}
	server.AddTransport(transport.Options{})
	server.AddTransport(get{})
	server.AddTransport(post{})
	server.SetQueryCache(lru.New[*ast.QueryDocument](queryCacheSize))
	server.SetParserTokenLimit(c.Request.MaxTokens)
	server.Use(extension.Introspection{})
	return server, nil
}

// wellFormed refuses, with a coded error, requests that none of the transports reads
// or that GET would refuse without a code.
func wellFormed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, message := http.StatusOK, ""
		switch r.Method {
		case http.MethodOptions:
		case http.MethodGet:
			if !readableQuery(r.URL.RawQuery) {
				status, message = http.StatusBadRequest, "The parameters of the request cannot be read; variables and extensions are JSON objects."
			}
		case http.MethodPost:
			if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
				status, message = http.StatusUnsupportedMediaType, "Send the operation as JSON, with Content-Type: application/json."
			}
		default:
			w.Header().Set("Allow", "OPTIONS, GET, POST")
			status, message = http.StatusMethodNotAllowed, "Send operations with POST or GET."
		}
		if status != http.StatusOK {
			middleware.WriteError(w, r, status, middleware.CodeBadUserInput, message)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func readableQuery(raw string) bool {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return false
	}
	for _, name := range []string{"variables", "extensions"} {
		var object map[string]json.RawMessage
		if text := query.Get(name); text != "" && json.Unmarshal([]byte(text), &object) != nil {
			return false
		}
	}
	return true
}
