// Package streamtest starts gateways, with all ways in whose responses come in parts, in tests.
package streamtest

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph"
	"crmgraph/graph/watch"
	"crmgraph/server/auth"
	"crmgraph/server/graphqlhttp"
	"crmgraph/server/graphqlstream"
	"crmgraph/server/graphqlws"
	"crmgraph/server/lifetime"
	"crmgraph/server/middleware"
	"crmgraph/upstream"
	"crmgraph/upstream/cache"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
	"crmgraph/upstream/transport"
)

// Options are what differs between gateways.
type Options struct {
	Sandbox   sandbox.Options
	Watch     watch.Options
	WebSocket graphqlws.Options // without Caller
	Stream    graphqlstream.Options
	Timeout   time.Duration // deadline of requests; 30 s when 0
}

// Gateway is a whole gateway over HTTP on emulated CRMs.
type Gateway struct {
	CRMs      *sandbox.Sandbox
	URL       string
	Pollers   *watch.Pollers
	WebSocket *graphqlws.Transport
	Stream    *graphqlstream.Transport

	gate *gate
}

// Start starts a gateway, which ends with the test.
func Start(t testing.TB, opts Options) *Gateway {
	t.Helper()
	crms, err := sandbox.Start(opts.Sandbox)
	check(t, err)
	t.Cleanup(func() { _ = crms.Close() })
	way, err := transport.New(transport.Options{})
	check(t, err)
	t.Cleanup(way.CloseIdleConnections)
	answers, err := cache.New(cache.Options{Lifetime: func(upstream.Service, string) cache.Lifetime {
		return cache.Lifetime{TTL: time.Hour, StaleIfError: time.Hour}
	}})
	check(t, err)
	t.Cleanup(answers.Close)
	pollers, err := watch.NewPollers(opts.Watch)
	check(t, err)
	t.Cleanup(pollers.Close)

	g := &Gateway{CRMs: crms, Pollers: pollers, gate: &gate{RoundTripper: way}}
	caller := upstream.CallerOptions{Transport: g.gate, Answers: answers}
	graphOpts := graph.Options{Pollers: pollers}
	graphOpts.ProPortal, err = proportal.New(crms.ProPortalURL(), proportal.Options{CallerOptions: caller, Now: crms.Now})
	check(t, err)
	graphOpts.Solos, err = solos.New(crms.SolosURL(), crms.SolosToken(), crms.SolosSecret(), solos.Options{CallerOptions: caller})
	check(t, err)
	executor, err := graph.New(graphOpts)
	check(t, err)
	verifier, err := auth.NewLocal([]byte(crms.JWTSecret()), nil)
	check(t, err)

	opts.WebSocket.Caller = auth.NewCallers(verifier, auth.CallerOptions{Explain: true}).Of
	overHTTP, err := graphqlhttp.New(graphqlhttp.Options{Caller: opts.WebSocket.Caller})
	check(t, err)
	g.WebSocket, err = graphqlws.New(opts.WebSocket)
	check(t, err)
	opts.Stream.JSON, opts.Stream.Caller = overHTTP, opts.WebSocket.Caller
	g.Stream, err = graphqlstream.New(opts.Stream)
	check(t, err)
	executor.AddTransport(g.WebSocket)
	executor.AddTransport(g.Stream)
	executor.AddTransport(overHTTP)
	executor.SetQueryCache(lru.New[*ast.QueryDocument](100))
	executor.Use(extension.Introspection{})

	if opts.Timeout == 0 {
		opts.Timeout = 30 * time.Second
	}
	server := httptest.NewServer(middleware.Chain(executor,
		middleware.RequestID,
		lifetime.Timeout(opts.Timeout),
		middleware.BodyLimit(1<<20),
	))
	g.URL = server.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		g.Stream.Drain()
		if err := g.WebSocket.Shutdown(ctx); err != nil {
			t.Errorf("connections are left at the end: %v", err)
		}
		server.Close()
	})
	return g
}

// AwaitCalls returns when n more calls have been made.
func (g *Gateway) AwaitCalls(t testing.TB, call string, n int) {
	t.Helper()
	n += g.CRMs.Calls()[call]
	Await(t, "more calls are made", func() bool { return g.CRMs.Calls()[call] >= n })
}

// Await returns when something is so, of which nobody tells.
func Await(t testing.TB, what string, isSo func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	late := time.After(time.Minute)
	for !isSo() {
		select {
		case <-ticker.C:
		case <-late:
			t.Fatalf("it is not so after a minute: %s", what)
		}
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
