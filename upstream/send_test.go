package upstream

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/transport"
	"crmgraph/upstream/transport/http1"
)

// watched is the transport of the gateway, and says which way requests went.
type watched struct {
	*transport.Transport

	refuses bool // to serve by Exchange
	ways    []string
}

func (w *watched) RoundTrip(req *http.Request) (*http.Response, error) {
	w.ways = append(w.ways, "full")
	return w.Transport.RoundTrip(req)
}

func (w *watched) Exchange(ctx context.Context, req *http1.Request, memory http1.Memory, limit int64) (*http.Response, bool, error) {
	w.ways = append(w.ways, "short")
	if w.refuses {
		return nil, false, nil
	}
	return w.Transport.Exchange(ctx, req, memory, limit)
}

// A request is the same whichever way it takes, and most take the short one.
func TestWaysOfARequest(t *testing.T) {
	t.Parallel()
	get := func(path string) *Call {
		return &Call{Service: ProPortal, Operation: "task", Method: http.MethodGet, Path: path}
	}
	post := &Call{Service: Solos, Operation: "filter", Method: http.MethodPost, Path: "filter"}
	own := NewHeader(http.Header{"X-One": {"1"}, "X-Two": {"a", "b"}})
	tests := map[string]struct {
		req     *Request
		refuses bool
		want    []string
	}{
		"bare":                  {req: &Request{Call: get("tasks")}, want: []string{"short"}},
		"id, query and header":  {req: &Request{Call: get("tasks/{id}/steps"), ID: "5", Query: "a=%D0%B0&b=1", Header: own}, want: []string{"short"}},
		"id at the end":         {req: &Request{Call: get("tasks/{id}"), ID: "5"}, want: []string{"short"}},
		"no id":                 {req: &Request{Call: get("tasks/{id}")}, want: []string{"short"}},
		"body":                  {req: &Request{Call: post, Header: own, Body: []byte(`{"a":1}`)}, want: []string{"short"}},
		"not served":            {req: &Request{Call: get("tasks/{id}"), ID: "5", Header: own}, refuses: true, want: []string{"short", "full"}},
		"body that is not":      {req: &Request{Call: post, Body: []byte(`{"a":1}`)}, refuses: true, want: []string{"short", "full"}},
		"slash in the id":       {req: &Request{Call: get("tasks/{id}"), ID: "5/6"}, want: []string{"full"}},
		"question in the id":    {req: &Request{Call: get("tasks/{id}"), ID: "5?a=1"}, want: []string{"full"}},
		"letters beyond ASCII":  {req: &Request{Call: get("задачи")}, want: []string{"full"}},
		"POST of nothing":       {req: &Request{Call: post}, want: []string{"full"}},
		"another encoding":      {req: &Request{Call: get("tasks"), Header: NewHeader(http.Header{"Accept-Encoding": {"identity"}})}, want: []string{"full"}},
		"header of its own":     {req: &Request{Call: get("tasks"), Header: NewHeader(http.Header{"User-Agent": {"me"}})}, want: []string{"short"}},
		"another method":        {req: &Request{Call: &Call{Service: Solos, Operation: "x", Method: http.MethodDelete, Path: "x"}}, want: []string{"full"}},
		"another one with body": {req: &Request{Call: &Call{Service: Solos, Operation: "x", Method: http.MethodPut, Path: "x"}, Body: []byte("{}")}, want: []string{"full"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			type sent struct {
				Method, URI, Host, Body string
				Header                  http.Header
			}
			var got sent
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				got = sent{r.Method, r.RequestURI, r.Host, string(body), r.Header}
				answer(t, 200, `{}`)(w, r)
			}))
			t.Cleanup(server.Close)
			ask := func(rt http.RoundTripper) sent {
				caller, err := NewCaller(server.URL+"/a%2Fb", CallerOptions{Transport: rt})
				if err != nil {
					t.Fatal(err)
				}
				if err := do(t.Context(), caller, test.req, skip); err != nil {
					t.Fatal(err)
				}
				return got
			}
			full := &http.Transport{}
			t.Cleanup(full.CloseIdleConnections)
			way := &watched{Transport: newGatewayTransport(t), refuses: test.refuses}
			if diff := cmp.Diff(ask(full), ask(way)); diff != "" {
				t.Errorf("sent (-by net/http +by the gateway's transport):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, way.ways); diff != "" {
				t.Errorf("ways (-want +got):\n%s", diff)
			}
		})
	}
}
