package graph_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// canned has the answers of both CRMs, by the end of the path.
type canned map[string]string

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	for path, body := range c {
		if strings.HasSuffix(req.URL.Path, "/"+path) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
		}
	}
	return nil, fmt.Errorf("no answer to %s", req.URL.Path)
}

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
