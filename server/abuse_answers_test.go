package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"crmgraph/upstream/sandbox"
)

func nodeID(kind string, number int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s:%d", kind, number))
}

// Lists that lead back to where they come from, without a call for what they lead to.
const (
	goodsBack   = "id goods{id project{"
	actionsBack = "id actions(first:100){nodes{id project{"
)

func manyNames(n int) string {
	return sequence(n, func(i int) string { return fmt.Sprintf("a%d:name ", i) })
}

// answerAttacks are documents that are harmless to look at and lead to too much.
func answerAttacks(crms *sandbox.Sandbox) []attack {
	const (
		unprocessable = http.StatusUnprocessableEntity
		ok            = http.StatusOK
		partly        = 294 // data, and errors
	)
	var each strings.Builder
	for i, project := range crms.Data().Projects[:133] {
		fmt.Fprintf(&each, "p%d:project(id:%d){goods{name}checklists{name}}", i, project.ID)
	}
	tests := []struct {
		name, query string
		status      int
		codes       string
		onStock     bool
	}{
		{"goods that lead back 4 times", "{projects(first:100){nodes{" + within(4, goodsBack, "id", "}}") + "}}}", ok, "", false},
		{"goods that lead back 8 times", "{projects(first:100){nodes{" + within(8, goodsBack, "id", "}}") + "}}}", partly, "RESULT_TOO_LARGE", false},
		{"actions that lead back 3 times", "{projects(first:10){nodes{" + within(3, actionsBack, "id", "}}}") + "}}}", partly, "RESULT_TOO_LARGE", false},
		{"actions that lead back 4 times", "{projects(first:10){nodes{" + within(4, actionsBack, "id", "}}}") + "}}}", partly, "RESULT_TOO_LARGE", false},
		{"actions that lead back to 450 names each", "{projects(first:10){nodes{" + within(2, actionsBack, manyNames(450), "}}}") + "}}}", partly, "RESULT_TOO_LARGE", false},
		{"100 projects, 450 names each", "{projects(first:100){nodes{" + manyNames(450) + "}}}", ok, "", true},
		{"100 projects, 240 names for their customer, and the schema", "{__schema{queryType{name}}projects(first:100){nodes{" + sequence(240, func(i int) string { return fmt.Sprintf("a%d:customer{id}", i) }) + "}}}", partly, "RESULT_TOO_LARGE", false},
		{"100 projects, 30 names for their customer, and the schema", "{__schema{queryType{name}}projects(first:100){nodes{" + sequence(30, func(i int) string { return fmt.Sprintf("a%d:customer{id}", i) }) + "}}}", partly, "RESULT_TOO_LARGE", false},
		{"120,000 upstream calls", "{portfolio(first:100){nodes{projects(first:100){nodes{steps{id}payments{nodes{id}}goods{id}}}}}}", unprocessable, "COST_ESTIMATED_TOO_EXPENSIVE", false},
		{"200 times the costliest field", "{" + sequence(200, func(i int) string {
			return fmt.Sprintf("a%d:portfolio{nodes{projects{nodes{goods{id}}}}}", i)
		}) + "}", unprocessable, "COST_ESTIMATED_TOO_EXPENSIVE", false},
		{"as many calls as one may make", "{" + each.String() + "}", ok, "", true},
	}
	var attacks []attack
	for _, test := range tests {
		attacks = append(attacks, attack{name: test.name, make: asks(test.query), want: seen{test.status, test.codes}, onStock: test.onStock})
	}
	inParts := "{projects(first:10){nodes{" + within(3, actionsBack, "id", "}}}") + "...on Project @defer{payments(first:1){nodes{id}}}}}}"
	return append(attacks, attack{
		name: "actions that lead back 3 times, in parts",
		make: func(ctx context.Context, on *attacked, time int) (seen, error) {
			return post(ctx, on, operation(varied(inParts, time), nil), http.Header{"Accept": {"multipart/mixed;deferSpec=20220824"}})
		},
		want: seen{ok, "RESULT_TOO_LARGE"},
	})
}

// batchAttacks are lists of operations, each of which is a bomb.
func batchAttacks() []attack {
	batch := func(n int, query string) func(context.Context, *attacked, int) (seen, error) {
		return func(ctx context.Context, on *attacked, time int) (seen, error) {
			operations := make([]string, n)
			for i := range operations {
				operations[i] = operation(varied(query, time*n+i), nil)
			}
			return post(ctx, on, "["+strings.Join(operations, ",")+"]", http.Header{"Accept": {"application/json"}})
		}
	}
	values := func(n int) func(context.Context, *attacked, int) (seen, error) {
		one := `{"query":"query($v:[ID!]!){nodes(ids:$v){id}}","variables":{"v":[` + strings.Repeat("{},", 8999) + `1]}}`
		if n > 10 {
			one = strings.ReplaceAll(one, "{},", "1,")
		}
		return func(ctx context.Context, on *attacked, _ int) (seen, error) {
			return post(ctx, on, "["+strings.Repeat(one+",", n-1)+one+"]", http.Header{"Accept": {"application/json"}})
		}
	}
	const ok = http.StatusOK
	overlap := "{projects(first:1){nodes{" + strings.Repeat("fields{name value}", 800) + "}}}"
	return []attack{
		{name: "a list of 11 operations", make: batch(11, "{viewer{id}}"), want: seen{http.StatusUnprocessableEntity, "BATCH_TOO_LARGE"}},
		{name: "a list of 50,000 operations", make: func(ctx context.Context, on *attacked, _ int) (seen, error) {
			return post(ctx, on, "["+strings.Repeat(`{"query":"{a}"},`, 49_999)+`{"query":"{a}"}]`, nil)
		}, want: seen{http.StatusUnprocessableEntity, "BATCH_TOO_LARGE"}},
		{name: "10 deep documents in one list", make: batch(10, within(5000, "{project", "{id}", "}")), want: seen{ok, "QUERY_NESTED_TOO_DEEP"}},
		{name: "10 times 800 times the same object in one list", make: batch(10, overlap), want: seen{ok, ""}},
		{name: "10 times goods that lead back 6 times in one list", make: batch(10, "{projects(first:100){nodes{"+within(6, goodsBack, "id", "}}")+"}}}"), want: seen{ok, "COST_ESTIMATED_TOO_EXPENSIVE RESULT_TOO_LARGE"}},
		{name: "a list of 55 operations with 9,000 elements each", make: values(55), want: seen{http.StatusUnprocessableEntity, "BATCH_TOO_LARGE"}},
		{name: "a list of 10 operations with 9,000 elements each", make: values(10), want: seen{ok, "GRAPHQL_VALIDATION_FAILED"}},
		{name: "10 times actions that lead back 3 times in one list", make: batch(10, "{projects(first:10){nodes{"+within(3, actionsBack, "id", "}}}")+"}}}"), want: seen{ok, "RESULT_TOO_LARGE"}},
	}
}
