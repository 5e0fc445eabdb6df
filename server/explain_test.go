package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

func TestExplainCommandPrintsThePlan(t *testing.T) {
	t.Parallel()
	file := writeFile(t, `
		query Other { viewer { id } }
		query Dashboard($n: Int!) { portfolio(first: $n) { nodes { name projects(first: 3) { nodes { steps { name } } } } } }`)
	got := output(t, nil, "explain", file, "--operation", "Dashboard", "--variables", `{"n": 50}`)
	want := `ROUND  CRM        OPERATION       CALLS AT MOST  SERVES
1      proportal  portfolio       1              portfolio
2      solos      filterProjects  1              portfolio.nodes.projects
3      solos      steps           150            portfolio.nodes.projects.nodes.steps
                  total           152            ProPortal 1, solOS 151, in 3 rounds
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}

func TestExplainCommandFails(t *testing.T) {
	t.Parallel()
	file := writeFile(t, `query($n: Int!) { portfolio(first: $n) { nodes { card { inn } } } }`)
	variables := writeFile(t, `{"n": 50}`)
	tests := map[string]struct {
		args []string
		want string
	}{
		"over the limit":     {[]string{file, "--variables", "@" + variables, "--max-calls", "50"}, "51, and 50 are"},
		"within the limit":   {[]string{file, "--variables", "@" + variables, "--max-calls", "51"}, ""},
		"variable missing":   {[]string{file}, "n"},
		"variables unread":   {[]string{file, "--variables", "[1]"}, "JSON object"},
		"two objects":        {[]string{file, "--variables", `{"n": 1}, {"n": 50}`}, "nothing behind it"},
		"an open list":       {[]string{file, "--variables", `{"n": 1} [`}, "nothing behind it"},
		"a limit below 0":    {[]string{file, "--variables", `{"n": 1}`, "--max-calls=-1"}, "max-calls: cannot be negative"},
		"no such operation":  {[]string{file, "--operation", "X", "--variables", `{"n": 1}`}, "no operation"},
		"no such file":       {[]string{file + "x"}, "no such file"},
		"no such field":      {[]string{writeFile(t, `{ nothing }`)}, "nothing"},
		"not even a graphql": {[]string{writeFile(t, `{`)}, "/file"},
	}
	for name, test := range tests {
		err := run(t.Context(), append([]string{"explain"}, test.args...), nil, io.Discard, io.Discard)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
		if over := errors.Is(err, errOverMaxCalls); over != (name == "over the limit") {
			t.Errorf("%s: errOverMaxCalls: %v", name, over)
		}
	}
}

func TestExplainHeaders(t *testing.T) {
	t.Parallel()
	on := startForTest(t, nil, "--cache-size=0")
	off := startForTest(t, nil, "--no-explain")
	ask := func(i *instance, header, value string) map[string]json.RawMessage {
		t.Helper()
		headers := http.Header{"Authorization": {"Bearer " + loginToken(t, i)}, "Content-Type": {"application/json"}}
		headers.Set(header, value)
		got, _ := do(t, http.MethodPost, i.url+"/graphql", `{"query": "{ customer(id: 4007195) { name card { inn } } }"}`, headers)
		var answer struct {
			Data       json.RawMessage
			Extensions map[string]json.RawMessage
		}
		if err := json.Unmarshal([]byte(got.Body), &answer); err != nil {
			t.Fatalf("%v in %s", err, got.Body)
		}
		if answer.Extensions == nil {
			answer.Extensions = map[string]json.RawMessage{}
		}
		answer.Extensions["data"] = answer.Data
		return answer.Extensions
	}
	plan := ask(on, "X-Crmgraph-Explain", "plan")
	if string(plan["data"]) != "null" || !strings.Contains(string(plan["plan"]), `"operation":"customer"`) {
		t.Errorf("plan: got %s", plan)
	}
	trace := ask(on, "X-Crmgraph-Explain", "trace")
	var calls []struct {
		Service, Operation string
		Status             int
		Duration           float64
		Bytes, Attempts    int
		Serves             []string
	}
	if err := json.Unmarshal(trace["trace"], &calls); err != nil {
		t.Fatal(err)
	}
	if len(calls) != 1 || calls[0].Operation != "customer" || calls[0].Status != 200 || calls[0].Bytes == 0 ||
		calls[0].Duration <= 0 || calls[0].Attempts != 1 || !cmp.Equal(calls[0].Serves, []string{"customer", "customer.card"}) {
		t.Errorf("trace: got %+v", calls)
	}
	if string(trace["data"]) == "null" {
		t.Error("trace: the operation did not run")
	}
	cost := ask(on, "X-Crmgraph-Cost", "1")
	if got, want := string(cost["cost"]), `"actual":{"proportal":1,"solos":0,"total":1}`; !strings.Contains(got, want) {
		t.Errorf("cost: got %s, want %s in it", got, want)
	}
	always := startForTest(t, nil, "--no-explain", "--cost-report")
	if got := ask(always, "X-Unrelated", "1"); !strings.Contains(string(got["cost"]), `"estimated":{"proportal"`) {
		t.Errorf("cost of every answer: got %s", got)
	}
	for _, header := range []string{"X-Crmgraph-Explain", "X-Crmgraph-Cost"} {
		got := ask(off, header, "plan")
		if len(got) != 1 || string(got["data"]) == "null" {
			t.Errorf("%s switched off: got %s", header, got)
		}
	}
}

// TestPlansRunNothing: not even a login, of which no viewer is known yet.
func TestPlansRunNothing(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{})
	header := http.Header{"Authorization": {"Basic Mjp4"}, "Content-Type": {"application/json"}, "X-Crmgraph-Explain": {"plan"}}
	got, _ := do(t, http.MethodPost, i.url+"/graphql", `{"query": "mutation { login { token } }"}`, header)
	if got.Status != http.StatusOK || !strings.Contains(got.Body, `"operation":"login"`) || !strings.HasPrefix(got.Body, `{"data":null,`) {
		t.Errorf("got %v, want a plan and no data", got)
	}
	if calls := crms.Calls(); len(calls) > 0 {
		t.Errorf("calls: got %v, want none", calls)
	}
}

func loginToken(t *testing.T, i *instance) string {
	t.Helper()
	header := http.Header{"Authorization": {"Basic Mjp4"}, "Content-Type": {"application/json"}}
	got, _ := do(t, http.MethodPost, i.url+"/graphql", `{"query": "mutation { login { token } }"}`, header)
	var answer struct {
		Data struct{ Login struct{ Token string } }
	}
	if err := json.Unmarshal([]byte(got.Body), &answer); err != nil || answer.Data.Login.Token == "" {
		t.Fatalf("login: %v in %s", err, got.Body)
	}
	return answer.Data.Login.Token
}
