package compress_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"crmgraph/server/streamtest"
)

// measuredQueries are those that performance is measured by.
func measuredQueries() map[string]string {
	return map[string]string{
		"Q1": `{ portfolio(first: 50) { totalCount nodes {
			id name industry valuation lastActivity { result at } revenue { amount period } } } }`,
		"Q2": `{ portfolio(first: 50) { nodes { id name
			tasks(first: 5) { nodes { id status type startsAt comment } }
			projects(first: 3) { nodes { id name price
				steps { name date } payments(first: 5) { nodes { type date sum } } } } } } }`,
		"Q3": `{ project(id: 1) { id name price fields { name value }
			steps { name date } actions(first: 20) { nodes { typeName date text } }
			payments(first: 20) { nodes { type date sum } } goods { name quantity sum }
			checklists { name items { name isDone } } } }`,
		"Q4": `{ projects(first: 100) { nodes { id name price createdAt
			a: field(name: "client_id") b: field(name: "contract_date") c: field(name: "source")
			d: field(name: "deadline") e: field(name: "probability") } } }`,
	}
}

// answer is what a gateway on emulated CRMs answers to a query.
func answer(tb testing.TB, g *streamtest.Gateway, query string) []byte {
	tb.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		tb.Fatal(err)
	}
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, g.URL, strings.NewReader(string(body)))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+g.CRMs.Token(g.CRMs.ManagerIDs()[0]))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || strings.Contains(string(text), `"errors"`) {
		tb.Fatalf("got %d %.300s, %v, want an answer", resp.StatusCode, text, err)
	}
	return text
}

// BenchmarkAnswers is what the answers to the measured queries cost to compress, and what
// is left of them.
func BenchmarkAnswers(b *testing.B) {
	g := streamtest.Start(b, streamtest.Options{})
	for _, name := range []string{"Q1", "Q2", "Q3", "Q4"} {
		body := answer(b, g, measuredQueries()[name])
		for _, accept := range []string{"identity", "gzip", "br", "zstd"} {
			b.Run(fmt.Sprintf("%s/%s", name, accept), func(b *testing.B) { benchmark(b, accept, body) })
		}
	}
}
