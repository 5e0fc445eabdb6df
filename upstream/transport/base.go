package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"crmgraph/upstream/transport/http1"
)

const (
	dialTimeout      = 5 * time.Second
	handshakeTimeout = 5 * time.Second
	// A request that meets an idle connection its server has just closed is sent again, so
	// that this may be longer than the server's own patience.
	idleTimeout = 90 * time.Second
)

// base sends what it can the lean way and leaves the rest to net/http: whatever goes
// through a proxy, servers that choose HTTP/2, and requests that package http1 does not
// serve.
type base struct {
	lean  *http1.Client
	full  *http.Transport
	http2 atomic.Bool                  // the CRM has chosen HTTP/2
	plain atomic.Pointer[http.Request] // what the proxy of a server was last chosen for
}

func newBase(opts Options, roots *x509.CertPool) *base {
	dial := (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext
	secure := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	return &base{
		lean: http1.New(http1.Options{
			Dial:             dial,
			TLS:              secure,
			HandshakeTimeout: handshakeTimeout,
			MaxIdle:          opts.MaxIdle,
			IdleTimeout:      idleTimeout,
		}),
		full: &http.Transport{
			Proxy:                 opts.Proxy,
			DialContext:           dial,
			TLSClientConfig:       secure.Clone(),
			TLSHandshakeTimeout:   handshakeTimeout,
			ForceAttemptHTTP2:     true,
			MaxIdleConns:          opts.MaxIdle,
			MaxIdleConnsPerHost:   opts.MaxIdle,
			IdleConnTimeout:       idleTimeout,
			ExpectContinueTimeout: time.Second,
		},
	}
}

// roundTrip sends one request.
func (b *base) roundTrip(req *http.Request) (*http.Response, error) {
	if !b.isLean(req) {
		return b.full.RoundTrip(req)
	}
	resp, err := b.lean.RoundTrip(req)
	if errors.Is(err, http1.ErrHTTP2) {
		return b.overHTTP2(req)
	}
	return resp, err
}

// exchange sends one request; see http1.Client. It reports that the request is not served where it
// has to go another way: nothing was sent then.
func (b *base) exchange(ctx context.Context, req *http1.Request, memory http1.Memory, limit int64) (resp *http.Response, served bool, err error) {
	if b.http2.Load() || !http1.ServesRequest(req) || httptrace.ContextClientTrace(ctx) != nil || !b.isDirect(req.Server) {
		return nil, false, nil
	}
	resp, err = b.lean.Exchange(ctx, req, memory, limit)
	if errors.Is(err, http1.ErrHTTP2) {
		b.http2.Store(true)
		return nil, false, nil
	}
	return resp, true, err
}

// overHTTP2 sends a request to a CRM that has just chosen HTTP/2.
func (b *base) overHTTP2(req *http.Request) (*http.Response, error) {
	b.http2.Store(true)
	again, err := rewound(req)
	if err != nil {
		return nil, err
	}
	return b.full.RoundTrip(again)
}

// isLean reports whether a request goes the lean way. One that is traced does not, for
// package http1 would keep silent about it.
func (b *base) isLean(req *http.Request) bool {
	return !b.http2.Load() && http1.Serves(req) && httptrace.ContextClientTrace(req.Context()) == nil && b.takesNoProxy(req)
}

// isDirect reports whether requests to a server take no proxy.
func (b *base) isDirect(server *url.URL) bool {
	if b.full.Proxy == nil {
		return true
	}
	plain := b.plain.Load()
	if plain == nil || plain.URL != server {
		plain = &http.Request{Method: http.MethodGet, URL: server, Host: server.Host}
		b.plain.Store(plain)
	}
	return b.takesNoProxy(plain)
}

func (b *base) takesNoProxy(req *http.Request) bool {
	if b.full.Proxy == nil {
		return true
	}
	proxy, err := b.full.Proxy(req)
	return proxy == nil && err == nil
}

// rewound returns req with its body at the start.
func rewound(req *http.Request) (*http.Request, error) {
	if req.GetBody == nil {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	again := *req
	again.Body = body
	return &again, nil
}

func (b *base) closeIdleConnections() {
	b.lean.CloseIdleConnections()
	b.full.CloseIdleConnections()
}
