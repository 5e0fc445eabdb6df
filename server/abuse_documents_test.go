package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// asks returns an attack with a document, another one each time by its comment.
func asks(query string) func(context.Context, *attacked, int) (seen, error) {
	return func(ctx context.Context, on *attacked, time int) (seen, error) {
		return post(ctx, on, operation(varied(query, time), nil), nil)
	}
}

func varied(query string, time int) string { return fmt.Sprintf("%s #%d", query, time) }

// sequence joins n parts.
func sequence(n int, part func(i int) string) string {
	var text strings.Builder
	for i := range n {
		text.WriteString(part(i))
	}
	return text.String()
}

// chained joins n fragments, in which #this is the number of each and #next that of the next, but for
// the last one.
func chained(n int, part, last string) string {
	return sequence(n, func(i int) string {
		if i == n-1 {
			return strings.ReplaceAll(last, "#this", fmt.Sprint(i))
		}
		return strings.NewReplacer("#this", fmt.Sprint(i), "#next", fmt.Sprint(i+1)).Replace(part)
	})
}

// within nests what is innermost so often.
func within(times int, before, innermost, after string) string {
	return strings.Repeat(before, times) + innermost + strings.Repeat(after, times)
}

// documentAttacks are documents that are bombs: those that are too large to be looked at, and
// those that are as large as they may be.
func documentAttacks() []attack {
	const (
		unprocessable = http.StatusUnprocessableEntity
		ok            = http.StatusOK
		partly        = 294 // data, and errors
	)
	wholeSchema := "__schema{types{fields{type{ofType{ofType{ofType{name}}}}args{type{name}}}}}"
	tests := []struct {
		name, query string
		status      int
		codes       string
		onStock     bool
	}{
		{"10,000 fields in each other", within(10_000, "{project", "{id}", "}"), unprocessable, "QUERY_NESTED_TOO_DEEP", true},
		{"30 fields in each other", "{project(id:1){" + within(10, "customer{projects{nodes{", "id", "}}}") + "}}", unprocessable, "QUERY_TOO_DEEP", false},
		{"10,000 aliases", "{projects(first:1){nodes{" + sequence(10_000, func(i int) string { return fmt.Sprintf("a%d:id ", i) }) + "}}}", unprocessable, "QUERY_TOO_MANY_TOKENS", true},
		{"1,600 aliases", "{projects(first:1){nodes{" + sequence(1600, func(i int) string { return fmt.Sprintf("a%d:id ", i) }) + "}}}", unprocessable, "QUERY_TOO_MANY_ALIASES", true},
		{"10,000 times the same field", "{projects(first:1){nodes{" + strings.Repeat("id ", 10_000) + "}}}", unprocessable, "QUERY_TOO_MANY_TOKENS", true},
		{"4,900 times the same field", "{projects(first:1){nodes{" + strings.Repeat("id ", 4900) + "}}}", ok, "", true},
		{"800 times the same object", "{projects(first:1){nodes{" + strings.Repeat("fields{name value}", 800) + "}}}", ok, "", true},
		{"500 times one name for other arguments", "{projects(first:1){nodes{" + sequence(500, func(i int) string { return fmt.Sprintf("x:field(name:%q)", fmt.Sprint(i)) }) + "}}}", unprocessable, "GRAPHQL_VALIDATION_FAILED", true},
		{"300 fragments in a circle", "{projects(first:1){nodes{...F0}}}" + chained(300, "fragment F#this on Project{id ...F#next ...F0}", "fragment F#this on Project{...F0}"), unprocessable, "QUERY_FRAGMENT_CYCLE", true},
		{"a chain of 300 fragments", "{projects(first:1){nodes{...F0}}}" + chained(300, "fragment F#this on Project{id ...F#next}", "fragment F#this on Project{id}"), ok, "", true},
		{"300 fragments, each twice the next", "{projects(first:1){nodes{...F0}}}" + chained(300, "fragment F#this on Project{...F#next ...F#next}", "fragment F#this on Project{id}"), unprocessable, "QUERY_TOO_MANY_FIELDS", true},
		{"200 fragments, each twice the next, deeper", "{__type(name:\"Query\"){...F0}}" + chained(200, "fragment F#this on __Type{a:ofType{...F#next}b:ofType{...F#next}}", "fragment F#this on __Type{name}"), unprocessable, "QUERY_TOO_DEEP", true},
		{"300 fragments spread together", "{__type(name:\"Query\"){...F0}}" + chained(300, "fragment F#this on __Type{name ofType{name ...F#next}...F#next}", "fragment F#this on __Type{name}"), unprocessable, "QUERY_TOO_DEEP", true},
		{"11 fragments spread together", "{__type(name:\"Query\"){...F0}}" + chained(11, "fragment F#this on __Type{name ofType{name ...F#next}...F#next}", "fragment F#this on __Type{name}"), ok, "", true},
		{"800 inline fragments", "{projects(first:1){nodes{" + strings.Repeat("...on Project{id}", 800) + "}}}", ok, "", true},
		{"10,000 fragments that are not there", "{projects{nodes{id " + sequence(10_000, func(i int) string { return fmt.Sprintf("...U%d ", i) }) + "}}}", unprocessable, "QUERY_TOO_MANY_TOKENS", true},
		{"1,000 fragments that are not there", "{projects{nodes{id " + sequence(1000, func(i int) string { return fmt.Sprintf("...U%d ", i) }) + "}}}", unprocessable, "GRAPHQL_VALIDATION_FAILED", true},
		{"8,000 directives at one field", "{projects(first:1){nodes{id " + strings.Repeat("@skip(if:false)", 8000) + "}}}", unprocessable, "QUERY_TOO_MANY_TOKENS", true},
		{"500 directives", "{projects(first:1){nodes{" + strings.Repeat("id @include(if:true)", 500) + "}}}", ok, "", true},
		{"1,600 fields that are not there", "{projects{nodes{" + sequence(1600, func(i int) string { return fmt.Sprintf("unknown%d ", i) }) + "}}}", unprocessable, "GRAPHQL_VALIDATION_FAILED", true},
		{"200 times the whole schema", "{" + sequence(200, func(i int) string { return fmt.Sprintf("a%d:%s", i, wholeSchema) }) + "}", unprocessable, "QUERY_TOO_MANY_TOKENS", true},
		{"100 times the whole schema", "{" + sequence(100, func(i int) string { return fmt.Sprintf("a%d:%s", i, wholeSchema) }) + "}", partly, "RESULT_TOO_LARGE", true},
		{"the schema 4 times in itself", "{__schema{types{" + within(4, "fields{type{", "name", "}}") + "}}}", unprocessable, "GRAPHQL_VALIDATION_FAILED", true},
		{"200 times the schema twice in itself", "{__schema{types{" + sequence(200, func(i int) string { return fmt.Sprintf("a%d:fields{type{fields{name}}}", i) }) + "}}}", partly, "RESULT_TOO_LARGE", true},
		{"what GraphiQL asks of the schema", introspection, ok, "", false},
		{"all types by 300 names", "{__schema{types{" + manyNames(300) + "}}}", ok, "", true},
		{"all types by 300 descriptions", "{__schema{types{" + sequence(300, func(i int) string { return fmt.Sprintf("a%d:description ", i) }) + "}}}", ok, "", true},
		{"all types by 450 names in a fragment", "{__schema{types{...F}}}fragment F on __Type{" + manyNames(450) + "}", partly, "RESULT_TOO_LARGE", true},
		{"all fields by 450 names in fragments", "{__schema{types{fields{...F0}}}}" + chained(9, "fragment F#this on __Field{...on __Field{"+manyNames(50)+"}...F#next}", "fragment F#this on __Field{name}"), partly, "RESULT_TOO_LARGE", true},
		{"all types 4,800 times the same in a fragment", "{__schema{types{...F}}}fragment F on __Type{" + strings.Repeat("name ", 4800) + "}", partly, "RESULT_TOO_LARGE", true},
		{"all fields' types by 300 names", "{__schema{types{fields{type{" + manyNames(300) + "}}}}}", partly, "RESULT_TOO_LARGE", true},
	}
	var attacks []attack
	for _, test := range tests {
		attacks = append(attacks, attack{name: test.name, make: asks(test.query), want: seen{test.status, test.codes}, onStock: test.onStock})
	}
	return attacks
}

// valueAttacks are variables that are bombs.
func valueAttacks() []attack {
	raw := func(query, value string) func(context.Context, *attacked, int) (seen, error) {
		return func(ctx context.Context, on *attacked, time int) (seen, error) {
			body := operation(varied(query, time), map[string]any{"v": json.RawMessage("0")})
			return post(ctx, on, strings.Replace(body, `{"v":0}`, `{"v":`+value+`}`, 1), nil)
		}
	}
	const (
		one           = `query($v:ID!){project(id:$v){id}}`
		some          = `query($v:[ID!]!){nodes(ids:$v){id}}`
		filter        = `query($v:ProjectFilter){projects(filter:$v){nodes{id}}}`
		unprocessable = http.StatusUnprocessableEntity
		partly        = 294 // data, and errors
	)
	return []attack{
		{name: "a variable of 100,000 lists in each other", make: raw(one, within(100_000, "[", "1", "]")), want: seen{http.StatusBadRequest, "INVALID_JSON"}, onStock: true},
		{name: "a variable of 1,000 lists in each other", make: raw(one, within(1000, "[", "1", "]")), want: seen{http.StatusBadRequest, "INVALID_JSON"}, onStock: true},
		{name: "a variable of 30 lists in each other", make: raw(one, within(30, "[", "1", "]")), want: seen{unprocessable, "VARIABLES_TOO_DEEP"}, onStock: true},
		{name: "a variable of 900 KB", make: raw(one, `"`+strings.Repeat("1", 900_000)+`"`), want: seen{unprocessable, "VARIABLES_TOO_LONG"}, onStock: true},
		{name: "a number of 900 KB", make: raw(one, strings.Repeat("1", 900_000)), want: seen{unprocessable, "VARIABLES_TOO_LONG"}, onStock: true},
		{name: "a variable with 400,000 elements", make: raw(some, "["+strings.Repeat("1,", 399_999)+"1]"), want: seen{unprocessable, "VARIABLES_TOO_MANY_ELEMENTS"}},
		{name: "a variable with 300,000 objects", make: raw(some, "["+strings.Repeat("{},", 299_999)+"{}]"), want: seen{unprocessable, "VARIABLES_TOO_MANY_ELEMENTS"}},
		{name: "9,900 ids in a variable", make: raw(some, "["+sequence(9899, func(i int) string { return fmt.Sprintf("%q,", nodeID("Project", i)) })+"1]"), want: seen{partly, "BAD_USER_INPUT"}},
		{name: "an object of 9,000 unknown fields", make: raw(filter, "{"+sequence(8999, func(i int) string { return fmt.Sprintf(`"a%d":1,`, i) })+`"b":1}`), want: seen{http.StatusBadRequest, "GRAPHQL_VALIDATION_FAILED"}},
	}
}
