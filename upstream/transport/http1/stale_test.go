package http1_test

import (
	"io"
	"net/http"
	"testing"

	"crmgraph/upstream/transport/http1"
)

// The server may close a kept connection while the next request is on its way. Whether it
// is sent again follows net/http, which is tested beside.
func TestRequestThatMeetsAClosingConnection(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		method    string
		body      string
		header    http.Header
		partial   string // sent before the connection is closed
		delivered int32  // with the request that opened the connection
		answered  bool
	}{
		{name: "GET", method: http.MethodGet, delivered: 3, answered: true},
		{name: "GET that is answered in part", method: http.MethodGet, partial: "HTTP/1.1 200", delivered: 2},
		{name: "POST", method: http.MethodPost, body: "{}", delivered: 2},
		{name: "POST without a body", method: http.MethodPost, delivered: 2},
		{
			name: "POST with a key", method: http.MethodPost, body: "{}",
			header: http.Header{"Idempotency-Key": {"1"}}, delivered: 3, answered: true,
		},
		{
			name: "POST that is said to be idempotent", method: http.MethodPost, body: "{}",
			header: http.Header{"Idempotency-Key": nil}, delivered: 3, answered: true,
		},
		{
			name: "POST that is said to be idempotent the old way", method: http.MethodPost, body: "{}",
			header: http.Header{"X-Idempotency-Key": nil}, delivered: 3, answered: true,
		},
	}
	for _, test := range tests {
		for client, rt := range map[string]http.RoundTripper{"http1": newClient(t, http1.Options{}), "net_http": new(http.Transport)} {
			t.Run(test.name+"/"+client, func(t *testing.T) {
				t.Parallel()
				crm := serve(t, func(p *peer) {
					if p.number > 1 {
						p.expect(test.body, test.header)
						p.answer(ok("again"))
						return
					}
					_ = p.request()
					p.answer(ok("first"))
					p.expect(test.body, test.header)
					p.answer(test.partial)
				})
				if got, want := mustGet(t, rt, crm.url), "first"; got != want {
					t.Fatalf("first answer: got %q, want %q", got, want)
				}
				req := newRequest(t.Context(), t, test.method, crm.url, test.body)
				if test.header != nil {
					req.Header = test.header
				}
				_, body, err := exchange(rt, req)
				if got, want := err == nil && body == "again", test.answered; got != want {
					t.Errorf("answered: got %t (%q, %v), want %t", got, body, err, want)
				}
				if got, want := crm.requests.Load(), test.delivered; got != want {
					t.Errorf("requests delivered: got %d, want %d", got, want)
				}
			})
		}
	}
}

// expect reads a request and checks that it is whole.
func (p *peer) expect(body string, header http.Header) {
	req := p.request()
	if req == nil {
		p.t.Error("no request")
		return
	}
	if got, _ := io.ReadAll(req.Body); string(got) != body {
		p.t.Errorf("body received: got %q, want %q", got, body)
	}
	for name, values := range header {
		if got, want := len(req.Header.Values(name)), len(values); got != want {
			p.t.Errorf("lines of %s received: got %d, want %d", name, got, want)
		}
	}
}

// A fresh connection that ends without an answer is no accident of timing.
func TestRequestThatANewConnectionDropsIsNotSentAgain(t *testing.T) {
	t.Parallel()
	crm := serve(t, func(p *peer) { _ = p.request() })
	_, _, err := exchange(newClient(t, http1.Options{}), newRequest(t.Context(), t, http.MethodGet, crm.url, ""))
	if err == nil {
		t.Error("got an answer, want an error")
	}
	if got, want := crm.requests.Load(), int32(1); got != want {
		t.Errorf("requests delivered: got %d, want %d", got, want)
	}
}
