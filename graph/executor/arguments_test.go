package executor_test

import (
	"context"
	"fmt"
	"testing"

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
