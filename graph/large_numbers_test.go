package graph_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// A condition on the customer field is kept within the customer's own list, whatever way the
// number is written, up to its last digit.
func TestConditionsOnLargeCustomerNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{}, func(w *wiring) {
		w.caller.Transport = canned{
			"customers/9007199254740993": `{"id": 9007199254740993, "name": "A"}`,
			"projects/filter":            `[{"id": 1, "data": {"client_id": 9007199254740993}}]`,
		}
	})
	for value, want := range map[string]string{
		`9007199254740993`:                    "1",
		`"9007199254740993"`:                  "1",
		`"9007199254740993.0"`:                "1",
		`[5, 9007199254740993]`:               "1",
		`9007199254740992`:                    "0",
		`["9007199254740992", 1.5, true, ""]`: "0",
	} {
		query := fmt.Sprintf(`{ customer(id: "9007199254740993") { projects(filter: {fields: [{name: "client_id", value: %s}]}) { totalCount } } }`, value)
		got := w.ask(t, query, nil)
		if diff := cmp.Diff(`{"customer":{"projects":{"totalCount":`+want+`}}}`, string(got.Data)); diff != "" {
			t.Errorf("%s: (-want +got):\n%s%+v", value, diff, got.Errors)
		}
	}
}
