package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// What an installation that has only what ProPortal's reference documents cannot tell. All
// else is in testdata, with callsDocumented.
func TestDocumentedOnlyInstallationLacks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, query, answer string
		refusals            []refusal
		calls               map[string]int
	}{
		{
			name:     "the customers of a group",
			query:    `{ group(id: "283") { name customers { totalCount } } }`,
			answer:   `{"group":{"name":"Новые ЮЛ (сентябрь)","customers":null}}`,
			refusals: []refusal{{Path: []any{"group", "customers"}, Code: "NOT_FOUND"}},
			calls:    map[string]int{"proportal.group": 1, "proportal.groupCustomers": 1},
		},
		{
			name:   "company cards",
			query:  `{ customer(id: "4007190") { name card { inn } } }`,
			answer: `{"customer":{"name":"Коновалова Ольга Анатольевна","card":null}}`,
			calls:  map[string]int{"proportal.customer": 1, "proportal.portfolio": 1},
		},
	}
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		crms := startSandbox(t, sandbox.Options{Dialect: dialect, DocumentedOnly: true})
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			for _, test := range tests {
				w := newWorldOn(t, crms)
				w.crms.Reset()
				got := w.ask(t, test.query, nil)
				if diff := cmp.Diff(test.answer, string(got.Data)); diff != "" {
					t.Errorf("%s: answer (-want +got):\n%s", test.name, diff)
				}
				if diff := cmp.Diff(test.refusals, refusals(got.Errors)); diff != "" {
					t.Errorf("%s: errors (-want +got):\n%s", test.name, diff)
				}
				if diff := cmp.Diff(test.calls, w.crms.Calls()); diff != "" {
					t.Errorf("%s: calls (-want +got):\n%s", test.name, diff)
				}
				w.checkNoRepetition(t)
			}
		})
	}
}

// A gateway learns from the first page that an installation ignores the size of pages,
// and from the first answer that it has an endpoint; later operations need fewer calls.
func TestLaterOperationsKnowTheInstallation(t *testing.T) {
	t.Parallel()
	const missing = `{ customer(id: "1") { name } }`
	tests := []struct {
		name                 string
		opts                 sandbox.Options
		first, later, answer string
		calls                map[string]int
	}{
		{
			name: "pages that keep their size", opts: sandbox.Options{DocumentedOnly: true},
			first:  "{ portfolio(first: 60) { totalCount nodes { id } } }",
			later:  "{ portfolio(first: 51) { pageInfo { hasPreviousPage } totalCount } }",
			answer: `{"portfolio":{"pageInfo":{"hasPreviousPage":false},"totalCount":120}}`,
			calls:  map[string]int{"proportal.portfolio": 2},
		},
		{
			name:  "cards that exist",
			first: `{ customer(id: "4007190") { name } }`, later: missing,
			answer: `{"customer":null}`, calls: map[string]int{"proportal.customer": 1},
		},
		{
			name:  "single tasks that exist",
			first: `{ task(id: "2598415") { id } }`, later: `{ task(id: "1") { id } }`,
			answer: `{"task":null}`, calls: map[string]int{"proportal.task": 1},
		},
		{
			name:   "tasks of customers, and a project of a customer who is not the viewer's",
			first:  `{ customer(id: "4007190") { tasks { totalCount } } }`,
			later:  `{ project(id: "43") { customer { tasks { totalCount } lastTask { id } } } }`,
			answer: `{"project":{"customer":{"tasks":{"totalCount":0},"lastTask":null}}}`,
			calls:  map[string]int{"solos.project": 1, "proportal.customerTasks": 1},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.opts)
			if got := w.ask(t, test.first, nil); len(got.Errors) != 0 {
				t.Fatalf("first operation: errors: %+v", got.Errors)
			}
			w.check(t, test.later, nil, test.answer, test.calls)
		})
	}
}
