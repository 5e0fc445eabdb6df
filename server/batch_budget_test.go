package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// told is what the response to one operation of a list says of its limits.
type told struct {
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Extensions struct {
			Code             string
			Estimated, Limit int
		}
	}
}

func (o told) code() string {
	if len(o.Errors) == 0 {
		return ""
	}
	return o.Errors[0].Extensions.Code
}

// askTogether sends queries as one list.
func askTogether(t *testing.T, i *instance, authorization string, queries ...string) []told {
	t.Helper()
	bodies := make([]string, len(queries))
	for j, query := range queries {
		bodies[j] = requestFor(t, query)
	}
	got := postQuery(t, i, "["+strings.Join(bodies, ",")+"]", authorization)
	var operations []told
	if err := json.Unmarshal([]byte(got.Body), &operations); err != nil || got.Status != http.StatusOK || len(operations) != len(queries) {
		t.Fatalf("got status %d, %v and %.500s, want %d responses", got.Status, err, got.Body, len(queries))
	}
	return operations
}

// TestOperationsOfAListShareTheirCalls: they are let in in their order, whichever is read first, and who
// no longer fits does not keep out who comes after.
func TestOperationsOfAListShareTheirCalls(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--cost-max-calls", "10", "--request-max-batch", "10")
	authorization := "Bearer " + loginToken(t, i)
	const (
		six   = "{ projects(first: 5) { nodes { goods { id } } } }"
		four  = "{ projects(first: 3) { nodes { checklists { id } } } }"
		free  = "{ __typename }"
		wrong = "{ nothing }"
	)
	const tooExpensive = "COST_ESTIMATED_TOO_EXPENSIVE"
	for range 10 {
		got := askTogether(t, i, authorization, free, six, wrong, six, four, four)
		var codes []string
		for _, operation := range got {
			codes = append(codes, operation.code())
		}
		want := []string{"", "", "GRAPHQL_VALIDATION_FAILED", tooExpensive, "", tooExpensive}
		if diff := cmp.Diff(want, codes); diff != "" {
			t.Fatalf("codes (-want +got):\n%s", diff)
		}
		refused := got[3].Errors[0]
		if refused.Extensions.Estimated != 12 || refused.Extensions.Limit != 10 || !strings.HasPrefix(refused.Message, "With those before it in the request, ") {
			t.Errorf("got %+v, want 12 calls, 10 of them allowed, with those before it", refused)
		}
		if data := string(got[3].Data); data != "" {
			t.Errorf("data of an operation that did not run: %s", data)
		}
	}
	// By itself each fits, however often.
	for range 3 {
		if got := postQuery(t, i, requestFor(t, six), authorization); got.Status != http.StatusOK || strings.Contains(got.Body, "errors") {
			t.Errorf("by itself: got %v", got)
		}
	}
}

// TestOperationsOfAListShareTheSizeOfAnswers: as many are answered as fit together.
func TestOperationsOfAListShareTheSizeOfAnswers(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--request-max-objects", "250")
	authorization := "Bearer " + loginToken(t, i)
	const hundred = "{ projects(first: 100) { nodes { id } } }"
	answered, refused := 0, 0
	for _, operation := range askTogether(t, i, authorization, hundred, hundred, hundred, hundred, hundred) {
		switch operation.code() {
		case "":
			answered++
		case "RESULT_TOO_LARGE":
			refused++
			if limit := operation.Errors[0].Extensions.Limit; limit != 250 || string(operation.Data) != "null" {
				t.Errorf("got limit %d and data %.100s, want 250 and null", limit, operation.Data)
			}
		}
	}
	if answered != 2 || refused != 3 {
		t.Errorf("got %d answers and %d refusals, want 2 and 3", answered, refused)
	}
}
