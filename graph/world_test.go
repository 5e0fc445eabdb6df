package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/golang-jwt/jwt/v5"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
	crmtransport "crmgraph/upstream/transport"
)

// world is a whole graph over HTTP on both emulated CRMs.
type world struct {
	crms   *sandbox.Sandbox
	url    string
	client *http.Client
	log    *logBuffer
	// refused is a call that the installation does not know. Those who make it at once make one
	// each, but for whoever hears of the first refusal before.
	refused string
}

// setting changes how a world's graph reaches the CRMs.
type setting func(*wiring)

type wiring struct {
	caller        upstream.CallerOptions
	timeouts      map[upstream.Service]time.Duration // of one CRM alone
	noProPortal   bool
	noSolos       bool
	proPortalURL  string
	solosURL      string
	solosToken    string
	limits        graph.Limits
	onCalls       func(ctx context.Context, calls int)
	customerField string
	memory        *graph.Memory
}

func (w *wiring) callerOf(service upstream.Service) upstream.CallerOptions {
	caller := w.caller
	if timeout, ok := w.timeouts[service]; ok {
		caller.Timeout = timeout
	}
	return caller
}

// newWorld starts both CRMs with opts and a graph on them; all of it ends with the test.
func newWorld(t testing.TB, opts sandbox.Options, settings ...setting) *world {
	t.Helper()
	return newWorldOn(t, startSandbox(t, opts), settings...)
}

// newWorldOn starts a graph on CRMs that are up already.
func newWorldOn(t testing.TB, crms *sandbox.Sandbox, settings ...setting) *world {
	t.Helper()
	way, err := crmtransport.New(crmtransport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(way.CloseIdleConnections)
	wires := wiring{
		caller:       upstream.CallerOptions{Transport: way},
		proPortalURL: crms.ProPortalURL(),
		solosURL:     crms.SolosURL(),
		solosToken:   crms.SolosToken(),
		limits:       graph.Limits{Calls: 1_000_000},
	}
	for _, set := range settings {
		set(&wires)
	}
	log := &logBuffer{}
	graphOpts := graph.Options{
		Limits:    wires.limits,
		Memory:    wires.memory,
		OnCalls:   wires.onCalls,
		Logger:    slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		RequestID: func(context.Context) string { return "request-1" },
	}
	if !wires.noProPortal {
		graphOpts.ProPortal, err = proportal.New(wires.proPortalURL, proportal.Options{CallerOptions: wires.callerOf(upstream.ProPortal), Now: crms.Now})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !wires.noSolos {
		graphOpts.Solos, err = solos.New(wires.solosURL, wires.solosToken, crms.SolosSecret(),
			solos.Options{CallerOptions: wires.callerOf(upstream.Solos), CustomerField: wires.customerField})
		if err != nil {
			t.Fatal(err)
		}
	}
	executor, err := graph.New(graphOpts)
	if err != nil {
		t.Fatal(err)
	}
	executor.AddTransport(transport.POST{})
	executor.SetQueryCache(lru.New[*ast.QueryDocument](100))
	executor.Use(extension.Introspection{})
	server := httptest.NewServer(withCaller(crms, executor))
	t.Cleanup(server.Close)
	return &world{crms: crms, url: server.URL, client: server.Client(), log: log}
}

// withCaller stands in for the server's authentication: a token is whoever's it is.
func withCaller(crms *sandbox.Sandbox, next http.Handler) http.Handler {
	viewer := func(_ context.Context, token string) (*graph.Viewer, error) {
		id, ok := subjectOf(token)
		if !ok {
			return nil, upstream.Unauthenticated
		}
		return &graph.Viewer{ID: id, Token: token, ExpiresAt: crms.Now().Add(time.Hour)}, nil
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		caller := graph.Caller{
			Authenticate: func(ctx context.Context) (*graph.Viewer, error) { return viewer(ctx, token) },
			Admit:        viewer,
			Cost:         true,
			LoginHeader:  func() http.Header { return http.Header{"Authorization": r.Header.Values("Authorization")} },
		}
		next.ServeHTTP(w, r.WithContext(graph.WithCaller(r.Context(), caller)))
	})
}

// answer is a GraphQL response.
type answer struct {
	Data   json.RawMessage `json:"data"`
	Errors []answerError   `json:"errors"`

	Extensions costExtension `json:"extensions"`
}

type answerError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// ask sends an operation as the first manager and forgets the calls made before.
func (w *world) ask(t testing.TB, query string, variables map[string]any) answer {
	t.Helper()
	return w.askAs(t, w.crms.ManagerIDs()[0], query, variables)
}

func (w *world) askAs(t testing.TB, manager int64, query string, variables map[string]any) answer {
	t.Helper()
	got, err := w.post(w.crms.Token(manager), query, variables)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (w *world) post(token, query string, variables map[string]any) (answer, error) {
	resp, err := w.send(token, query, variables)
	if err != nil {
		return answer{}, err
	}
	var got answer
	err = json.NewDecoder(resp.Body).Decode(&got)
	return got, errors.Join(err, resp.Body.Close())
}

func (w *world) send(token, query string, variables map[string]any) (*http.Response, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	return w.client.Do(req)
}

// logBuffer collects what the graph logs.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// subjectOf reads the subject of one of the emulated CRM's tokens.
func subjectOf(token string) (string, bool) {
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser(jwt.WithJSONNumber()).ParseUnverified(token, claims); err != nil {
		return "", false
	}
	subject, ok := claims["sub"].(json.Number)
	return subject.String(), ok
}
