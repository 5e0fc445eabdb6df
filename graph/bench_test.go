package graph_test

import (
	"io"
	"testing"

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
