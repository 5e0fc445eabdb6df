package http1_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"crmgraph/upstream/transport/http1"
)

// What would break the frame of a request is refused before a connection is opened for it.
func TestInvalidRequestIsNotSent(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = []string{value} }
	}
	query := func(query string) func(*http.Request) {
		return func(r *http.Request) { r.URL.RawQuery = query }
	}
	tests := map[string]func(*http.Request){
		"line break in a header":             header("X-A", "1\r\nX-B: 2"),
		"line feed in a header":              header("X-A", "1\n"),
		"carriage return in a header":        header("X-A", "1\r"),
		"NUL in a header":                    header("X-A", "1\x00"),
		"DEL in a header":                    header("X-A", "1\x7f"),
		"line break in the name of a header": header("X-A: 1\r\nX-B", "2"),
		"colon in the name of a header":      header("X-A:", "1"),
		"space in the name of a header":      header("X A", "1"),
		"letter outside ASCII in a name":     header("X-Ä", "1"),
		"header without a name":              header("", "1"),
		"name that is never sent":            header("Host\r\n", "1"),
		"space in the query":                 query("a=1 HTTP/1.1"),
		"line break in the query":            query("a=1\r\nX-B: 2"),
		"tab in the query":                   query("a=1\t"),
		"NUL in the query":                   query("a=\x00"),
		"space in the host":                  func(r *http.Request) { r.Host = "crm.test evil.test" },
		"line break in the host":             func(r *http.Request) { r.Host = "crm.test\r\nX-B: 2" },
		"space in the host of the URL":       func(r *http.Request) { r.Host, r.URL.Host = "", "crm test" },
		"space in both":                      func(r *http.Request) { r.Host, r.URL.Host = "crm test", "crm test" },
		"body shorter than its length":       func(r *http.Request) { r.ContentLength = 6 },
		"body longer than its length":        func(r *http.Request) { r.ContentLength = 4 },
	}
	for name, change := range tests {
		for way, exchange := range bothWays() {
			t.Run(name+"/"+way, func(t *testing.T) {
				t.Parallel()
				var dialled atomic.Int32
				client := newClient(t, http1.Options{Dial: func(context.Context, string, string) (net.Conn, error) {
					dialled.Add(1)
					return nil, errors.New("nobody is there")
				}})
				req := newRequest(t.Context(), t, http.MethodPost, "http://crm.test/", "hello")
				change(req)
				if !http1.Serves(req) {
					t.Fatal("another client would send it")
				}
				if _, _, err := exchange(t, client, req); err == nil {
					t.Error("got no error, want one")
				}
				if got := dialled.Load(); got != 0 {
					t.Errorf("connections opened: got %d, want 0", got)
				}
			})
		}
	}
}

func TestRequestOnTheWire(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		method string
		url    string
		body   string
		change func(*http.Request)
		want   []string // lines, in any order but for the first
	}{
		{
			name: "GET", method: http.MethodGet, url: "http://crm.test",
			want: []string{"GET / HTTP/1.1", "Host: crm.test", "User-Agent: Go-http-client/1.1", "Accept-Encoding: gzip"},
		},
		{
			name: "path and query", method: http.MethodGet, url: "http://crm.test:81/a%2Fb/%D1%8F?c=%20d&e",
			want: []string{"GET /a%2Fb/%D1%8F?c=%20d&e HTTP/1.1", "Host: crm.test:81", "User-Agent: Go-http-client/1.1", "Accept-Encoding: gzip"},
		},
		{
			name: "empty query", method: http.MethodGet, url: "http://crm.test/a?",
			want: []string{"GET /a? HTTP/1.1", "Host: crm.test", "User-Agent: Go-http-client/1.1", "Accept-Encoding: gzip"},
		},
		{
			name: "another host than the URL's", method: http.MethodGet, url: "http://crm.test/",
			change: func(r *http.Request) { r.Host = "other.test" },
			want:   []string{"GET / HTTP/1.1", "Host: other.test", "User-Agent: Go-http-client/1.1", "Accept-Encoding: gzip"},
		},
		{
			name: "headers", method: http.MethodGet, url: "http://crm.test/",
			change: func(r *http.Request) {
				r.Header = http.Header{
					"Accept-Encoding": {"identity"}, "User-Agent": {"me"}, "X-A": {"1", "2"}, "X-None": nil,
					"Host": {"ignored"}, "Content-Length": {"7"}, "Transfer-Encoding": {"chunked"}, "Trailer": {"X-B"},
				}
				r.Close = true
			},
			want: []string{
				"GET / HTTP/1.1", "Host: crm.test", "User-Agent: me", "Accept-Encoding: identity", "X-A: 1", "X-A: 2", "Connection: close",
			},
		},
		{
			name: "POST", method: http.MethodPost, url: "http://crm.test/", body: "hello",
			want: []string{
				"POST / HTTP/1.1", "Host: crm.test", "User-Agent: Go-http-client/1.1", "Accept-Encoding: gzip", "Content-Length: 5",
				"", "hello",
			},
		},
		{
			name: "POST of nothing", method: http.MethodPost, url: "http://crm.test/",
			want: []string{
				"POST / HTTP/1.1", "Host: crm.test", "User-Agent: Go-http-client/1.1", "Accept-Encoding: gzip", "Content-Length: 0",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for name, send := range map[string]func(dialFunc, *http.Request) error{
				"RoundTrip": func(dial dialFunc, req *http.Request) error {
					_, _, err := exchange(newClient(t, http1.Options{Dial: dial}), req)
					return err
				},
				"Exchange": func(dial dialFunc, req *http.Request) error {
					_, _, err := shortly(t, newClient(t, http1.Options{Dial: dial}), req)
					return err
				},
				"net/http": func(dial dialFunc, req *http.Request) error {
					_, _, err := exchange(&http.Transport{DialContext: dial}, req)
					return err
				},
			} {
				written := make(chan string, 1)
				dial := func(context.Context, string, string) (net.Conn, error) {
					return &recorder{tape: newTape(ok("")), written: written}, nil
				}
				req := newRequest(t.Context(), t, test.method, test.url, test.body)
				if test.change != nil {
					test.change(req)
				}
				if err := send(dial, req); err != nil {
					t.Fatal(err)
				}
				if got, want := sortedLines(<-written), sortedLines(strings.Join(test.want, "\r\n")); got != want {
					t.Errorf("%s sends\n%s\nwant\n%s", name, got, want)
				}
			}
		})
	}
}

// trackedBody fails a test that reads it after it was closed.
type trackedBody struct {
	io.Reader
	t      *testing.T
	closed atomic.Bool
}

func (b *trackedBody) Read(p []byte) (int, error) {
	if b.closed.Load() {
		b.t.Error("a closed body is read")
	}
	return b.Reader.Read(p)
}

func (b *trackedBody) Close() error {
	b.closed.Store(true)
	return nil
}

func TestRequestBodyIsClosed(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name   string
		ctx    context.Context
		script func(*peer)
		query  string
		fails  bool
	}{
		{name: "when it was sent", ctx: t.Context(), script: func(p *peer) { p.answerAll(ok("")) }},
		{name: "when there was no answer", ctx: t.Context(), script: func(p *peer) { _ = p.request() }, fails: true},
		{name: "when the context has ended", ctx: ended, script: func(*peer) {}, fails: true},
		{name: "when the request is invalid", ctx: t.Context(), script: func(*peer) {}, query: " ", fails: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			crm := serve(t, test.script)
			body := &trackedBody{t: t, Reader: strings.NewReader("hello")}
			req := newRequest(test.ctx, t, http.MethodPost, crm.url, "hello")
			req.Body = body
			req.URL.RawQuery = test.query
			_, _, err := exchange(newClient(t, http1.Options{}), req)
			if got := err != nil; got != test.fails {
				t.Errorf("fails: got %t (%v), want %t", got, err, test.fails)
			}
			if !body.closed.Load() {
				t.Error("the body is open, want it closed")
			}
		})
	}
}

func TestServes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*http.Request)
		want   bool
	}{
		"POST":         {change: func(*http.Request) {}, want: true},
		"GET":          {change: func(r *http.Request) { r.Method, r.Body = http.MethodGet, nil }, want: true},
		"no body":      {change: func(r *http.Request) { r.Body, r.GetBody = http.NoBody, nil }, want: true},
		"IPv6 address": {change: func(r *http.Request) { r.URL.Host = "[::1]:81" }, want: true},
		"https":        {change: func(r *http.Request) { r.URL.Scheme = "https" }, want: true},

		"HEAD":                       {change: func(r *http.Request) { r.Method = http.MethodHead }},
		"PUT":                        {change: func(r *http.Request) { r.Method = http.MethodPut }},
		"no method":                  {change: func(r *http.Request) { r.Method = "" }},
		"no URL":                     {change: func(r *http.Request) { r.URL = nil }},
		"no host":                    {change: func(r *http.Request) { r.URL = &url.URL{Scheme: "http", Path: "/"} }},
		"another scheme":             {change: func(r *http.Request) { r.URL.Scheme = "ftp" }},
		"international host":         {change: func(r *http.Request) { r.URL.Host = "црм.рф" }},
		"international host header":  {change: func(r *http.Request) { r.Host = "црм.рф" }},
		"address with a zone":        {change: func(r *http.Request) { r.URL.Host = "[fe80::1%eth0]:81" }},
		"body of unknown length":     {change: func(r *http.Request) { r.ContentLength = -1 }},
		"body without a length":      {change: func(r *http.Request) { r.ContentLength = 0 }},
		"large body":                 {change: func(r *http.Request) { r.ContentLength = 1 << 20 }},
		"body that can be read once": {change: func(r *http.Request) { r.GetBody = nil }},
		"chunks":                     {change: func(r *http.Request) { r.TransferEncoding = []string{"chunked"} }},
		"trailer":                    {change: func(r *http.Request) { r.Trailer = http.Header{"X-A": nil} }},
		"Expect":                     {change: func(r *http.Request) { r.Header.Set("Expect", "100-continue") }},
		"Connection":                 {change: func(r *http.Request) { r.Header.Set("Connection", "close") }},
		"Upgrade":                    {change: func(r *http.Request) { r.Header.Set("Upgrade", "websocket") }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := newRequest(t.Context(), t, http.MethodPost, "http://crm.test/", "{}")
			test.change(req)
			if got := http1.Serves(req); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestAddressOfServer(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"http://crm.test/":      "crm.test:80",
		"http://crm.test:/":     "crm.test:80",
		"http://crm.test:81/":   "crm.test:81",
		"https://crm.test/":     "crm.test:443",
		"https://crm.test:444/": "crm.test:444",
		"http://127.0.0.1/":     "127.0.0.1:80",
		"http://[::1]/":         "[::1]:80",
		"https://[::1]/":        "[::1]:443",
		"http://[::1]:81/":      "[::1]:81",
	}
	for target, want := range tests {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			dialled := make(chan string, 1)
			client := newClient(t, http1.Options{Dial: func(_ context.Context, network, address string) (net.Conn, error) {
				dialled <- network + " " + address
				return nil, errors.New("nobody is there")
			}})
			if _, _, err := exchange(client, newRequest(t.Context(), t, http.MethodGet, target, "")); err == nil {
				t.Fatal("got no error, want that of dialling")
			}
			if got, want := <-dialled, "tcp "+want; got != want {
				t.Errorf("dialled: got %s, want %s", got, want)
			}
		})
	}
}
