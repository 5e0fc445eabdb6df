package main

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"crmgraph/server/metrics"
	"crmgraph/server/middleware"
	"crmgraph/upstream/sandbox"
)

// measuredQuery is one of the four queries that performance is measured by.
type measuredQuery struct {
	name, text string
	rounds     int // of dependent upstream calls
}

func measuredQueries() []measuredQuery {
	return []measuredQuery{
		{"Q1_portfolio", `{ portfolio(first: 50) { totalCount nodes {
			id name industry valuation lastActivity { result at } revenue { amount period } } } }`, 1},
		{"Q2_dashboard", `{ portfolio(first: 50) { nodes { id name
			tasks(first: 5) { nodes { id status type startsAt comment } }
			projects(first: 3) { nodes { id name price
				steps { name date } payments(first: 5) { nodes { type date sum } } } } } } }`, 3},
		{"Q3_project", `{ project(id: 1) { id name price fields { name value }
			steps { name date } actions(first: 20) { nodes { typeName date text } }
			payments(first: 20) { nodes { type date sum } } goods { name quantity sum }
			checklists { name items { name isDone } } } }`, 1},
		{"Q4_projects", `{ projects(first: 100) { nodes { id name price createdAt
			a: field(name: "client_id") b: field(name: "contract_date") c: field(name: "source")
			d: field(name: "deadline") e: field(name: "probability") } } }`, 1},
	}
}

// gateway is the whole handler of a server as an operator runs it: tokens verified, limits
// and the access log on.
type gateway struct {
	handler       http.Handler
	authorization string
	crms          *sandbox.Sandbox
}

// newGateway returns a gateway on emulated CRMs, which behind canned ones answer each
// request but once.
func newGateway(tb testing.TB, opts sandbox.Options, canned bool) *gateway {
	tb.Helper()
	c := defaults()
	c.Introspection = new(true)
	c.Cache.Size = 0 // what is measured and counted are requests that ask the CRMs
	c.Upstream.Hedge = false
	return newGatewayWith(tb, &c, opts, canned)
}

// newKeepingGateway returns one that keeps answers for longer than any benchmark runs.
func newKeepingGateway(tb testing.TB, opts sandbox.Options) *gateway {
	tb.Helper()
	c := defaults()
	c.Cache.TTL = []string{"*=1h"}
	return newGatewayWith(tb, &c, opts, false)
}

func newGatewayWith(tb testing.TB, c *Config, opts sandbox.Options, canned bool) *gateway {
	tb.Helper()
	crms := startCRMs(tb, opts)
	c.ProPortal.URL, c.Solos.URL = crms.ProPortalURL(), crms.SolosURL()
	if canned {
		c.ProPortal.URL, c.Solos.URL = startCanned(tb, c.ProPortal.URL), startCanned(tb, c.Solos.URL)
	}
	c.ProPortal.JWTSecret = NewSecret(crms.JWTSecret())
	c.Solos.Token, c.Solos.Secret = NewSecret(crms.SolosToken()), NewSecret(crms.SolosSecret())
	logs := newLogs(io.Discard, c.Log)
	tb.Cleanup(logs.flush)
	logger := logs.events
	up, err := connect(c, logger)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := up.close(); err != nil {
			tb.Error(err)
		}
	})
	verifier, stop, err := up.verifier(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(stop)
	var ready atomic.Bool
	shedder := middleware.NewShedder(middleware.ShedOptions{})
	limiter, err := newLimiter(c, up)
	if err != nil {
		tb.Fatal(err)
	}
	d := deps{up, verifier, shedder.Middleware, limiter, metrics.New(), logger, logs.requests}
	graphQL, err := newGraphQL(c, d)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(graphQL.close)
	handler, err := newHandler(c, d, graphQL, &ready)
	if err != nil {
		tb.Fatal(err)
	}
	return &gateway{handler: handler, authorization: "Bearer " + crms.Token(crms.ManagerIDs()[0]), crms: crms}
}

// answer has a query answered and fails unless it is.
func (g *gateway) answer(tb testing.TB, body string) {
	w := &answerCounter{header: make(http.Header, 12)} // as front has it
	g.handler.ServeHTTP(w, newRequest(tb, body, g.authorization))
	if w.status != http.StatusOK || w.bytes == 0 {
		tb.Fatalf("got status %d and %d bytes, want an answer", w.status, w.bytes)
	}
}

// comeBody is a body all of which has come.
type comeBody struct{ *strings.Reader }

// Close is part of io.ReadCloser.
func (comeBody) Close() error { return nil }

// newRequest is a request as package front hands it over.
func newRequest(tb testing.TB, body, authorization string) *http.Request {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, "/graphql", comeBody{strings.NewReader(body)})
	if err != nil {
		tb.Fatal(err)
	}
	r.ContentLength = int64(len(body))
	r.Header["Content-Type"] = []string{"application/json"}
	r.Header["Accept"] = []string{"*/*"}
	r.Header["Authorization"] = []string{authorization}
	return r
}

// bodyOf is the body of a request for a query.
func bodyOf(query string) string {
	return `{"query":"` + strings.NewReplacer("\n", `\n`, "\t", `\t`, `"`, `\"`).Replace(query) + `"}`
}

// answerCounter is a client that reads nothing.
type answerCounter struct {
	header http.Header
	status int
	bytes  int
}

// Header is part of http.ResponseWriter.
func (w *answerCounter) Header() http.Header { return w.header }

// WriteHeader is part of http.ResponseWriter.
func (w *answerCounter) WriteHeader(status int) { w.status = status }

// Write is part of http.ResponseWriter.
func (w *answerCounter) Write(p []byte) (int, error) {
	w.bytes += len(p)
	return len(p), nil
}

// SetReadDeadline is for http.ResponseController. A server's own writer has it.
func (*answerCounter) SetReadDeadline(time.Time) error { return nil }

// BenchmarkKeptRequest answers from what is kept, beside asking the CRMs each time.
func BenchmarkKeptRequest(b *testing.B) {
	asking, keeping := newGateway(b, sandbox.Options{}, false), newKeepingGateway(b, sandbox.Options{})
	for _, query := range measuredQueries() {
		body := bodyOf(query.text)
		for name, g := range map[string]*gateway{"asked": asking, "kept": keeping} {
			b.Run(query.name+"/"+name, func(b *testing.B) {
				g.answer(b, body)
				g.crms.Reset()
				b.ReportAllocs()
				requests := 0
				for b.Loop() {
					g.answer(b, body)
					requests++
				}
				calls := 0
				for _, made := range g.crms.Calls() {
					calls += made
				}
				b.ReportMetric(float64(calls)/float64(requests), "calls/op")
			})
		}
	}
}

// BenchmarkRequest answers from the request's head to the last byte of the response, with
// CRMs that cost next to nothing. Its allocations are the gateway's alone.
func BenchmarkRequest(b *testing.B) {
	g := newGateway(b, sandbox.Options{}, true)
	trivial := []measuredQuery{{name: "typename", text: "{ __typename }"}, {name: "viewer", text: "{ viewer { id } }"}}
	for _, query := range append(trivial, measuredQueries()...) {
		b.Run(query.name, func(b *testing.B) {
			body := bodyOf(query.text)
			g.answer(b, body)
			b.ReportAllocs()
			for b.Loop() {
				g.answer(b, body)
			}
		})
	}
}
