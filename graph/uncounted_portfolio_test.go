package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// uncountedPage is a full page of customers, or less, in a portfolio that does not tell its length.
func uncountedPage(number, from, to int) string {
	var rows []string
	for id := from; id <= to; id++ {
		rows = append(rows, fmt.Sprintf(`{"client_id": %d, "name": "%d"}`, id, id))
	}
	return fmt.Sprintf(`{"current_page": %d, "per_page": 50, "data": [%s]}`, number, strings.Join(rows, ","))
}

// Where the portfolio does not tell how many pages it has, customers are found on all of them.
func TestCustomersOfAPortfolioThatDoesNotCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{}, func(w *wiring) {
		w.caller.Transport = canned{
			"portfolio?page=1&perPage=500": uncountedPage(1, 1, 50),
			"portfolio?page=2":             uncountedPage(2, 51, 100),
			"portfolio?page=3":             uncountedPage(3, 101, 110),
		}
	})
	for query, want := range map[string]string{
		`{ customer(id: 40) { name } }`:  `{"customer":{"name":"40"}}`,
		`{ customer(id: 60) { name } }`:  `{"customer":{"name":"60"}}`,
		`{ customer(id: 110) { name } }`: `{"customer":{"name":"110"}}`,
		`{ customer(id: 111) { name } }`: `{"customer":null}`,
		fmt.Sprintf(`{ nodes(ids: [%q, %q]) { ... on Customer { name lastActivity { at } } } }`, nodeID("Customer", 105), nodeID("Customer", 7)): `{"nodes":[{"name":"105","lastActivity":null},{"name":"7","lastActivity":null}]}`,
	} {
		got := w.ask(t, query, nil)
		if diff := cmp.Diff(want, string(got.Data)); diff != "" || len(got.Errors) != 0 {
			t.Errorf("%s: (-want +got):\n%s%+v", query, diff, got.Errors)
		}
	}
}

// One that always sends its first page has an end, too.
func TestCustomersOfAPortfolioThatDoesNotMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{}, func(w *wiring) {
		w.caller.Transport = canned{"portfolio?page=1&perPage=500": uncountedPage(1, 1, 50), "portfolio?page=2": uncountedPage(1, 1, 50)}
	})
	got := w.ask(t, `{ customer(id: 60) { name } }`, nil)
	if diff := cmp.Diff([]refusal{{Path: []any{"customer"}, Code: "UPSTREAM_BAD_RESPONSE"}}, refusals(got.Errors)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}
