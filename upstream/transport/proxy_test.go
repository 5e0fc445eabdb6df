package transport_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

// proxy passes requests on and keeps their first lines.
type proxy struct {
	*httptest.Server

	mu   sync.Mutex
	seen []string
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	p := new(proxy)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.seen = append(p.seen, r.Method+" "+r.RequestURI)
		p.mu.Unlock()
		if r.Method == http.MethodConnect {
			tunnel(t, w, r.Host)
			return
		}
		_, _ = io.WriteString(w, "from the proxy")
	}))
	t.Cleanup(p.Close)
	return p
}

// tunnel connects a client with a server until either has had enough.
func tunnel(t *testing.T, w http.ResponseWriter, address string) {
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	server, err := net.Dial("tcp", address) //nolint:noctx // The client's end limits it.
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.WriteString(client, "HTTP/1.1 200 Connected\r\n\r\n")
	var running sync.WaitGroup
	pass := func(to net.Conn, from io.Reader) {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	}
	running.Go(func() { pass(server, buffered) })
	running.Go(func() { pass(client, server) })
	running.Wait()
}

func (p *proxy) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen
}

func TestProxy(t *testing.T) {
	t.Parallel()
	refused := errors.New("no proxy known")
	plain, secure := newCRM(t), newCRM(t)
	plain.Start()
	secure.StartTLS()
	const direct = "HTTP/1.1 GET "
	tests := []struct {
		name   string
		crm    *crm
		url    string
		choose func(*proxy) (*url.URL, error)
		want   string
		err    error
		seen   []string
	}{
		{
			name: "http", crm: plain, url: "http://crm.test/a?b", choose: (*proxy).url,
			want: "from the proxy", seen: []string{"GET http://crm.test/a?b"},
		},
		{
			name: "https", crm: secure, url: secure.URL, choose: (*proxy).url,
			want: direct, seen: []string{"CONNECT " + secure.Listener.Addr().String()},
		},
		{
			name: "none for this request", crm: plain, url: plain.URL,
			choose: func(*proxy) (*url.URL, error) { return nil, nil }, want: direct,
		},
		{
			name: "cannot be told", crm: plain, url: plain.URL,
			choose: func(*proxy) (*url.URL, error) { return nil, refused }, err: refused,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t)
			tr := test.crm.trusting(t, func(*http.Request) (*url.URL, error) { return test.choose(p) })
			got, err := send(t, tr, http.MethodGet, test.url, nil)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %q (%v), want %q (%v)", got, err, test.want, test.err)
			}
			if got := p.requests(); len(got) != len(test.seen) || len(got) == 1 && got[0] != test.seen[0] {
				t.Errorf("seen by the proxy: got %q, want %q", got, test.seen)
			}
		})
	}
}

func (p *proxy) url() (*url.URL, error) { return url.Parse(p.URL) }
