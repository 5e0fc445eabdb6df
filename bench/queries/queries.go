// Package queries holds the four queries that are measured, those of the benchmarks in
// package graph.
package queries

import (
	"fmt"
	"slices"
	"strings"
)

// Query is a query as every server gets it.
type Query struct {
	Name string // short, e.g. "Q1"
	What string // for people
	Text string
	// Weight is how many of the others' requests one with this query is worth in work, in
	// round figures.
	Weight int
}

// All returns the four queries.
func All() []Query {
	return []Query{Portfolio(50), Dashboard(50), Project(), Projects()}
}

// Named returns those of the four whose names are in the comma-separated list.
func Named(list string) ([]Query, error) {
	var named []Query
	for name := range strings.SplitSeq(list, ",") {
		at := slices.IndexFunc(All(), func(q Query) bool { return strings.EqualFold(q.Name, name) })
		if at < 0 {
			return nil, fmt.Errorf("unknown query %q: they are Q1 to Q4", name)
		}
		named = append(named, All()[at])
	}
	return named, nil
}

// Portfolio asks for a page of customers: one upstream call.
func Portfolio(first int) Query {
	return Query{
		Name:   "Q1",
		Weight: 1,
		What:   fmt.Sprintf("portfolio page of %d", first),
		Text: fmt.Sprintf(`{ portfolio(first: %d) { totalCount nodes {
			id name industry valuation lastActivity { result at } revenue { amount period } } } }`, first),
	}
}

// Dashboard asks for customers with their tasks and projects, and for the steps and
// payments of each project: three rounds of calls, the third with two a project.
func Dashboard(first int) Query {
	return Query{
		Name:   "Q2",
		Weight: 4,
		What:   fmt.Sprintf("dashboard of %d customers", first),
		Text: fmt.Sprintf(`{ portfolio(first: %d) { nodes { id name
			tasks(first: 5) { nodes { id status type startsAt comment } }
			projects(first: 3) { nodes { id name price
				steps { name date } payments(first: 5) { nodes { type date sum } } } } } } }`, first),
	}
}

// Project asks for one project with all its parts: six calls at once.
func Project() Query {
	return Query{
		Name:   "Q3",
		Weight: 1,
		What:   "project card",
		Text: `{ project(id: 1) { id name price fields { name value }
			steps { name date } actions(first: 20) { nodes { typeName date text } }
			payments(first: 20) { nodes { type date sum } } goods { name quantity sum }
			checklists { name items { name isDone } } } }`,
	}
}

// Projects asks for 100 projects with five dynamic fields: one call.
func Projects() Query {
	return Query{
		Name:   "Q4",
		Weight: 1,
		What:   "100 projects with 5 dynamic fields",
		Text: `{ projects(first: 100) { nodes { id name price createdAt
			a: field(name: "client_id") b: field(name: "contract_date") c: field(name: "source")
			d: field(name: "deadline") e: field(name: "probability") } } }`,
	}
}
