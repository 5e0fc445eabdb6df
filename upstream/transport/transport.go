// Package transport is the way from a client to its CRM: one chain of
// http.RoundTrippers, written down once in New.
package transport

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// DefaultMaxConcurrent is the number of requests one CRM is sent at once unless chosen otherwise.
const DefaultMaxConcurrent = 256

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
	base  *base
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
func (t *Transport) CloseIdleConnections() { t.base.closeIdleConnections() }

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
