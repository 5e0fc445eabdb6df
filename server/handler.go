package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"

	"crmgraph/graph"
	"crmgraph/server/auth"
	"crmgraph/server/graphiql"
	"crmgraph/server/metrics"
	"crmgraph/server/middleware"
	"crmgraph/server/ratelimit"
)

// sandboxCookie is what the single sign-on in front of the emulated ProPortal knows a manager by.
const sandboxCookie = "sandbox_sso"

// deps is what the handlers of one server share.
type deps struct {
	up       *upstreams
	verifier auth.Verifier
	shed     func(http.Handler) http.Handler // sheds requests of an overloaded server
	limiter  *ratelimit.Limiter
	figures  *metrics.Metrics
	logger   *slog.Logger
	requests *slog.Logger // for a line each
}

// newHandler assembles everything the server answers around the API. ready is whether it may get traffic.
func newHandler(c *Config, d deps, graphQL http.Handler, ready *atomic.Bool) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.Handle(apiPath, graphQL)
	if c.tellsSchema() {
		mux.Handle("GET /schema.graphql", text("text/plain; charset=utf-8", graph.SDL()))
	}
	mux.Handle("GET /healthz", text("text/plain; charset=utf-8", "ok\n"))
	mux.Handle("GET /readyz", readiness(ready, d.up))
	if c.showsGraphiQL() {
		page, err := graphiql.New(graphiql.Options{Endpoint: "/graphql", Assets: "/graphiql/", Token: pageToken(d.up), Compress: c.Compress})
		if err != nil {
			return nil, err
		}
		mux.Handle("GET /{$}", page)
		mux.Handle("GET /graphiql/", page)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		middleware.WriteError(w, r, http.StatusNotFound, middleware.CodeNotFound, "There is nothing at this address. The API is at /graphql.")
	})
	return middleware.Chain(straightTo(graphQL, mux),
		middleware.RequestID,
		middleware.AccessLog(d.requests, "/healthz", "/readyz"),
		middleware.Recover(d.logger),
		middleware.SecurityHeaders,
	), nil
}

// apiPath is where the API is.
const apiPath = "/graphql"

// straightTo has the requests that most are, those of the API, answered without looking for it among
// others, where those find it that name it in another way.
func straightTo(graphQL, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == apiPath && r.URL.RawPath == "" {
			graphQL.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// newGraphQL assembles the API with all that stands in front of it.
func newGraphQL(c *Config, d deps) (*api, error) {
	login := auth.CallerOptions{
		LoginHeaders: c.ProPortal.LoginHeaders,
		LoginCookies: c.ProPortal.LoginCookies,
		Explain:      c.Explain,
		Cost:         c.Cost.Report,
		Verified:     func(ctx context.Context, viewer *graph.Viewer) { middleware.SetViewer(ctx, viewer.ID) },
		Admit:        d.limiter.Admit,
	}
	if d.up.crms != nil {
		login.LoginCookies = append(login.LoginCookies, sandboxCookie)
	}
	callers := auth.NewCallers(d.verifier, login)
	a, err := newAPI(c, d, callers)
	if err != nil {
		return nil, err
	}
	a.Handler, err = guard(c, d, a.Handler)
	if err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

// pageToken returns what makes a token for a page of the explorer: on the sandbox one
// of the first manager's, else nothing.
func pageToken(up *upstreams) func() string {
	if up.crms == nil {
		return nil
	}
	manager := up.crms.ManagerIDs()[0]
	return func() string { return up.crms.Token(manager) }
}

func text(contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		// A client that has gone does not read the answer; there is nobody to tell.
		_, _ = io.WriteString(w, body)
	})
}
