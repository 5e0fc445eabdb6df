package executor

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// What is selected of objects is counted for each of them, wherever in the document it is.
func TestStockCountsSelectionsOfFragments(t *testing.T) {
	t.Parallel()
	const things = 10
	var doubling strings.Builder
	doubling.WriteString(`{ things { ...F0 } } fragment F70 on Query { a }`)
	for i := range 70 {
		fmt.Fprintf(&doubling, " fragment F%d on Query { ...F%d ...F%d }", i, i+1, i+1)
	}
	const asked = 1 + stockObject // for things, at the root
	tests := []struct {
		name, query string
		root, each  int // what counts at the root, and for each thing beside itself
	}{
		{"fields", `{ things { a b c } }`, asked, 3},
		{"repeated fields", `{ things { a b c a b c } }`, asked, 6},
		{"a field twice", `{ things { a } things { b c } }`, 2 * asked, 3},
		{"an inline fragment", `{ things { ... { a b c } } }`, asked, 4},
		{"a fragment", `{ things { ...F } } fragment F on Query { a b c }`, asked, 4},
		{"a fragment twice", `{ things { ...F ...F } } fragment F on Query { a b c }`, asked, 8},
		{"fragments in fragments", `{ things { a ...F } } fragment G on Query { b c } fragment F on Query { ... { ...G } }`, asked, 6},
		{"fragments around it", `{ ... { ...F } } fragment F on Query { things { a b c } }`, 2 + asked, 3},
		{"a field that leads on", `{ things { a things { b } } }`, asked, 1 + asked},
		{"one in a fragment", `{ things { ...F } } fragment F on Query { a things { b } }`, asked, 2 + asked},
		{"one that is always there", `{ things { sure { a b sure { c } } } }`, asked, (1 + stockObject + 2) + (1 + stockObject + 1)},
		{"one of the schema", `{ __type(name: "Query") { name fields { name } } }`, asked, 2},
	}
	for _, test := range tests {
		all := test.root + things*(stockObject+test.each)
		if got := stockAnswer(test.query, things, all); got != `"10 things"` {
			t.Errorf("%s: got %s where %d may be counted, want all", test.name, got, all)
		}
		if got := stockAnswer(test.query, things, all-1); got != "null" {
			t.Errorf("%s: got %s where %d may be counted, want null", test.name, got, all-1)
		}
	}
	if got := stockAnswer(doubling.String(), 1, DefaultMaxObjects); got != "null" {
		t.Errorf("fragments that each have the next twice: got %s, want null", got)
	}
}

// stockAnswer is the answer to a document of an executor that does as gqlgen's does with a list
// of things.
func stockAnswer(query string, things, limit int) string {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { things: [Query!] sure: Query! a: Int b: Int c: Int }`})
	document := gqlparser.MustLoadQueryWithRules(schema, query, rules.NewDefaultRules())
	op := &graphql.OperationContext{
		Doc:                document,
		Operation:          document.Operations[0],
		ResolverMiddleware: func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
	}
	ctx := graphql.WithOperationContext(graphql.WithResponseContext(context.Background(), graphql.DefaultErrorPresenter, graphql.DefaultRecover), op)
	respond := bound(ctx, op, limit, func(ctx context.Context) graphql.ResponseHandler {
		return func(context.Context) *graphql.Response {
			field := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"})[0]
			list, _ := op.ResolverMiddleware(graphql.WithFieldContext(ctx, &graphql.FieldContext{Field: field}), func(context.Context) (any, error) {
				return make([]int, things), nil
			})
			return &graphql.Response{Data: fmt.Appendf(nil, `"%d things"`, len(list.([]int)))}
		}
	})
	return string(respond(ctx).Data)
}
