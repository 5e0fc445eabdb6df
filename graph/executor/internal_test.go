package executor

import (
	"bytes"
	"context"
	"runtime"
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

// The plans of an operation go when nobody has the operation any more.
func TestCacheLetsGo(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { a(n: Int): Query b: String }`})
	object := &Object{Name: "Query", Satisfies: []string{"Query"}, Fields: map[string]*Field{
		"a": {Type: &Type{Composite: "Query"}, Resolve: func(context.Context, any, map[string]any) (any, error) { return nil, nil }},
		"b": {Type: &Type{}, Write: func(w *Writer, _ any, _ map[string]any) bool { return w.Null() }},
	}}
	c := &cache{}
	use := func() *graphql.OperationContext {
		document := gqlparser.MustLoadQueryWithRules(schema, `query ($n: Int, $s: Boolean!) { a(n: $n) { ...F @skip(if: $s) } } fragment F on Query { b }`, rules.NewDefaultRules())
		op := &graphql.OperationContext{Doc: document, Operation: document.Operations[0], Variables: map[string]any{"s": true}}
		known := c.of(op)
		made := known.variant(op.Variables, func() variant {
			plan, err := (&compiler{schema: &Schema{Objects: map[string]*Object{"Query": object}}, op: op}).compile(object, op.Operation.SelectionSet)
			if err != nil {
				t.Fatal(err)
			}
			return variant{plan: plan}
		})
		if again := c.of(op).variant(op.Variables, nil); again != made {
			t.Error("the plan was made again")
		}
		return op
	}
	kept := use()
	for range 100 {
		use()
	}
	size := func() (n int) {
		c.operations.Range(func(any, any) bool { n++; return true })
		return n
	}
	for range 100 {
		if runtime.GC(); size() == 1 {
			break
		}
	}
	if got := size(); got != 1 {
		t.Errorf("operations in the cache: got %d, want the 1 that is kept", got)
	}
	runtime.KeepAlive(kept)
}

// An operation keeps a bounded number of plans, whatever its variables choose.
func TestVariantsAreBounded(t *testing.T) {
	t.Parallel()
	c := &compiled{variants: map[string]variant{}}
	names := []string{"a", "b", "c", "d", "e", "f"}
	for _, name := range names {
		c.conditions = append(c.conditions, &ast.Value{Kind: ast.Variable, Raw: name})
	}
	made := 0
	for choice := range 1 << len(names) {
		variables := map[string]any{}
		for i, name := range names {
			variables[name] = choice&(1<<i) != 0
		}
		c.variant(variables, func() variant { made++; return variant{plan: &plan{steps: choice}} })
	}
	if len(c.variants) != maxVariants || made != 1<<len(names) {
		t.Errorf("got %d plans kept of %d made, want %d of %d", len(c.variants), made, maxVariants, 1<<len(names))
	}
}
