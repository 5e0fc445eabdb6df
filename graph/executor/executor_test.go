package executor_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/graph/executor"
)

const pets = `
	type Query { pets(first: Int = 2): [Pet!] @wait named: [Named!] cat: Cat @wait number: Int strange: Pet }
	interface Named { name: String! }
	union Pet = Cat | Dog
	type Cat implements Named { name: String! meows: Int! @wait friend: Pet @wait }
	type Dog implements Named { name: String! barks: Boolean! friend: Pet @wait }
`

func petWorld(t testing.TB) *world {
	tom := object{"__typename": "Cat", "name": "Tom", "meows": 3}
	rex := object{"__typename": "Dog", "name": "Rex", "barks": true, "friend": tom}
	return newWorld(t, pets, object{
		"pets": []any{rex, tom}, "named": []any{tom, rex}, "cat": tom, "number": -7, "strange": object{"__typename": "Bird"},
	}, executor.Options{})
}

// What is selected, in which order and under which names.
func TestSelections(t *testing.T) {
	t.Parallel()
	w := petWorld(t)
	tests := []struct {
		name, query string
		variables   map[string]any
		want        string
	}{
		{"nothing but the type", `{ __typename }`, nil, `{"__typename":"Query"}`},
		{"alias", `{ n: number number }`, nil, `{"n":-7,"number":-7}`},
		{"merged", `{ cat { name } cat { meows name } }`, nil, `{"cat":{"name":"Tom","meows":3}}`},
		{
			"union", `{ pets { __typename ... on Named { name } ... on Cat { meows } ... on Dog { barks friend { ... on Cat { name } } } } }`, nil,
			`{"pets":[{"__typename":"Dog","name":"Rex","barks":true,"friend":{"name":"Tom"}},{"__typename":"Cat","name":"Tom","meows":3}]}`,
		},
		{
			"interface", `{ named { ...N ... on Dog { friend { __typename } } } } fragment N on Named { name t: __typename }`, nil,
			`{"named":[{"name":"Tom","t":"Cat"},{"name":"Rex","t":"Dog","friend":{"__typename":"Cat"}}]}`,
		},
		{
			"fragments in fragments", `{ cat { ...A ...B } } fragment A on Cat { name ...B } fragment B on Cat { meows friend { __typename } }`, nil,
			`{"cat":{"name":"Tom","meows":3,"friend":null}}`,
		},
		{"skip", `{ number @skip(if: true) cat { name meows @skip(if: false) } }`, nil, `{"cat":{"name":"Tom","meows":3}}`},
		{"nothing left", `{ cat { name @include(if: false) } }`, nil, `{"cat":{}}`},
	}
	for _, test := range tests {
		data, failures := w.ask(t, test.query, test.variables)
		if data != test.want || failures != nil {
			t.Errorf("%s: got %s %v, want %s", test.name, data, failures, test.want)
		}
	}
	const choice = `query ($a: Boolean!, $b: Boolean = true) { number @include(if: $a) cat { name @skip(if: $b) ...F @include(if: $a) } } fragment F on Cat { meows }`
	for range 2 { // compiled, and from the cache
		for _, test := range []struct{ a, b, want string }{
			{"true", "true", `{"number":-7,"cat":{"meows":3}}`},
			{"true", "false", `{"number":-7,"cat":{"name":"Tom","meows":3}}`},
			{"false", "true", `{"cat":{}}`},
			{"false", "false", `{"cat":{"name":"Tom"}}`},
			{"true", "", `{"number":-7,"cat":{"meows":3}}`},
		} {
			variables := map[string]any{"a": test.a == "true"}
			if test.b != "" {
				variables["b"] = test.b == "true"
			}
			if data, _ := w.ask(t, choice, variables); data != test.want {
				t.Errorf("%v: got %s, want %s", variables, data, test.want)
			}
		}
	}
	if w.reasons != nil {
		t.Errorf("left to gqlgen: %v", w.reasons)
	}
}

// An object of a type that the schema does not know there is an error, and nothing worse.
func TestForeignType(t *testing.T) {
	t.Parallel()
	for _, query := range []string{`{ strange { ... on Cat { name } } }`, `{ strange { ... on Cat { friend { __typename } } } }`} {
		data, failures := petWorld(t).ask(t, query, nil)
		if data != `{"strange":null}` || len(failures) != 1 || failures[0].Path != "strange" {
			t.Errorf("got %s %v, want null and an error", data, failures)
		}
	}
}

// Resolvers find in their context what they find under gqlgen.
func TestFieldContext(t *testing.T) {
	t.Parallel()
	const sdl = `type Query { lists(first: Int = 5): [L!] @wait } type L { inner: I } type I { items: [O] } type O { id: ID! leaf(a: String, b: Int): String @wait }`
	var mu sync.Mutex
	seen := map[string]string{}
	leaf := resolver(func(ctx context.Context, _ object, args map[string]any) (any, error) {
		field := graphql.GetFieldContext(ctx)
		mu.Lock()
		defer mu.Unlock()
		seen[graphql.GetPath(ctx).String()] = fmt.Sprint(field.Object, field.Field.Name, field.Args, args, field.Parent.Parent.Field.Name,
			graphql.GetRootFieldContext(ctx).Field.Alias)
		graphql.AddError(ctx, errors.New("noted"))
		return "x", nil
	})
	var selected []string
	lists := resolver(func(ctx context.Context, _ object, _ map[string]any) (any, error) {
		for _, field := range graphql.CollectFieldsCtx(ctx, []string{"L"}) {
			selected = append(selected, field.Alias)
		}
		o := object{"id": "1", "leaf": leaf}
		return []any{object{"inner": object{"items": []any{nil, o}}}, object{"inner": object{"items": []any{o}}}}, nil
	})
	w := newWorld(t, sdl, object{"lists": lists}, executor.Options{})
	data, failures := w.ask(t, `query ($b: Int) { top: lists { in: inner { items { leaf(a: "A", b: $b) } } ... on L { inner { __typename } } } }`, map[string]any{"b": 7})
	if want := `{"top":[{"in":{"items":[null,{"leaf":"x"}]},"inner":{"__typename":"I"}},{"in":{"items":[{"leaf":"x"}]},"inner":{"__typename":"I"}}]}`; data != want {
		t.Errorf("data: got %s, want %s", data, want)
	}
	about := "O leaf map[a:A b:7] map[a:A b:7] items top"
	about = strings.Replace(about, "O leaf", "Oleaf", 1)
	paths := []string{"top[0].in.items[1].leaf", "top[1].in.items[0].leaf"}
	if diff := gocmp.Diff([]failure{{"noted", paths[0]}, {"noted", paths[1]}}, failures); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	for _, path := range paths {
		if got := strings.ReplaceAll(seen[path], " ", ""); got != strings.ReplaceAll(about, " ", "") {
			t.Errorf("%s: got %q, want %q", path, seen[path], about)
		}
	}
	if diff := gocmp.Diff([]string{"in", "inner"}, selected); diff != "" {
		t.Errorf("look-ahead (-want +got):\n%s", diff)
	}
}

// An error that a resolver has added itself explains the null that follows.
func TestOwnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `type Query { a: A! @wait } type A { id: ID }`, object{"a": resolver(func(ctx context.Context, _ object, _ map[string]any) (any, error) {
		graphql.AddError(ctx, errors.New("mine"))
		return nil, nil
	})}, executor.Options{})
	data, failures := w.ask(t, `{ a { id } }`, nil)
	if data != "null" || !gocmp.Equal(failures, []failure{{"mine", "a"}}) {
		t.Errorf("got %s %v, want null and the resolver's own error", data, failures)
	}
}

// What is not served is left to gqlgen, with a reason.
func TestFallback(t *testing.T) {
	t.Parallel()
	const sdl = `directive @mark on FIELD | QUERY directive @unserved on FIELD_DEFINITION
		type Query { a: String odd: String @unserved } type Subscription { a: String }`
	var spreads strings.Builder
	for i := range 20 {
		fmt.Fprintf(&spreads, "fragment F%d on Query { a%d: self { ...F%d } b%d: self { ...F%d } } ", i, i, i+1, i, i+1)
	}
	tests := []struct {
		query string
		setUp func(*world)
		want  executor.Reason
	}{
		{query: `{ a ... @defer { b: a __schema { types { name } } } }`, want: executor.ReasonIntrospection},
		{query: `{ a @mark }`, want: executor.ReasonDirective},
		{query: `query @mark { a }`, want: executor.ReasonDirective},
		{query: `subscription { a }`, want: executor.ReasonSubscription},
		{query: `{ __schema { types { name } } }`, want: executor.ReasonIntrospection},
		{query: `{ a odd }`, want: executor.ReasonField},
		{query: `{ ...F0 } ` + spreads.String() + `fragment F20 on Query { a }`, want: executor.ReasonSize},
		{query: `{ a }`, want: executor.ReasonMiddleware, setUp: func(w *world) {
			w.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) })
		}},
		{query: `{ a }`, want: executor.ReasonMiddleware, setUp: func(w *world) {
			w.AroundRootFields(func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) })
		}},
		{query: `{ a }`, want: "", setUp: func(w *world) {
			w.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler { return next(ctx) })
		}},
	}
	for _, test := range tests {
		w := newWorld(t, strings.Replace(sdl, "type Query {", "type Query { self: Query ", 1), object{"a": "A"}, executor.Options{})
		if test.setUp != nil {
			test.setUp(w)
		}
		want, reasons := `"stock"`, []executor.Reason{test.want, test.want}
		if test.want == "" {
			want, reasons = `{"a":"A"}`, nil
		}
		for range 2 {
			if data, _ := w.ask(t, test.query, nil); data != want {
				t.Errorf("%.60s: got %s, want %s", test.query, data, want)
			}
		}
		if diff := gocmp.Diff(reasons, w.reasons); diff != "" {
			t.Errorf("%.60s: reasons (-want +got):\n%s", test.query, diff)
		}
	}
}

// Answers stay what they were while others are written.
func TestAnswersAreNotShared(t *testing.T) {
	t.Parallel()
	w := petWorld(t)
	const queries = 8
	var wait sync.WaitGroup
	for i := range queries {
		wait.Go(func() {
			query := fmt.Sprintf(`{ n%d: number pets { ... on Named { a%d: name } } }`, i, i)
			want := fmt.Sprintf(`{"n%d":-7,"pets":[{"a%d":"Rex"},{"a%d":"Tom"}]}`, i, i, i)
			var kept []string
			var answers [][]byte
			for range 200 {
				data := w.respond(t, query, nil).Data
				answers, kept = append(answers, data), append(kept, string(data))
			}
			for k := range answers {
				if string(answers[k]) != kept[k] || kept[k] != want {
					t.Errorf("got %s, first %s, want %s", answers[k], kept[k], want)
					return
				}
			}
		})
	}
	wait.Wait()
}

// A panic in what an executor is given goes on where the operation was run, after every
// resolver under way has come back.
func TestPanicOfOption(t *testing.T) {
	t.Parallel()
	const sdl = `type Query { a: [A] @wait } type A { b: String @wait }`
	w := newWorld(t, sdl, object{"a": []any{object{"b": "B"}}}, executor.Options{Join: func([]any) []any { panic("join") }})
	defer func() {
		if cause := recover(); cause != "join" {
			t.Errorf("recovered %v, want join", cause)
		}
	}()
	w.ask(t, `{ a { b } }`, nil)
}
