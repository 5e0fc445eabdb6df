// Package transport is the way from a client to its CRM: one chain of
// http.RoundTrippers, written down once in New.
package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// DefaultMaxConcurrent is the number of requests one CRM is sent at once unless chosen otherwise.
const DefaultMaxConcurrent = 256

const (
	dialTimeout      = 5 * time.Second
	handshakeTimeout = 5 * time.Second
	// A request that meets an idle connection its server has just closed is sent again by
	// net/http, so that this may be longer than the server's own patience.
	idleTimeout = 90 * time.Second
	// readBuffer takes most answers in one system call.
	readBuffer = 64 << 10
)

// Options are the settings of a Transport; the zero value means the defaults.
type Options struct {
	// CA holds PEM certificates that are trusted besides those of the system; nil for none.
	CA []byte
	// MaxConcurrent is the number of requests in work at once, and of idle connections
	// kept; DefaultMaxConcurrent when 0.
	MaxConcurrent int
	// Proxy chooses the proxy of a request, as in http.Transport; nil means no proxy.
	Proxy func(*http.Request) (*url.URL, error)
}

// Transport sends the requests of one client to one CRM. It is safe for concurrent use.
type Transport struct {
	chain http.RoundTripper
	base  *http.Transport
}

// New returns the Transport for one CRM. It fails when the limit is negative or the
// certificates cannot be read.
func New(opts Options) (*Transport, error) {
	if opts.MaxConcurrent < 0 {
		return nil, errors.New("the limit of concurrent requests must not be negative")
	}
	if opts.MaxConcurrent == 0 {
		opts.MaxConcurrent = DefaultMaxConcurrent
	}
	roots, err := rootsWith(opts.CA)
	if err != nil {
		return nil, err
	}
	base := newBase(opts, roots)
	return &Transport{chain: Limit(base, opts.MaxConcurrent), base: base}, nil
}

// RoundTrip sends one request through the chain.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.chain.RoundTrip(req)
}

// CloseIdleConnections closes the connections that carry no request.
func (t *Transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

func newBase(opts Options, roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy:                 opts.Proxy,
		DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:   handshakeTimeout,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          opts.MaxConcurrent,
		MaxIdleConnsPerHost:   opts.MaxConcurrent,
		IdleConnTimeout:       idleTimeout,
		ExpectContinueTimeout: time.Second,
		ReadBufferSize:        readBuffer,
	}
}

// rootsWith returns the system's certificates with ca added, or nil, which means the
// system's, when there is nothing to add.
func rootsWith(ca []byte) (*x509.CertPool, error) {
	if ca == nil {
		return nil, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificates: %w", err)
	}
	if !roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("no PEM certificate found")
	}
	return roots, nil
}
