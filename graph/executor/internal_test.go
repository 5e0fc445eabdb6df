package executor

import (
	"bytes"
	"context"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// Strings are written byte for byte as gqlgen writes them.
func FuzzString(f *testing.F) {
	for _, seed := range []string{"", `"`, `\`, "\x00\x1f\x7f\t\r\n", "ООО \"КИФ\"", "\xff\xc2 half", "</script>\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var want bytes.Buffer
		graphql.MarshalString(s).MarshalGQL(&want)
		if got := appendString(nil, s); string(got) != want.String() {
			t.Errorf("%q: got %s, want %s", s, got, &want)
		}
	})
}

// planned returns an operation whose $s decides on @skip and @defer, and how its plan is made.
func planned(t *testing.T) (op func(s bool) *graphql.OperationContext, compile func(inspection) variant, made *int) {
	t.Helper()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { a(n: Int): Query b: String }`})
	object := &Object{Name: "Query", Satisfies: []string{"Query"}, Fields: map[string]*Field{
		"a": {Type: &Type{Composite: "Query"}, Resolve: func(context.Context, any, map[string]any) (any, error) { return nil, nil }},
		"b": {Type: &Type{}, Write: func(w *Writer, _ any) bool { return w.Null() }},
	}}
	document := gqlparser.MustLoadQueryWithRules(schema, `query ($n: Int, $s: Boolean!) { a(n: $n) { ...F @skip(if: $s) ... @defer(label: "l", if: $s) { b } } } fragment F on Query { b }`, rules.NewDefaultRules())
	op = func(s bool) *graphql.OperationContext {
		return &graphql.OperationContext{Doc: document, Operation: document.Operations[0], Variables: map[string]any{"s": s}}
	}
	made = new(int)
	return op, func(found inspection) variant {
		*made++
		plan, err := (&compiler{schema: &Schema{Objects: map[string]*Object{"Query": object}}, op: op(*made%2 == 1), defers: found.defers}).compile(object, document.Operations[0].SelectionSet)
		if err != nil {
			t.Fatal(err)
		}
		return variant{plan: plan}
	}, made
}

// A plan is made once for each choice, by whoever asks with the same plans.
func TestPlansAreKept(t *testing.T) {
	t.Parallel()
	op, compile, made := planned(t)
	plans, elsewhere := NewPlans(100), newUnattached()
	for _, s := range []bool{true, false, true, false} {
		asked := op(s)
		plans.Attach(asked)
		elsewhere.of(asked).variant(asked, compile)
	}
	if *made != 2 {
		t.Errorf("plans made for two choices: got %d, want 2", *made)
	}
	if got := elsewhere.plans.Len(); got != 0 {
		t.Errorf("documents of operations with plans of their own: got %d kept, want none", got)
	}
	for _, s := range []bool{true, false, true, false} {
		elsewhere.of(op(s)).variant(op(s), compile)
	}
	if *made != 4 {
		t.Errorf("plans made for operations that come without: got %d, want 2 more", *made)
	}
}

// Plans have no more steps than there is room for.
func TestPlansAreBounded(t *testing.T) {
	t.Parallel()
	op, compile, made := planned(t)
	plans := NewPlans(3) // each of the two plans has two
	for _, s := range []bool{true, false, true, false} {
		if got := plans.variant(op(s), compile); got.plan == nil {
			t.Error("got no plan, want one that is not kept")
		}
	}
	if *made != 3 {
		t.Errorf("plans made with room for one of two: got %d, want 3", *made)
	}
}

// An operation keeps a bounded number of plans, whatever its variables choose.
func TestVariantsAreBounded(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c", "d", "e", "f"}
	found := inspection{}
	for _, name := range names {
		found.conditions = append(found.conditions, &ast.Value{Kind: ast.Variable, Raw: name})
	}
	operation := &ast.OperationDefinition{}
	plans := NewPlans(1000)
	plans.operations[operation] = &compiled{inspection: found, variants: map[string]variant{}}
	made := 0
	for choice := range 1 << len(names) {
		op := &graphql.OperationContext{Operation: operation, Variables: map[string]any{}}
		for i, name := range names {
			op.Variables[name] = choice&(1<<i) != 0
		}
		plans.variant(op, func(inspection) variant { made++; return variant{plan: &plan{steps: make([]*step, 1)}} })
	}
	if got := len(plans.operations[operation].variants); got != MaxVariants || made != 1<<len(names) {
		t.Errorf("got %d plans kept of %d made, want %d of %d", got, made, MaxVariants, 1<<len(names))
	}
}
