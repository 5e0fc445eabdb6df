package executor_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/graph/executor"
)

// TestArgumentsOfEachRun: an operation that comes again, which has its plan already, gets the
// arguments that are in it, and those that its variables have this time.
func TestArgumentsOfEachRun(t *testing.T) {
	t.Parallel()
	const schema = `
		type Query { number(of: Int = 7): String @wait list(of: [Int!]): String @wait item: Item }
		type Item { number(of: Int): String @wait }`
	told := resolver(func(_ context.Context, _ object, args map[string]any) (any, error) {
		return fmt.Sprint(args["of"]), nil
	})
	spoiled := resolver(func(_ context.Context, _ object, args map[string]any) (any, error) {
		list := args["of"].([]any)
		before := fmt.Sprint(list)
		list[0] = "spoiled"
		return before, nil
	})
	w := newWorld(t, schema, object{"number": told, "list": spoiled, "item": object{"number": told}}, executor.Options{})
	runs := []struct {
		query     string
		variables map[string]any
		want      string
	}{
		{`{ a: number(of: 1) b: number(of: 2) c: number item { number(of: 3) } }`, nil, `{"a":"1","b":"2","c":"7","item":{"number":"3"}}`},
		{`query ($n: Int) { number(of: $n) item { number(of: $n) } }`, map[string]any{"n": 4}, `{"number":"4","item":{"number":"4"}}`},
		{`query ($n: Int) { number(of: $n) item { number(of: $n) } }`, map[string]any{"n": 5}, `{"number":"5","item":{"number":"5"}}`},
		{`query ($n: Int!) { list(of: [$n, 9]) }`, map[string]any{"n": 6}, `{"list":"[6 9]"}`},
		{`query ($n: Int!) { list(of: [$n, 9]) }`, map[string]any{"n": 8}, `{"list":"[8 9]"}`},
		{`{ list(of: [1, 2]) }`, nil, `{"list":"[1 2]"}`},
	}
	for range 2 {
		for _, run := range runs {
			data, failures := w.ask(t, run.query, run.variables)
			if data != run.want || len(failures) > 0 {
				t.Errorf("%s with %v: got %s and failures %v, want %s", run.query, run.variables, data, failures, run.want)
			}
		}
	}
}

// TestArgumentsThatFailEachTime: what cannot be read tells so in every run.
func TestArgumentsThatFailEachTime(t *testing.T) {
	t.Parallel()
	told := resolver(func(context.Context, object, map[string]any) (any, error) { return "told", nil })
	w := newWorld(t, `type Query { day(of: String): String @wait }`, object{"day": told}, executor.Options{})
	for range 2 {
		if data, failures := w.ask(t, `{ day(of: "bad") }`, nil); data != `{"day":null}` || len(failures) != 1 {
			t.Errorf("got %s and failures %v, want null and one", data, failures)
		}
	}
}

// itemsWorld has three objects with plain fields whose arguments decide on their values.
func itemsWorld(t *testing.T) *world {
	t.Helper()
	item := object{"told": told(func(args map[string]any) any {
		if args["of"] == "nothing" {
			return nil
		}
		return fmt.Sprint(args["of"])
	})}
	item["sure"] = item["told"]
	return newWorld(t, `
		type Query { items: [Item]! waited: [Item]! @wait }
		type Item { told(of: String = "default"): String sure(of: String): String! later: String @wait }`,
		object{"items": []any{item, item, item}, "waited": []any{item}}, executor.Options{})
}

// TestArgumentsOfPlainFields: a plain field has the arguments of its place and of its run, and
// is bound to them once for all objects; for all runs where they have no variable.
func TestArgumentsOfPlainFields(t *testing.T) {
	t.Parallel()
	const varying = `query ($s: String) { items { told(of: $s) } }`
	w := itemsWorld(t)
	runs := []struct {
		query     string
		variables map[string]any
		want      string
		bound     int32
	}{
		{`{ items { a: told(of: "a") told b: told(of: "b") } }`, nil, threeItems(`{"a":"a","told":"default","b":"b"}`), 3},
		{`{ items { a: told(of: "a") told b: told(of: "b") } }`, nil, threeItems(`{"a":"a","told":"default","b":"b"}`), 0},
		{varying, map[string]any{"s": "x"}, threeItems(`{"told":"x"}`), 1},
		{varying, map[string]any{"s": "y"}, threeItems(`{"told":"y"}`), 1},
		{varying, nil, threeItems(`{"told":"default"}`), 1},
		{varying, map[string]any{"s": nil}, threeItems(`{"told":"<nil>"}`), 1},
		{`{ items { told(of: "a") @skip(if: true) sure(of: "b") } }`, nil, threeItems(`{"sure":"b"}`), 1},
		{`{ waited { told(of: "a") later sure(of: "b") } }`, nil, `{"waited":[{"told":"a","later":null,"sure":"b"}]}`, 2},
	}
	for _, run := range runs {
		before := w.bound.Load()
		data, failures := w.ask(t, run.query, run.variables)
		if data != run.want || len(failures) > 0 {
			t.Errorf("%s with %v: got %s and failures %v, want %s", run.query, run.variables, data, failures, run.want)
		}
		if bound := w.bound.Load() - before; bound != run.bound {
			t.Errorf("%s with %v: bound %d times, want %d", run.query, run.variables, bound, run.bound)
		}
	}
}

// TestArgumentsOfDeferredFields: a part of its own is bound to arguments like the first.
func TestArgumentsOfDeferredFields(t *testing.T) {
	t.Parallel()
	w := itemsWorld(t)
	for _, of := range []string{"a", "b"} {
		got := w.parts(t, `query ($s: String) { waited { x: told(of: $s) ... @defer { y: told(of: $s) z: told(of: "z") } } }`, map[string]any{"s": of})
		want := []part{
			{Data: fmt.Sprintf(`{"waited":[{"x":%q}]}`, of), HasNext: "true"},
			{Path: "waited[0]", Data: fmt.Sprintf(`{"y":%q,"z":"z"}`, of), HasNext: "false"},
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("with %s: %s", of, diff)
		}
	}
}

// threeItems returns the data of three equal items.
func threeItems(item string) string { return fmt.Sprintf(`{"items":[%s,%[1]s,%[1]s]}`, item) }

// TestArgumentsThatFailPlainFields: each object has the error of arguments that cannot be read,
// and of those that the field cannot be bound to, in every run; null goes up from there.
func TestArgumentsThatFailPlainFields(t *testing.T) {
	t.Parallel()
	w := itemsWorld(t)
	tests := []struct {
		query, want, message, below string
	}{
		{`{ items { told(of: "bad") sure(of: "x") } }`, threeItems(`{"told":null,"sure":"x"}`), "no day", "told.of"},
		{`{ items { told(of: "x") sure(of: "bad") } }`, threeItems(`null`), "no day", "sure.of"},
		{`{ items { told(of: "unbound") sure(of: "x") } }`, threeItems(`{"told":null,"sure":"x"}`), "panic: cannot be bound", "told"},
		{`{ items { told(of: "x") sure(of: "unbound") } }`, threeItems(`null`), "panic: cannot be bound", "sure"},
		{`{ items { sure(of: "nothing") } }`, threeItems(`null`), "the requested element is null which the schema does not allow", "sure"},
	}
	for _, test := range tests {
		var want []failure
		for i := range 3 {
			want = append(want, failure{test.message, fmt.Sprintf("items[%d].%s", i, test.below)})
		}
		for range 2 {
			data, failures := w.ask(t, test.query, nil)
			if data != test.want || !slices.Equal(failures, want) {
				t.Errorf("%s: got %s and %v, want %s and %v", test.query, data, failures, test.want, want)
			}
		}
	}
}
