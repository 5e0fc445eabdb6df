package main

import (
	"encoding/json"
	"net/http"
	"testing"
)

// TestLimitsOfDocumentsAreSettings: each is one, and its refusal says what it is set to.
func TestLimitsOfDocumentsAreSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		setting, code, allowed, refused string
	}{
		{"--request-max-tokens=7", "QUERY_TOO_MANY_TOKENS", "{ __typename }", "{ a: __typename b: __typename }"},
		{"--request-max-query=20", "QUERY_TOO_LONG", "{ __typename }", "{ __typename }          "},
		{"--request-max-depth=2", "QUERY_TOO_DEEP", "{ viewer { id } }", "{ groups { customers { totalCount } } }"},
		{"--request-max-fields=2", "QUERY_TOO_MANY_FIELDS", "{ viewer { id } }", "{ viewer { id __typename } }"},
		{"--request-max-root-fields=2", "QUERY_TOO_MANY_ROOT_FIELDS", "{ a: __typename b: __typename }", "{ a: __typename b: __typename c: __typename }"},
		{"--request-max-aliases=2", "QUERY_TOO_MANY_ALIASES", "{ a: __typename b: __typename }", "{ a: __typename b: __typename c: __typename }"},
		{"--request-max-directives=1", "QUERY_TOO_MANY_DIRECTIVES", "{ __typename @skip(if: false) }", "{ __typename @skip(if: false) @include(if: true) }"},
		{"--request-max-fragments=1", "QUERY_TOO_MANY_FRAGMENTS", "{ ...A } fragment A on Query { __typename }", "{ ...A ...B } fragment A on Query { __typename } fragment B on Query { __typename }"},
		{"--request-max-list=2", "QUERY_LIST_TOO_LONG", `{ nodes(ids: ["a", "b"]) { id } }`, `{ nodes(ids: ["a", "b", "c"]) { id } }`},
	} {
		t.Run(test.code, func(t *testing.T) {
			t.Parallel()
			i := startForTest(t, nil, test.setting)
			var refused told
			got := postQuery(t, i, requestFor(t, test.refused), "")
			if err := json.Unmarshal([]byte(got.Body), &refused); err != nil || got.Status != http.StatusUnprocessableEntity || refused.code() != test.code {
				t.Fatalf("%s: got %d %s, want 422 and %s", test.refused, got.Status, got.Body, test.code)
			}
			if refused.Errors[0].Extensions.Limit == 0 {
				t.Errorf("got %s, want the limit told", got.Body)
			}
			if got := postQuery(t, i, requestFor(t, test.allowed), ""); codeOf(t, got.Body) == test.code {
				t.Errorf("%s: got %s, want it let in", test.allowed, got.Body)
			}
		})
	}
}
