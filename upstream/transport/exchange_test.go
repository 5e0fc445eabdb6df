package transport_test

import (
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"

	"crmgraph/upstream/transport/http1"
)

// room is the memory of one body.
type room []byte

func (r *room) Make(n int) []byte {
	*r = make([]byte, n)
	return *r
}

// postTo returns a request that says hello.
func postTo(t *testing.T, server string) http1.Request {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	return http1.Request{Server: u, Path: [4]string{"/"}, Header: http1.NewHeader(http.Header{}), Body: []byte("hello")}
}

// Whatever the server speaks, Exchange gives its answer, or leaves it to RoundTrip.
func TestExchange(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tls, http2 bool
		want       string
		served     bool
	}{
		"HTTP/1.1":          {want: "HTTP/1.1 POST hello", served: true},
		"HTTP/1.1 over TLS": {tls: true, want: "HTTP/1.1 POST hello", served: true},
		"HTTP/2":            {tls: true, http2: true, want: "HTTP/2.0 POST hello"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crm := newCRM(t)
			crm.EnableHTTP2 = test.http2
			if test.tls {
				crm.StartTLS()
			} else {
				crm.Start()
			}
			tr := crm.trusting(t, nil)
			req := postTo(t, crm.URL)
			for range 3 {
				var memory room
				resp, served, err := tr.Exchange(t.Context(), &req, &memory, 1000) //nolint:bodyclose // there is none
				if err != nil || resp != nil {
					t.Fatalf("got a response (%v), want none", err)
				}
				if served != test.served {
					t.Errorf("served: got %t, want %t", served, test.served)
				}
				got := string(memory)
				if !served {
					if got, err = send(t, tr, http.MethodPost, crm.URL, strings.NewReader("hello")); err != nil {
						t.Fatal(err)
					}
				}
				if got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			}
		})
	}
}

// What package http1 may not or cannot send is left to RoundTrip, and no connection is opened.
func TestExchangeDoesNotServe(t *testing.T) {
	t.Parallel()
	crm := newCRM(t)
	crm.Start()
	proxied := func(*http.Request) (*url.URL, error) { return url.Parse("http://proxy.test") }
	unknown := func(*http.Request) (*url.URL, error) { return nil, errors.New("no proxy known") }
	tests := map[string]struct {
		proxy  func(*http.Request) (*url.URL, error)
		trace  bool
		change func(*http1.Request)
	}{
		"a server behind a proxy":     {proxy: proxied},
		"a proxy that cannot be told": {proxy: unknown},
		"a traced request":            {trace: true},
		"another scheme":              {change: func(r *http1.Request) { r.Server = &url.URL{Scheme: "ftp", Host: r.Server.Host} }},
		"no host":                     {change: func(r *http1.Request) { r.Server = &url.URL{Scheme: "http"} }},
		"an international name":       {change: func(r *http1.Request) { r.Server = &url.URL{Scheme: "http", Host: "портал.test"} }},
		"a large body":                {change: func(r *http1.Request) { r.Body = make([]byte, 64<<10+1) }},
		"a header of the connection":  {change: func(r *http1.Request) { r.Header = http1.NewHeader(http.Header{"Connection": {"close"}}) }},
		"another encoding":            {change: func(r *http1.Request) { r.Header = http1.NewHeader(http.Header{"Accept-Encoding": {"br"}}) }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if test.trace {
				ctx = httptrace.WithClientTrace(ctx, new(httptrace.ClientTrace))
			}
			req := postTo(t, crm.URL)
			if test.change != nil {
				test.change(&req)
			}
			var memory room
			resp, served, err := crm.trusting(t, test.proxy).Exchange(ctx, &req, &memory, 1000) //nolint:bodyclose // there is none
			if resp != nil || served || err != nil {
				t.Errorf("got response %v, served %t, error %v; want none, not served", resp != nil, served, err)
			}
		})
	}
	t.Cleanup(func() {
		if got := crm.connections.Load(); got != 0 {
			t.Errorf("connections: got %d, want 0", got)
		}
	})
}
