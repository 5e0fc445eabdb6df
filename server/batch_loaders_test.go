package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// TestOperationsOfAListShareTheirLoaders: what one has asked for no other asks for again, also
// where no kept answer may serve, which keeps equal calls of several requests apart.
func TestOperationsOfAListShareTheirLoaders(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--cache-size", "0")
	authorization := "Bearer " + crms.Token(2)
	const tasks = `{"query":"{ tasks(status: PLANNED, first: 3) { nodes { id } } }"`
	for _, test := range []struct {
		name  string
		body  string
		calls map[string]int
	}{
		{"the same twice", "[" + tasks + "}," + tasks + "}]", map[string]int{"proportal.tasks": 1}},
		{
			"one that takes other answers", "[" + tasks + "}," + tasks + `,"extensions":{"freshness":{"noStore":true}}}]`,
			map[string]int{"proportal.tasks": 2},
		},
		{
			"one within another", `[{"query":"{ portfolio(first: 2) { nodes { id } } }"},{"query":"{ portfolio(first: 1) { totalCount } }"},` + tasks + "}]",
			map[string]int{"proportal.tasks": 1, "proportal.portfolio": 1},
		},
		{
			"those that report", "[" + tasks + `,"extensions":{"freshness":{"report":true}}},` + tasks + `,"extensions":{"freshness":{"report":true}}}]`,
			map[string]int{"proportal.tasks": 1},
		},
	} {
		crms.Reset()
		header := queryHeader(authorization)
		header.Set("Cache-Control", "no-cache")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, i.url+"/graphql", bytes.NewReader([]byte(test.body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = header
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var answers []fresh
		if err := json.Unmarshal(body, &answers); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: got %d %s", test.name, resp.StatusCode, body)
		}
		if slices.ContainsFunc(answers, func(a fresh) bool { return len(a.Data) == 0 || len(a.Errors) > 0 }) {
			t.Errorf("%s: got %s, want data alone", test.name, body)
		}
		if diff := cmp.Diff(test.calls, crms.Calls()); diff != "" {
			t.Errorf("%s: calls (-want +got):\n%s", test.name, diff)
		}
		if test.name != "those that report" {
			continue
		}
		for n, answer := range answers { // each has it, whoever has made the call
			if got, want := answer.states(), "proportal.tasks fresh"; got != want {
				t.Errorf("operation %d: got freshness %q, want %q", n, got, want)
			}
		}
	}
}
