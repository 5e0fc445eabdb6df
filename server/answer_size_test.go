package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"crmgraph/upstream/sandbox"
)

// nested puts inner into itself: a field that leads back, as often as depth says.
func nested(depth int, before, after string) string {
	return strings.Repeat(before, depth) + "id" + strings.Repeat(after, depth)
}

// named selects the same under n names.
func named(n int, selected string) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "n%d: %s ", i, selected)
	}
	return out.String()
}

const (
	maxObjects = 25_000
	maxBytes   = 4 << 20
)

// bomb is a query that is harmless to look at and whose answer would be too large.
type bomb struct {
	name, query string
	limit       int // that is told
}

// bombs are about a project's goods and actions, which lead back to the project, and so on, without any
// call to a CRM, and about few lists under many names.
func bombs() []bomb {
	of := func(projects int, selected string) string {
		return fmt.Sprintf("projects(first: %d) { nodes { %s } }", projects, selected)
	}
	goods := of(100, nested(8, "id goods { id project { ", " } }"))
	actions := of(10, nested(5, "id actions(first: 100) { nodes { id project { ", " } } }"))
	customers := "portfolio(first: 100) { nodes { " + nested(5, "id tasks(first: 100) { nodes { id customer { ", " } } }") + " } }"
	return []bomb{
		{"lists in each other", "{ " + goods + " }", maxObjects},
		{"long lists in each other", "{ " + actions + " }", maxObjects},
		{"long lists of both CRMs", "{ " + customers + " }", maxObjects},
		{"a resolver under many names", "{ " + of(100, named(450, "currentStep { project { id } }")) + " }", maxObjects},
		{"what leads on under many names", "{ " + of(100, "actions(first: 100) { edges { "+named(450, "node { project { id } }")+" } }") + " }", maxObjects},
		{"timelines under many names", "{ portfolio(first: 5) { nodes { " + named(300, "timeline(first: 1) { totalCount }") + "} } }", maxObjects},
		{"lists that lead nowhere", "{ " + of(100, named(450, "fields { name }")) + " }", maxObjects},
		{"a lot of text", "{ " + named(3, of(100, "...F")) + "} fragment F on Project { " + named(450, "extra") + "}", maxBytes},
		{"by gqlgen's executor", "{ __schema { queryType { name } } " + goods + " }", maxObjects},
		{"many schemas in one", "{ __schema { " + named(100, "types { fields { type { fields { name } } } }") + " } }", maxObjects},
		{"in parts", "{ " + strings.Replace(actions, "nodes { id", "nodes { id ... @defer { id", 1) + " } }", maxObjects},
	}
}

// TestAnswersAreBounded: some of these once took a server all memory there was.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil)
	header := queryHeader("Bearer " + loginToken(t, i))
	for _, bomb := range bombs() {
		asked := header.Clone()
		if strings.Contains(bomb.query, "@defer") {
			asked.Set("Accept", "multipart/mixed;deferSpec=20220824")
		}
		got, _ := do(t, http.MethodPost, i.url+"/graphql", requestFor(t, bomb.query), asked)
		want := fmt.Sprintf(`"extensions":{"code":"RESULT_TOO_LARGE","limit":%d}`, bomb.limit)
		if got.Status != http.StatusOK || !strings.Contains(got.Body, want) || !strings.Contains(got.Body, `"data":null`) {
			t.Errorf("%s: got status %d and %.500s, want no data and %s", bomb.name, got.Status, got.Body, want)
		}
		if after := postQuery(t, i, `{"query":"{ viewer { id } }"}`, header.Get("Authorization")); after.Body != `{"data":{"viewer":{"id":"2"}}}` {
			t.Errorf("%s: a query afterwards got %v", bomb.name, after)
		}
	}
}

// BenchmarkBombs says what it takes to find out, beside the largest answers that are given. The CRMs'
// answers are kept, so that they have no part in it.
func BenchmarkBombs(b *testing.B) {
	const allowed = "id actions(first: 100) { nodes { id text typeName date project { id name price } } }"
	given := []bomb{
		{name: "given: lists in each other", query: "{ projects(first: 100) { nodes { " + nested(5, "id goods { id project { ", " } }") + " } } }"},
		{name: "given: long lists in each other", query: "{ projects(first: 1) { nodes { id actions(first: 80) { nodes { id project { " + allowed + " } } } } } }"},
		{name: "given: a lot of text", query: "{ " + named(2, "projects(first: 100) { nodes { ...F } }") + "} fragment F on Project { " + named(300, "extra") + "}"},
	}
	for _, bomb := range append(bombs(), given...) {
		b.Run(bomb.name, func(b *testing.B) {
			c := defaults()
			c.Cache.TTL = []string{"*=1h"}
			c.Introspection = new(true)
			g := newGatewayWith(b, &c, sandbox.Options{}, false)
			ask := func() int {
				r := newRequest(b, requestFor(b, bomb.query), g.authorization)
				r.Header["Accept"] = []string{"application/json"}
				w := &answerCounter{header: make(http.Header)}
				g.handler.ServeHTTP(w, r)
				if w.status != http.StatusOK {
					b.Fatalf("got status %d, want 200", w.status)
				}
				return w.bytes
			}
			size := ask()
			b.ReportAllocs()
			for b.Loop() {
				ask()
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}

// TestLargeAnswersAreGiven has the largest answers that make sense, some of them beyond what calls may be made.
func TestLargeAnswersAreGiven(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--cost-max-calls", "5000")
	authorization := "Bearer " + loginToken(t, i)
	const parts = `steps { name date } actions(first: 20) { nodes { typeName date text } } goods { name quantity sum }
		payments(first: 20) { nodes { type date sum } } checklists { name items { name isDone } }`
	tests := map[string]string{
		"1,000 projects with their fields": "{ " + named(10, "projects(first: 100) { nodes { id name price fields { name value } } }") + "}",
		"1,000 projects with all parts":    "{ " + named(10, "projects(first: 100) { nodes { id name "+parts+" } }") + "}",
		"a dashboard of 100 customers": `{ portfolio(first: 100) { nodes { id name tasks(first: 100) { nodes { id status comment customer { name } } }
			projects(first: 3) { nodes { id name ` + parts + ` } } } } }`,
		"the whole schema": introspection,
	}
	for name, query := range tests {
		got := postQuery(t, i, requestFor(t, query), authorization)
		if got.Status != http.StatusOK || strings.Contains(got.Body, `"errors"`) {
			t.Errorf("%s: got status %d and %.500s, want an answer without errors", name, got.Status, got.Body)
		}
	}
}

// introspection is what GraphiQL and other tools ask of a schema.
const introspection = `query { __schema { description queryType { name } mutationType { name } subscriptionType { name } types { ...T }
		directives { name description isRepeatable locations args(includeDeprecated: true) { ...V } } } }
	fragment T on __Type { kind name description specifiedByURL isOneOf
		fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...V } type { ...R } isDeprecated deprecationReason }
		inputFields(includeDeprecated: true) { ...V } interfaces { ...R }
		enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...R } }
	fragment V on __InputValue { name description type { ...R } defaultValue isDeprecated deprecationReason }
	fragment R on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
		ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`

// requestFor is the body of a request for a query.
func requestFor(tb testing.TB, query string) string {
	tb.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		tb.Fatal(err)
	}
	return string(body)
}
