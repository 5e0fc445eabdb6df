package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestAnswersAreBounded: a project's actions lead back to the project, and so on, without any
// call to a CRM. Ten documents' worth of lists in each other once took a server all memory there was.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil)
	header := queryHeader("Bearer " + loginToken(t, i))
	bomb := func(depth int) string {
		inner := "id"
		for range depth {
			inner = fmt.Sprintf("id actions(first: 100) { nodes { id project { %s } } }", inner)
		}
		return inner
	}
	tests := []struct {
		name, query, accept string
		status              int
	}{
		{"lists in each other", "{ projects(first: 10) { nodes { " + bomb(5) + " } } }", "", http.StatusOK},
		{"by gqlgen's executor", "{ projects(first: 10) { nodes { " + bomb(5) + " ... on Project @defer { payments(first: 1) { nodes { id } } } } } }", "multipart/mixed;deferSpec=20220824", http.StatusOK},
	}
	for _, test := range tests {
		body, err := json.Marshal(map[string]string{"query": test.query})
		if err != nil {
			t.Fatal(err)
		}
		asked := header.Clone()
		if test.accept != "" {
			asked.Set("Accept", test.accept)
		}
		got, _ := do(t, http.MethodPost, i.url+"/graphql", string(body), asked)
		if got.Status != test.status || !strings.Contains(got.Body, `"code":"RESULT_TOO_LARGE"`) || !strings.Contains(got.Body, `"limit":50000`) {
			t.Errorf("%s: got status %d and %.300s, want RESULT_TOO_LARGE", test.name, got.Status, got.Body)
		}
		if after := postQuery(t, i, `{"query":"{ viewer { id } }"}`, header.Get("Authorization")); after.Body != `{"data":{"viewer":{"id":"2"}}}` {
			t.Errorf("%s: a query afterwards got %v", test.name, after)
		}
	}
}
