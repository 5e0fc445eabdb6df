package graph_test

import (
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"crmgraph/upstream/sandbox"
)

// benchQuery is a query with the dependent rounds of calls that its answer takes.
type benchQuery struct {
	name, text string
	rounds     int
}

func benchQueries() []benchQuery {
	return []benchQuery{
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

// BenchmarkLatency answers over CRMs that take 20 ms a call and prints how long the
// median answer takes beyond 20 ms a round. The data set of 200 projects is the default
// one; of 110 the dashboard takes 89 calls, and the difference shows what a call costs.
func BenchmarkLatency(b *testing.B) {
	const latency = 20 * time.Millisecond
	defer debug.SetGCPercent(debug.SetGCPercent(300)) // as the server does
	for _, projects := range []int{110, 200} {
		w := newWorld(b, sandbox.Options{Latency: latency, Projects: projects})
		b.Run(fmt.Sprint(projects, "_projects"), func(b *testing.B) { benchmarkLatency(b, w, latency) })
	}
}

func benchmarkLatency(b *testing.B, w *world, latency time.Duration) {
	for _, query := range benchQueries() {
		b.Run(query.name, func(b *testing.B) {
			token := w.crms.Token(w.crms.ManagerIDs()[0])
			w.crms.Reset()
			w.answers(b, token, query)
			calls := len(w.crms.Requests())
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				w.receive(b, token, query)
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			over := took[len(took)/2] - time.Duration(query.rounds)*latency
			b.ReportMetric(float64(over)/float64(time.Millisecond), "ms-over-rounds")
			b.ReportMetric(float64(query.rounds), "rounds")
			b.ReportMetric(float64(calls), "calls")
		})
	}
}

// BenchmarkAnswer answers over CRMs that answer at once.
func BenchmarkAnswer(b *testing.B) {
	w := newWorld(b, sandbox.Options{})
	for _, query := range benchQueries() {
		b.Run(query.name, func(b *testing.B) {
			token := w.crms.Token(w.crms.ManagerIDs()[0])
			w.answers(b, token, query)
			b.ReportAllocs()
			for b.Loop() {
				w.receive(b, token, query)
			}
		})
	}
}

// answers fails unless a query is answered without errors.
func (w *world) answers(b *testing.B, token string, query benchQuery) {
	b.Helper()
	if got, err := w.post(token, query.text, nil); err != nil || len(got.Errors) != 0 {
		b.Fatal(err, got.Errors)
	}
}

// receive takes an answer as it comes, without looking at it.
func (w *world) receive(b *testing.B, token string, query benchQuery) {
	b.Helper()
	resp, err := w.send(token, query.text, nil)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		b.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		b.Fatal(err)
	}
}
