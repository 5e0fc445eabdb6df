package executor_test

import (
	"testing"

	"crmgraph/graph/executor"
)

// The data of an operation stands behind what its caller's buffer holds already, once.
func TestOutput(t *testing.T) {
	t.Parallel()
	w := petWorld(t)
	const before = `{"data":`
	tests := map[string]struct{ query, want string }{
		"data":    {`{ number }`, `{"number":-7}`},
		"objects": {`{ pets { __typename } }`, `{"pets":[{"__typename":"Dog"},{"__typename":"Cat"}]}`},
		"failure": {`{ number strange { __typename } }`, `{"number":-7,"strange":null}`},
	}
	for name, test := range tests {
		out := &executor.Output{Buf: []byte(before)}
		ctx := executor.WithOutput(t.Context(), out)
		response := w.respondIn(ctx, t, test.query, nil)
		if got := string(response.Data); got != test.want {
			t.Errorf("%s: got data %s, want %s", name, got, test.want)
		}
		if got, want := string(out.Buf), before+test.want; got != want || !out.Holds(response.Data) {
			t.Errorf("%s: got buffer %s, want %s", name, got, want)
		}
		again := w.respondIn(ctx, t, `{ cat { name } }`, nil)
		if got, want := string(again.Data), `{"cat":{"name":"Tom"}}`; got != want || out.Holds(again.Data) {
			t.Errorf("%s: second operation: got %s, want %s, outside of the buffer", name, got, want)
		}
		if got := string(response.Data); got != test.want {
			t.Errorf("%s: a second operation changed the data to %s", name, got)
		}
		out.Reset()
		reused := w.respondIn(ctx, t, test.query, nil)
		if got := string(out.Buf); got != test.want || !out.Holds(reused.Data) {
			t.Errorf("%s: after Reset: got buffer %s, want %s", name, got, test.want)
		}
	}
}

// A null that propagates to the very top leaves what stands before the data.
func TestOutputOfNull(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `type Query { name: String! }`, object{"name": nil}, executor.Options{})
	out := &executor.Output{Buf: []byte("before ")}
	response := w.respondIn(executor.WithOutput(t.Context(), out), t, `{ name }`, nil)
	if got, want := string(out.Buf), "before null"; got != want || len(response.Errors) != 1 {
		t.Errorf("got %q with %v, want %q and one error", got, response.Errors, want)
	}
}
