package http1_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"crmgraph/upstream/transport/http1"
)

// FuzzAnswer holds that an answer of any bytes means what it means to net/http, and that
// the next request is not taken in by what is left of it.
func FuzzAnswer(f *testing.F) {
	for _, test := range answerTests() {
		if len(test.answer) < 4<<10 {
			f.Add(test.answer)
		}
	}
	const url, next = "http://crm.test/", "the next answer"
	f.Fuzz(func(t *testing.T, answer string) {
		if len(answer) > 16<<10 {
			return // beyond the buffer, nothing tells a new answer from the rest of an old one
		}
		want := ask(t, netHTTP(t, playing(answer)), url, nil)
		if strings.HasPrefix(want.Status, "101") {
			want = outcome{Fails: inHead}
		}
		client := newClient(t, http1.Options{Dial: playing(answer, ok(next))})
		if got := ask(t, client, url, nil); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		short := newClient(t, http1.Options{Dial: playing(answer)})
		status, body, err := shortly(t, short, newRequest(t.Context(), t, http.MethodGet, url, ""))
		if fails := err != nil; fails != (want.Fails != "") || !fails && (body != want.Body || status != codeOf(want.Status)) {
			t.Errorf("by Exchange: got %d %q (%v)\nwant %+v", status, body, err, want)
		}
		status, body, err = exchange(client, newRequest(t.Context(), t, http.MethodGet, url, ""))
		if err != nil || status != http.StatusOK || body != next {
			t.Errorf("next request: got %d %q (%v), want 200 %q", status, body, err, next)
		}
	})
}
