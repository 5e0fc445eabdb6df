package main

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/extension"

	"crmgraph/graph"
	"crmgraph/graph/admission"
	"crmgraph/graph/watch"
	"crmgraph/server/auth"
	"crmgraph/server/graphqlhttp"
	"crmgraph/server/graphqlstream"
	"crmgraph/server/graphqlws"
	"crmgraph/server/metrics"
	"crmgraph/server/middleware"
	"crmgraph/server/persisted"
	"crmgraph/upstream"
	"crmgraph/upstream/crew"
)

// schemaMaxAge is how long anybody may keep what is told of the schema.
const schemaMaxAge = time.Minute

// api runs operations, whichever way they come in.
type api struct {
	http.Handler
	gate      *admission.Gate
	crew      *crew.Crew
	memory    *graph.Memory // nil for no limit
	pollers   *watch.Pollers
	documents *persisted.Documents
	streams   *graphqlstream.Transport
	sockets   *graphqlws.Transport
	stop      context.CancelFunc // of what runs in the background
	running   sync.WaitGroup
}

// newAPI returns the executor of operations with its ways in; callers makes those who
// ask. It is to be closed.
func newAPI(c *Config, d deps, callers *auth.Callers) (_ *api, err error) {
	a := &api{crew: crew.New(), memory: newMemory(c)}
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	if a.pollers, err = watch.NewPollers(watch.Options{Interval: c.Watch.Interval, MaxBackoff: c.Watch.MaxBackoff}); err != nil {
		return nil, err
	}
	if a.gate, err = newGate(c); err != nil {
		return nil, err
	}
	if a.documents, err = newDocuments(c, d); err != nil {
		return nil, err
	}
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
		Pollers:    a.pollers,
		Memory:     a.memory,
		Crew:       a.crew,
		MaxObjects: c.Request.MaxObjects,
		OnFallback: d.figures.Fallback,
		OnCalls:    d.limiter.Charge,
	})
	if err != nil {
		return nil, err
	}
	transports, err := a.transports(c, callers)
	if err != nil {
		return nil, err
	}
	for _, transport := range transports {
		server.AddTransport(a.gate.Transport(transport))
	}
	server.SetQueryCache(a.gate.Cache())
	server.SetDisableSuggestion(!c.tellsSchema())
	if c.tellsSchema() {
		server.Use(extension.Introspection{})
	}
	// Behind the graph's own extension: what is registered is from somebody who is known, and
	// does not cost too much.
	server.Use(a.documents)
	d.figures.ObserveClients(metrics.Clients{
		Memory: a.memory, Documents: a.documents, Limiter: d.limiter, Pollers: a.pollers, Sockets: a.sockets, Streams: a.streams,
	})
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	a.running.Go(func() { a.documents.Run(ctx) })
	a.Handler = server
	return a, nil
}

func newGate(c *Config) (*admission.Gate, error) {
	return admission.New(graph.Schema(), admission.Options{
		Limits: admission.Limits{
			MaxBytes:      int(c.Request.MaxQuery),
			MaxTokens:     c.Request.MaxTokens,
			MaxDepth:      c.Request.MaxDepth,
			MaxFields:     c.Request.MaxFields,
			MaxRootFields: c.Request.MaxRootFields,
			MaxAliases:    c.Request.MaxAliases,
			MaxDirectives: c.Request.MaxDirectives,
			MaxFragments:  c.Request.MaxFragments,
			MaxListSize:   c.Request.MaxList,
		},
		Suggestions: c.tellsSchema(),
		CacheBytes:  int64(c.Request.QueryCache),
	})
}

func newDocuments(c *Config, d deps) (*persisted.Documents, error) {
	opts := persisted.Options{
		Manifests: c.Documents.Manifest,
		Mode:      c.Documents.Mode,
		Automatic: c.Documents.Automatic,
		MaxBytes:  int64(c.Documents.Size),
		MayShare:  graph.HasViewer,
		Logger:    d.logger,
	}
	if d.up.shared != nil {
		store, err := persisted.NewStore(d.up.shared, c.Documents.Keep)
		if err != nil {
			return nil, err
		}
		opts.Shared = store
	}
	return persisted.New(opts)
}

// transports returns the ways in, in the order in which they are tried.
func (a *api) transports(c *Config, callers *auth.Callers) ([]graphql.Transport, error) {
	plain, err := graphqlhttp.New(graphqlhttp.Options{
		Caller:       callers.Of,
		Documents:    a.documents,
		MaxBatch:     c.Request.MaxBatch,
		SchemaMaxAge: schemaMaxAge,
		Vary:         []string{auth.ExplainHeader, auth.CostHeader, auth.FreshnessHeader},
	})
	if err != nil {
		return nil, err
	}
	a.streams, err = graphqlstream.New(graphqlstream.Options{
		JSON:             plain,
		Caller:           callers.Of,
		Documents:        a.documents,
		OperationTimeout: c.Request.Timeout,
		KeepAlive:        c.Stream.KeepAlive,
	})
	if err != nil {
		return nil, err
	}
	a.sockets, err = graphqlws.New(graphqlws.Options{
		Caller:           callers.Of,
		Documents:        a.documents,
		Origins:          c.Browser.Origins,
		Credentials:      c.Browser.Credentials,
		InitTimeout:      c.WebSocket.InitTimeout,
		KeepAlive:        c.WebSocket.PingInterval,
		OperationTimeout: c.Request.Timeout,
		MaxMessage:       int(c.maxMessage()),
		MaxOperations:    c.WebSocket.MaxOperations,
	})
	if err != nil {
		return nil, err
	}
	return []graphql.Transport{a.sockets, a.streams, plain}, nil
}

// drain ends what clients watch, and waits until ctx ends for the operations of sockets.
func (a *api) drain(ctx context.Context) error {
	a.streams.Drain()
	if err := a.sockets.Shutdown(ctx); err != nil {
		return errors.New("operations of sockets that still ran were cut off")
	}
	return nil
}

// close ends what runs in the background.
func (a *api) close() {
	if a.stop != nil {
		a.stop()
		a.running.Wait()
	}
	if a.pollers != nil {
		a.pollers.Close()
	}
	if a.gate != nil {
		a.gate.Close()
	}
	a.crew.Close()
}
