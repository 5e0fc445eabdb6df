package main

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"crmgraph/server/metrics"
)

// BenchmarkHandler answers through everything that stands between a connection and the
// executor, as an operator would run it: with the access log, and tokens verified. What
// the emulated CRMs take to answer is in its figures.
func BenchmarkHandler(b *testing.B) {
	handler, authorization := newBenchHandler(b)
	for _, query := range []struct{ name, text string }{
		{"typename", `{ __typename }`},
		{"viewer", `{ viewer { id } }`},
		{"portfolio", `{ portfolio(first: 50) { totalCount nodes {
			id name industry valuation lastActivity { result at } revenue { amount period } } } }`},
		{"dashboard", `{ portfolio(first: 50) { nodes { id name
			tasks(first: 5) { nodes { id status type startsAt comment } }
			projects(first: 3) { nodes { id name price
				steps { name date } payments(first: 5) { nodes { type date sum } } } } } } }`},
	} {
		b.Run(query.name, func(b *testing.B) {
			body := `{"query":` + quoted(query.text) + `}`
			b.ReportAllocs()
			for b.Loop() {
				w := &answerCounter{header: make(http.Header)}
				handler.ServeHTTP(w, newBenchRequest(b, body, authorization))
				if w.status != http.StatusOK || w.bytes == 0 {
					b.Fatalf("got status %d and %d bytes, want an answer", w.status, w.bytes)
				}
			}
		})
	}
}

// newBenchHandler returns the handler of a server on the sandbox, and who asks it.
func newBenchHandler(b *testing.B) (handler http.Handler, authorization string) {
	b.Helper()
	c := defaults()
	up, err := connect(&c)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := up.close(); err != nil {
			b.Error(err)
		}
	})
	var ready atomic.Bool
	handler, err = newHandler(&c, up, metrics.New(), slog.New(slog.NewJSONHandler(io.Discard, nil)), &ready)
	if err != nil {
		b.Fatal(err)
	}
	return handler, "Bearer " + up.crms.Token(up.crms.ManagerIDs()[0])
}

// newBenchRequest is a request as net/http hands it over.
func newBenchRequest(b *testing.B, body, authorization string) *http.Request {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", io.NopCloser(strings.NewReader(body)))
	if err != nil {
		b.Fatal(err)
	}
	r.ContentLength = int64(len(body))
	r.Header["Content-Type"] = []string{"application/json"}
	r.Header["Accept"] = []string{"*/*"}
	r.Header["Authorization"] = []string{authorization}
	return r
}

// quoted is a text as a JSON string.
func quoted(text string) string {
	return `"` + strings.NewReplacer("\n", `\n`, "\t", `\t`, `"`, `\"`).Replace(text) + `"`
}

// answerCounter is a client that reads nothing.
type answerCounter struct {
	header http.Header
	status int
	bytes  int
}

func (w *answerCounter) Header() http.Header { return w.header }

func (w *answerCounter) WriteHeader(status int) { w.status = status }

func (w *answerCounter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.bytes += len(p)
	return len(p), nil
}
