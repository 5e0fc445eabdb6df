package upstream

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/transport"

	"crmgraph/upstream/jsonread"
)

// newGatewayTransport returns the transport that the gateway has.
func newGatewayTransport(t *testing.T) *transport.Transport {
	t.Helper()
	way, err := transport.New(transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(way.CloseIdleConnections)
	return way
}

// An answer means the same whichever way it takes.
func TestEveryWayOfAnAnswer(t *testing.T) {
	t.Parallel()
	const maxBody = 100
	text := strings.Repeat("a", maxBody-2)
	tests := map[string]struct {
		handler http.HandlerFunc
		want    string  // the text that is answered
		failure outcome // without its text
	}{
		"plain":     {handler: answer(t, 200, `"hello"`), want: "hello"},
		"at limit":  {handler: answer(t, 200, `"`+text+`"`), want: text},
		"created":   {handler: answer(t, 201, `"hello"`), want: "hello"},
		"too large": {handler: answer(t, 200, `"`+text+`a"`), failure: outcome{Kind: Malformed, Status: 200}},
		"chunked": {handler: func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			answer(t, 200, `"hello"`)(w, r)
		}, want: "hello"},
		"redirected": {handler: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/base/there" {
				answer(t, 200, `"hello"`)(w, r)
				return
			}
			http.Redirect(w, r, "/base/there", http.StatusFound)
		}, want: "hello"},
		"empty":     {handler: answer(t, 200, ""), failure: outcome{Kind: Malformed, Status: 200}},
		"no JSON":   {handler: answer(t, 200, "<html>"), failure: outcome{Kind: Malformed, Status: 200}},
		"not found": {handler: answer(t, 404, `"hello"`), failure: outcome{Kind: NotFound, Status: 404}},
		"busy": {handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "3")
			answer(t, 503, "")(w, r)
		}, failure: outcome{Kind: Unavailable, Status: 503, RetryAfter: 3 * time.Second}},
		"cut off": {handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "50")
			answer(t, 200, `"hello"`)(w, r)
		}, failure: outcome{Kind: Unavailable}},
	}
	ways := map[string]http.RoundTripper{"the gateway's": newGatewayTransport(t), "net_http": nil}
	for name, test := range tests {
		for way, rt := range ways {
			t.Run(name+"/"+way, func(t *testing.T) {
				t.Parallel()
				caller := newTestCaller(t, CallerOptions{Transport: rt, MaxBody: maxBody}, test.handler)
				for range 3 { // over a connection and memory that were used before, too
					got, err := Get(t.Context(), caller, &Request{Call: &testCall}, readString)
					var failure outcome
					if err != nil {
						failure = outcomeOf(t, err)
						failure.Text = ""
					}
					if diff := cmp.Diff(test.failure, failure); diff != "" || got != test.want {
						t.Errorf("got %q (%v), want %q; failure (-want +got):\n%s", got, err, test.want, diff)
					}
				}
			})
		}
	}
}

// Who asks for an answer rather than for a value may look at its header.
func TestAskTellsTheHeader(t *testing.T) {
	t.Parallel()
	for name, rt := range map[string]http.RoundTripper{"the gateway's": newGatewayTransport(t), "net_http": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caller := newTestCaller(t, CallerOptions{Transport: rt}, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Clock", "noon")
				answer(t, 200, `"hello"`)(w, r)
			})
			body, err := caller.Ask(t.Context(), &Request{Call: &testCall})
			if err != nil {
				t.Fatal(err)
			}
			defer body.Release()
			if got, want := body.Header.Get("X-Clock"), "noon"; got != want || body.Status != 200 || string(body.Bytes()) != `"hello"` {
				t.Errorf("got %d %s with X-Clock %q, want 200 %q with %q", body.Status, body.Bytes(), got, "hello", want)
			}
		})
	}
}

func readString(d *jsonread.Decoder) (string, error) {
	text, err := d.Text()
	return string(text), err
}
