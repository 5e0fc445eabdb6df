package admission_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"crmgraph/graph/admission"
)

// executable is a schema of which nothing runs.
type executable struct{ schema *ast.Schema }

func (e executable) Schema() *ast.Schema { return e.schema }

func (executable) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (executable) Exec(context.Context) graphql.ResponseHandler { return nil }

// newExecutor returns gqlgen's executor behind a gate. It fails the test if the executor
// validates anything itself.
func newExecutor(t *testing.T, opts admission.Options) (graphql.GraphExecutor, *admission.Gate) {
	t.Helper()
	schema := pets(t)
	gate := newGate(t, schema, opts)
	exec := executor.New(executable{schema})
	exec.SetQueryCache(gate.Cache())
	exec.SetDefaultRulesFn(func() *rules.Rules {
		t.Error("gqlgen validates the document itself")
		return rules.NewDefaultRules()
	})
	return gate.Wrap(exec), gate
}

func TestExecutorGetsWhatIsAdmitted(t *testing.T) {
	t.Parallel()
	// Nothing is kept in so little memory, so the document is handed on with the request.
	exec, _ := newExecutor(t, admission.Options{CacheBytes: 1})
	ctx := graphql.StartOperationTrace(t.Context())
	op, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{
		Query:         "query A($n: Int = 3){pets(first:$n){name}} query B{pet{name}}",
		OperationName: "A",
	})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if op.Operation.Name != "A" || op.Variables["n"] != int64(3) {
		t.Errorf("got operation %s with %v, want A with its default", op.Operation.Name, op.Variables)
	}
}

func TestExecutorRefuses(t *testing.T) {
	t.Parallel()
	exec, _ := newExecutor(t, admission.Options{Variables: admission.VariableLimits{MaxElements: 2}})
	const two = "query A{pet{name}} query B{pet{name}}"
	many := map[string]any{"a": 1, "b": 2, "c": 3}
	tests := []struct {
		name   string
		params graphql.RawParams
		want   string
	}{
		{"a document that is not valid", graphql.RawParams{Query: "{pet}"}, "GRAPHQL_VALIDATION_FAILED"},
		{"an operation that is not there", graphql.RawParams{Query: two, OperationName: "canary"}, "OPERATION_NOT_FOUND"},
		{"one of several that none was named of", graphql.RawParams{Query: two}, "OPERATION_NOT_FOUND"},
		{"too many variables", graphql.RawParams{Query: "{pet{name}}", Variables: many}, "VARIABLES_TOO_MANY_ELEMENTS"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx := graphql.StartOperationTrace(t.Context())
			op, errs := exec.CreateOperationContext(ctx, &test.params)
			if code(errs) != test.want || strings.Contains(errs.Error(), "canary") {
				t.Errorf("got %v, want %s", errs, test.want)
			}
			// Transports present errors in the context of the operation.
			if op == nil || op.RawQuery != test.params.Query {
				t.Errorf("got operation %v, want that of the request", op)
			}
		})
	}
}

// TestCacheRefuses: gqlgen does not validate a document that has come past the gate either.
func TestCacheRefuses(t *testing.T) {
	t.Parallel()
	_, gate := newExecutor(t, admission.Options{})
	exec := executor.New(executable{pets(t)})
	exec.SetQueryCache(gate.Cache())
	for query, admitted := range map[string]bool{"{pet{name}}": true, "{pet{wrong}}": false} {
		_, errs := exec.CreateOperationContext(graphql.StartOperationTrace(t.Context()), &graphql.RawParams{Query: query})
		if (len(errs) == 0) != admitted {
			t.Errorf("%s: got %v", query, errs)
		}
	}
}

func TestRequestsThatAreGivenUp(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Now())
	defer cancelLate()
	for want, ctx := range map[string]context.Context{"CANCELED": canceled, "DEADLINE_EXCEEDED": late} {
		if _, errs := newGate(t, pets(t), admission.Options{}).Admit(ctx, "{pet{name}}"); code(errs) != want {
			t.Errorf("got %v, want %s", errs, want)
		}
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	gate := newGate(t, pets(t), admission.Options{Variables: admission.VariableLimits{MaxBytes: 10, MaxDepth: 2, MaxElements: 5}})
	tests := []struct{ name, variables, want string }{
		{"none", `{}`, ""},
		{"ten bytes", `{"ab": "éé", "c": 123}`, ""},
		{"eleven bytes", `{"ab": "éé", "c": 1234}`, "VARIABLES_TOO_LONG"},
		{"a long text at last", `{"a": ["xxxxxxxxxx"]}`, "VARIABLES_TOO_LONG"},
		{"two levels", `{"a": [[1]]}`, ""},
		{"three levels", `{"a": [{"b": [1]}]}`, "VARIABLES_TOO_DEEP"},
		{"five elements", `{"a": [1, 2], "b": {"c": null}}`, ""},
		{"six elements", `{"a": [1, 2], "b": {"c": null}, "d": 1}`, "VARIABLES_TOO_MANY_ELEMENTS"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			decoder := json.NewDecoder(strings.NewReader(test.variables))
			decoder.UseNumber()
			var variables map[string]any
			if err := decoder.Decode(&variables); err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := gate.CheckVariables(variables); err != nil {
				got, _ = err.Extensions["code"].(string)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestVariablesOfAnotherType: what is said of a value is the same as of one in the document, and
// nothing of the value.
func TestVariablesOfAnotherType(t *testing.T) {
	t.Parallel()
	exec := newCRMExecutor(t)
	tests := []struct {
		name, query, variable, want string
	}{
		{"an enum", `query($v: TaskStatus!){tasks(status:$v){totalCount}}`, `"canary"`, `Expected a value of type "TaskStatus".`},
		{"an enum that looks like a message", `query($v: TaskStatus!){tasks(status:$v){totalCount}}`, `"canary is not a valid canary as canary"`, `Expected a value of type "TaskStatus".`},
		{"a text", `query($v: Int!){portfolio(first:$v){totalCount}}`, `"canary"`, `Expected a value of type "Int".`},
		{"a number too large", `query($v: Int!){portfolio(first:$v){totalCount}}`, `98765432109876543210`, `Expected a value of type "Int".`},
		{"a fraction", `query($v: Int!){portfolio(first:$v){totalCount}}`, `1.5`, `Expected a value of type "Int".`},
		{"null", `query($v: Int!){portfolio(first:$v){totalCount}}`, `null`, `cannot be null`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			params := &graphql.RawParams{Query: test.query, Variables: map[string]any{}}
			decoder := json.NewDecoder(strings.NewReader(`{"v": ` + test.variable + `}`))
			decoder.UseNumber()
			if err := decoder.Decode(&params.Variables); err != nil {
				t.Fatal(err)
			}
			_, errs := exec.CreateOperationContext(graphql.StartOperationTrace(t.Context()), params)
			if len(errs) != 1 || errs[0].Message != test.want || errs[0].Path.String() != "variable.v" {
				t.Errorf("got %v, want %s", errs, test.want)
			}
		})
	}
}

// newCRMExecutor returns gqlgen's executor for the schema of the gateway behind a gate.
func newCRMExecutor(t *testing.T) graphql.GraphExecutor {
	t.Helper()
	schema := crms(t)
	gate := newGate(t, schema, admission.Options{})
	exec := executor.New(executable{schema})
	exec.SetQueryCache(gate.Cache())
	return gate.Wrap(exec)
}
