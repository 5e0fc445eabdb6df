package transport_test

import (
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"crmgraph/upstream/transport"
)

// crm is a server that says what it was asked, and counts its connections.
type crm struct {
	*httptest.Server
	connections atomic.Int32
}

func newCRM(t *testing.T) *crm {
	c := &crm{Server: httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, r.Proto+" "+r.Method+" "+string(body))
	}))}
	c.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			c.connections.Add(1)
		}
	}
	t.Cleanup(c.Close)
	return c
}

// trusting returns a Transport for a server with a certificate of its own.
func (c *crm) trusting(t *testing.T, proxy func(*http.Request) (*url.URL, error)) *transport.Transport {
	t.Helper()
	var ca []byte
	if certificate := c.Certificate(); certificate != nil {
		ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
	}
	tr, err := transport.New(transport.Options{CA: ca, Proxy: proxy})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func send(t *testing.T, tr http.RoundTripper, method, url string, body io.Reader) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return roundTrip(tr, req)
}

func roundTrip(tr http.RoundTripper, req *http.Request) (string, error) {
	resp, err := tr.RoundTrip(req)
	if err != nil {
		return "", err
	}
	got, err := io.ReadAll(resp.Body)
	return string(got), errors.Join(err, resp.Body.Close())
}

// The first connection finds out what a server speaks. It is lost when that is HTTP/2.
func TestProtocolIsTheServersChoice(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		http2       bool
		want        string
		connections int32
	}{
		"HTTP/2 and 1.1": {http2: true, want: "HTTP/2.0 POST hello", connections: 2},
		"HTTP/1.1 alone": {http2: false, want: "HTTP/1.1 POST hello", connections: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crm := newCRM(t)
			crm.EnableHTTP2 = test.http2
			crm.StartTLS()
			tr := crm.trusting(t, nil)
			for range 5 {
				got, err := send(t, tr, http.MethodPost, crm.URL, strings.NewReader("hello"))
				if err != nil || got != test.want {
					t.Errorf("got %q (%v), want %q", got, err, test.want)
				}
			}
			if got := crm.connections.Load(); got != test.connections {
				t.Errorf("connections: got %d, want %d", got, test.connections)
			}
		})
	}
}

// onceBody is a body like a file's: closed, it cannot be read.
type onceBody struct {
	io.Reader
	closed atomic.Bool
}

func (b *onceBody) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, errors.New("the body is closed")
	}
	return b.Reader.Read(p)
}

func (b *onceBody) Close() error {
	b.closed.Store(true)
	return nil
}

func TestBodyReachesServerOfHTTP2Whole(t *testing.T) {
	t.Parallel()
	crm := newCRM(t)
	crm.EnableHTTP2 = true
	crm.StartTLS()
	var bodies []*onceBody
	open := func() (io.ReadCloser, error) {
		bodies = append(bodies, &onceBody{Reader: strings.NewReader("hello")})
		return bodies[len(bodies)-1], nil
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, crm.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Body, _ = open()
	req.GetBody, req.ContentLength = open, int64(len("hello"))
	got, err := roundTrip(crm.trusting(t, nil), req)
	if want := "HTTP/2.0 POST hello"; err != nil || got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
	for i, body := range bodies {
		if !body.closed.Load() {
			t.Errorf("body %d of %d is open, want it closed", i+1, len(bodies))
		}
	}
}

// What package http1 does not serve goes another way, and arrives all the same.
func TestEveryRequestIsServed(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 1<<20)
	tests := map[string]struct {
		method string
		body   io.Reader
		want   string
	}{
		"GET":                    {method: http.MethodGet, want: "HTTP/1.1 GET "},
		"POST":                   {method: http.MethodPost, body: strings.NewReader("hello"), want: "HTTP/1.1 POST hello"},
		"PUT":                    {method: http.MethodPut, body: strings.NewReader("hello"), want: "HTTP/1.1 PUT hello"},
		"DELETE":                 {method: http.MethodDelete, want: "HTTP/1.1 DELETE "},
		"large body":             {method: http.MethodPost, body: strings.NewReader(large), want: "HTTP/1.1 POST " + large},
		"body of unknown length": {method: http.MethodPost, body: io.MultiReader(strings.NewReader("hello")), want: "HTTP/1.1 POST hello"},
	}
	crm := newCRM(t)
	crm.Start()
	tr := crm.trusting(t, nil)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := send(t, tr, test.method, crm.URL, test.body)
			if err != nil || got != test.want {
				t.Errorf("got %.100q (%v), want %.100q", got, err, test.want)
			}
		})
	}
}

// A server that refuses a large body by its length answers at once and reads none of it.
func TestRefusalOfALargeBody(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	crm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		socket, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(socket, "HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\ntoo large")
		<-done
		_ = socket.Close()
	}))
	t.Cleanup(crm.Close)
	t.Cleanup(func() { close(done) })
	tr, err := transport.New(transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := send(t, tr, http.MethodPost, crm.URL, strings.NewReader(strings.Repeat("x", 32<<20)))
	if want := "too large"; err != nil || got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

// Tracing is for whoever looks into a slow call, and must not lose its hooks.
func TestTracedRequestIsTraced(t *testing.T) {
	t.Parallel()
	crm := newCRM(t)
	crm.Start()
	var connected, answered bool
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { connected = true },
		GotFirstResponseByte: func() { answered = true },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, crm.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := roundTrip(crm.trusting(t, nil), req); err != nil {
		t.Fatal(err)
	}
	if !connected || !answered {
		t.Errorf("hooks called: connection %t, first byte %t, want both", connected, answered)
	}
}

func TestImpossibleRequestsAreErrors(t *testing.T) {
	t.Parallel()
	crm := newCRM(t)
	crm.Start()
	tr := crm.trusting(t, nil)
	tests := map[string]func(*http.Request){
		"no URL":         func(r *http.Request) { r.URL = nil },
		"another scheme": func(r *http.Request) { r.URL.Scheme = "ftp" },
		"space in host":  func(r *http.Request) { r.Host = "a b" },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, crm.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			change(req)
			if _, err := roundTrip(tr, req); err == nil {
				t.Error("got no error, want one")
			}
		})
	}
}
