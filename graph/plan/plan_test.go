package plan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"crmgraph/graph/plan"
)

func schema(t testing.TB) *ast.Schema {
	t.Helper()
	files, err := filepath.Glob("../../schema/*.graphqls")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schema: %v", err)
	}
	var sources []*ast.Source
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: file, Input: string(text)})
	}
	loaded, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func operation(t testing.TB, s *ast.Schema, query string, variables map[string]any) plan.Operation {
	t.Helper()
	document, errs := gqlparser.LoadQueryWithRules(s, query, rules.NewDefaultRules())
	if errs != nil {
		t.Fatal(errs)
	}
	definition := document.Operations[0]
	coerced, err := validator.VariableValues(s, definition, variables)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Operation{Schema: s, Definition: definition, Fragments: document.Fragments, Variables: coerced}
}

// show writes a plan as lines like "1 proportal.portfolio 1 portfolio".
func show(p *plan.Plan) []string {
	var lines []string
	for i, round := range p.Rounds {
		for _, step := range round.Steps {
			lines = append(lines, fmt.Sprint(i+1, " ", step.Call, " ", step.Max, " ", strings.Join(step.Paths, " ")))
		}
	}
	return lines
}

func TestPlans(t *testing.T) {
	t.Parallel()
	s := schema(t)
	tests := []struct {
		name, query string
		variables   map[string]any
		want        []string
	}{
		{
			name:  "portfolio page",
			query: `{ portfolio(first: 50) { totalCount nodes { name industry lastActivity { at } } } }`,
			want:  []string{"1 proportal.portfolio 1 portfolio"},
		},
		{
			name: "dashboard",
			query: `{ portfolio(first: 50) { nodes { name
				tasks(first: 5) { nodes { status } }
				projects(first: 3) { nodes { name steps { name } payments(first: 5) { nodes { sum } } } } } } }`,
			want: []string{
				"1 proportal.portfolio 1 portfolio",
				"2 proportal.tasks 3 portfolio.nodes.tasks",
				"2 solos.filterProjects 1 portfolio.nodes.projects",
				"3 solos.payments 150 portfolio.nodes.projects.nodes.payments",
				"3 solos.steps 150 portfolio.nodes.projects.nodes.steps",
			},
		},
		{
			name: "project card",
			query: `{ project(id: 1) { name steps { name } actions(first: 10) { nodes { text } }
				payments(first: 10) { nodes { sum } } goods { name } checklists { name } } }`,
			want: []string{
				"1 solos.actions 1 project.actions", "1 solos.checklists 1 project.checklists",
				"1 solos.goods 1 project.goods", "1 solos.payments 1 project.payments",
				"1 solos.project 1 project", "1 solos.steps 1 project.steps",
			},
		},
		{
			name:  "hundred projects",
			query: `{ projects(first: 100) { nodes { id name f: field(name: "source") } } }`,
			want:  []string{"1 solos.projects 1 projects"},
		},
		{
			name:  "groups with customers with tasks",
			query: `{ groups { name customers(first: 10) { nodes { name tasks(first: 3) { nodes { id } } } } } }`,
			want: []string{
				"1 proportal.groups 1 groups",
				"2 proportal.groupCustomers 25 groups.customers",
				"3 proportal.tasks 3 groups.customers.nodes.tasks",
			},
		},
		{
			name:  "aliases of one field",
			query: `{ a: portfolio(first: 10) { nodes { name } } b: portfolio(first: 10) { nodes { id } } }`,
			want:  []string{"1 proportal.portfolio 1 a b"},
		},
		{
			name: "aliases with joined projects",
			query: `{ a: portfolio(first: 10) { nodes { projects(first: 3) { nodes { id } } } }
				b: portfolio(first: 20) { nodes { projects(first: 3) { nodes { id } } } } }`,
			want: []string{
				"1 proportal.portfolio 1 a b",
				"2 solos.filterProjects 1 a.nodes.projects b.nodes.projects",
			},
		},
		{
			name:  "few customers' tasks beside the lists",
			query: `{ customer(id: 5) { tasks(status: PLANNED) { nodes { id } } } tasks(status: PLANNED) { nodes { id } } }`,
			want: []string{
				"1 proportal.customer 1 customer",
				"1 proportal.tasks 1 customer.tasks tasks",
			},
		},
		{
			name:  "what an argument names leads on at once",
			query: `{ customer(id: 5) { name tasks { nodes { id customer { name } } } projects { nodes { id } } } }`,
			want: []string{
				"1 proportal.customer 1 customer",
				"1 proportal.customerTasks 1 customer.tasks",
				"1 solos.filterProjects 1 customer.projects",
			},
		},
		{
			name: "back edges cost nothing",
			query: `{ portfolio(first: 4) { nodes { projects(first: 2) { nodes {
				customer { name } steps { project { name steps { name } } } } } tasks(first: 1) { nodes { customer { name industry } } } } } }`,
			want: []string{
				"1 proportal.portfolio 1 portfolio",
				"2 proportal.tasks 3 portfolio.nodes.tasks",
				"2 solos.filterProjects 1 portfolio.nodes.projects",
				"3 solos.steps 8 portfolio.nodes.projects.nodes.steps portfolio.nodes.projects.nodes.steps.project.steps",
			},
		},
		{
			name: "what something leads back to waits for that",
			query: `{ project(id: 1) { steps { project { goods { id } } } currentStep { project { checklists { name } } } }
				customer(id: 5) { timeline(first: 10) { nodes { ... on Action { project { goods { id } } } } } } }`,
			want: []string{
				"1 proportal.customer 1 customer", "1 proportal.customerTasks 1 customer.timeline", "1 solos.filterProjects 1 customer.timeline",
				"1 solos.project 1 project", "1 solos.steps 1 project.currentStep project.steps",
				"2 solos.actions 25 customer.timeline", "2 solos.checklists 1 project.currentStep.project.checklists",
				"2 solos.goods 1 project.steps.project.goods", "2 solos.payments 25 customer.timeline",
				"3 solos.goods 25 customer.timeline.nodes.project.goods",
			},
		},
		{
			name: "back edges lead on where they are met first",
			query: `{ portfolio(first: 4) { nodes { projects(first: 1) { nodes { id customer { tasks(first: 1) { totalCount }
				projects(first: 1) { nodes { steps { name } } } } } } } } }`,
			want: []string{
				"1 proportal.portfolio 1 portfolio",
				"2 solos.filterProjects 1 portfolio.nodes.projects portfolio.nodes.projects.nodes.customer.projects",
				"3 proportal.tasks 3 portfolio.nodes.projects.nodes.customer.tasks",
				"3 solos.steps 4 portfolio.nodes.projects.nodes.customer.projects.nodes.steps",
			},
		},
		{
			name: "skipped and included by variables",
			query: `query($yes: Boolean!, $no: Boolean!) { project(id: 1) { name
				steps @include(if: $no) { name } goods @skip(if: $yes) { name } ...F @include(if: $yes) } }
				fragment F on Project { checklists { name } }`,
			variables: map[string]any{"yes": true, "no": false},
			want:      []string{"1 solos.checklists 1 project.checklists", "1 solos.project 1 project"},
		},
		{
			name: "nodes of mixed types",
			// Customer:1, Customer:2, Project:3, Step:3:4
			query: `{ nodes(ids: ["Q3VzdG9tZXI6MQ", "Q3VzdG9tZXI6Mg", "UHJvamVjdDoz", "U3RlcDozOjQ"]) {
				id ... on Customer { name } ... on Project { goods { name } } } }`,
			want: []string{
				"1 proportal.portfolio 1 nodes", "1 solos.project 1 nodes", "1 solos.steps 1 nodes",
				"2 proportal.customer 2 nodes", "2 solos.goods 1 nodes.goods",
			},
		},
		{
			name:  "timeline of twenty customers",
			query: `{ portfolio(first: 20) { nodes { timeline(first: 10) { nodes { ... on Action { project { name } } } } } } }`,
			want: []string{
				"1 proportal.portfolio 1 portfolio",
				"2 proportal.tasks 3 portfolio.nodes.timeline",
				"2 solos.filterProjects 1 portfolio.nodes.timeline",
				"3 solos.actions 177 portfolio.nodes.timeline",
				"3 solos.payments 177 portfolio.nodes.timeline",
			},
		},
		{
			name:  "conditions joined by or",
			query: `{ customer(id: 1) { projects(filter: {condition: OR, having: GOODS, userIds: [1, 2], fields: [{name: "a", value: 1}, {name: "b", value: 2}]}) { nodes { id } } } }`,
			want:  []string{"1 proportal.customer 1 customer", "1 solos.filterProjects 4 customer.projects"},
		},
		{
			name:  "only the count",
			query: `{ portfolio { totalCount } }`,
			want:  []string{"1 proportal.portfolioCount 1 portfolio"},
		},
		{
			name:  "the count beside a page",
			query: `{ a: portfolio { totalCount } b: portfolio(first: 5) { nodes { name } } }`,
			want:  []string{"1 proportal.portfolio 1 a b"},
		},
		{
			name: "ids as numbers are told apart",
			query: `query($c: ID!) { a: project(id: 1) { steps { name } } b: project(id: 2) { steps { name } }
				c: project(id: $c) { name } d: project(id: "2") { name } }`,
			variables: map[string]any{"c": json.Number("3")},
			want: []string{
				"1 solos.project 1 a", "1 solos.project 1 b d", "1 solos.project 1 c",
				"1 solos.steps 1 a.steps", "1 solos.steps 1 b.steps",
			},
		},
		{
			name:  "one node in place of a list",
			query: `query($ids: [ID!]!) { a: nodes(ids: "UHJvamVjdDoz") { id } b: nodes(ids: $ids) { id } }`, // Project:3
			// Step:3:4
			variables: map[string]any{"ids": "U3RlcDozOjQ"},
			want:      []string{"1 solos.project 1 a", "1 solos.steps 1 b"},
		},
		{
			name:  "nothing",
			query: `{ viewer { id } __typename }`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := plan.New(operation(t, s, test.query, test.variables), plan.Options{Installation: plan.Observed()})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, show(got)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

// An installation of which nothing is known yet may cost detours.
func TestPlanCountsDetours(t *testing.T) {
	t.Parallel()
	op := operation(t, schema(t), `{ customer(id: 5) { name tasks(status: PLANNED) { nodes { id } } } task(id: 7) { id } }`, nil)
	got, err := plan.New(op, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1 proportal.customer 1 customer",
		"1 proportal.customerTasks 1 customer.tasks",
		"1 proportal.task 1 task",
		"2 proportal.portfolio 1 customer",
		"2 proportal.tasks 3 customer.tasks task",
	}
	if diff := cmp.Diff(want, show(got)); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

// Where the size of a portfolio page cannot be chosen, a slice takes as many as it touches.
func TestPlanOfSmallPages(t *testing.T) {
	t.Parallel()
	s := schema(t)
	const after = `, after: "some cursor"`
	for arguments, want := range map[string]int{
		"first: 50": 1, "first: 51": 2, "first: 99": 2, "first: 100": 2,
		"first: 1" + after: 1, "first: 2" + after: 2, "first: 51" + after: 2, "first: 52" + after: 3, "first: 100" + after: 3,
	} {
		op := operation(t, s, "{ portfolio("+arguments+") { nodes { id } } }", nil)
		got, err := plan.New(op, plan.Options{Installation: plan.Installation{SmallPages: true}})
		if err != nil {
			t.Fatal(err)
		}
		if calls := got.Cost().Total(); calls != want {
			t.Errorf("%s: got %d calls, want %d", arguments, calls, want)
		}
	}
}

func parse(t testing.TB, s *ast.Schema, query string) plan.Operation {
	t.Helper()
	document, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		t.Fatal(err)
	}
	// Validation of such documents is the door's business; planning must bear them anyway.
	return plan.Operation{Schema: s, Definition: document.Operations[0], Fragments: document.Fragments}
}

// bombs are documents that are small and select much.
func bombs() map[string]string {
	var aliases, fragments strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&aliases, "a%d: viewer { id } ", i)
	}
	for i := range 40 {
		fmt.Fprintf(&fragments, "fragment F%d on Project { a: steps { project { ...F%d } } b: goods { project { ...F%d } } }\n", i, i+1, i+1)
	}
	return map[string]string{
		"aliases":   "{ " + aliases.String() + " }",
		"fragments": "{ project(id: 1) { ...F0 } }\n" + fragments.String() + "fragment F40 on Project { name }",
		"spreads":   "{ project(id: 1) { ...G ...G ...G } } fragment G on Project { name ...G }",
		"megabyte":  "{ " + strings.Repeat("viewer { id } ", 1<<20/14) + " }",
	}
}

func TestBombsArePlannedOrRefused(t *testing.T) {
	t.Parallel()
	s := schema(t)
	refused := map[string]bool{"fragments": true, "megabyte": true}
	for name, query := range bombs() {
		_, err := plan.New(parse(t, s, query), plan.Options{})
		if errors.Is(err, plan.ErrTooLarge) != refused[name] {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// BenchmarkPlan shows how planning grows with the document, and what bombs cost.
func BenchmarkPlan(b *testing.B) {
	s := schema(b)
	documents := bombs()
	for _, n := range []int{100, 1000, 10_000} {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, "a%d: customer(id: %d) { name } ", i, i+1)
		}
		documents[fmt.Sprint(n, "_customers")] = "{ " + text.String() + " }"
	}
	for name, query := range documents {
		op := parse(b, s, query)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(query)))
			for b.Loop() {
				_, _ = plan.New(op, plan.Options{})
			}
		})
	}
}

// A project that something leads to may be in a list, if the lists are there by then.
func TestListsProjectsFirst(t *testing.T) {
	t.Parallel()
	s := schema(t)
	tests := map[string]bool{
		`{ action(id: 1) { project { name } } }`:                                                          false,
		`{ projects { nodes { name } } }`:                                                                 false,
		`{ projects { nodes { name } } project(id: 1) { name } }`:                                         false, // both at once
		`{ projects { nodes { name } } action(id: 1) { project { name } } }`:                              true,
		`{ customer(id: 1) { projects(first: 2) { nodes { name } } } action(id: 1) { project { id } }}`:   true,
		`{ portfolio { nodes { projects(first: 2) { nodes { id } } } } action(id: 1) { project { id } }}`: false, // in the same round
		`{ projects { nodes { name steps { project { name } } } } }`:                                      false, // reached from the list itself
	}
	for query, want := range tests {
		p, err := plan.New(operation(t, s, query, nil), plan.Options{Installation: plan.Observed()})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.ListsProjectsFirst(); got != want {
			t.Errorf("%s: got %t, want %t", query, got, want)
		}
		deferring := operation(t, s, query, nil)
		deferring.Defers = true
		if p, err = plan.New(deferring, plan.Options{Installation: plan.Observed()}); err != nil {
			t.Fatal(err)
		}
		if p.ListsProjectsFirst() {
			t.Errorf("%s: got lists first where parts are deferred, want nothing to wait for them", query)
		}
	}
}
