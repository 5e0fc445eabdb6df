//go:build !race

package main

import (
	"testing"

	"crmgraph/upstream/sandbox"
)

// What a request allocates, from its head to the last byte of its response: everything but
// net/http's own reading and writing of it. The limits are a few per cent above what it is:
// who saves some, lowers them. The race detector allocates for itself.
func TestAllocationsOfRequests(t *testing.T) {
	most := map[string]float64{
		"Q1_portfolio": 122,
		"Q2_dashboard": 3350,
		"Q3_project":   280,
		"Q4_projects":  154,
	}
	g := newGateway(t, sandbox.Options{}, true)
	for _, query := range measuredQueries() {
		body := bodyOf(query.text)
		g.answer(t, body)
		got := testing.AllocsPerRun(50, func() { g.answer(t, body) })
		if want := most[query.name]; got > want {
			t.Errorf("%s: %.0f allocations, want at most %.0f", query.name, got, want)
		}
	}
}

// What one further object costs, and what one further field of each: the slope of whole
// requests, so that nothing is overlooked.
func TestAllocationsGrowSlowly(t *testing.T) {
	g := newGateway(t, sandbox.Options{}, true)
	allocations := func(query string) float64 {
		body := bodyOf(query)
		g.answer(t, body)
		return testing.AllocsPerRun(50, func() { g.answer(t, body) })
	}
	few := allocations(`{ projects(first: 10) { nodes { id } } }`)
	many := allocations(`{ projects(first: 100) { nodes { id } } }`)
	wide := allocations(`{ projects(first: 100) { nodes { id name price createdAt stepId userId } } }`)
	if got, want := (many-few)/90, 0.5; got > want {
		t.Errorf("a further object: %.2f allocations, want at most %.2f", got, want)
	}
	if got, want := (wide-many)/500, 0.05; got > want {
		t.Errorf("a further scalar: %.2f allocations, want at most %.2f", got, want)
	}
}
