// Package transport is the way from a client to its CRM: it sends one HTTP request.
package transport

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"crmgraph/upstream/transport/http1"
)

// DefaultMaxIdle is the number of idle connections kept unless chosen otherwise.
const DefaultMaxIdle = 256

// Options are the settings of a Transport; the zero value means the defaults.
type Options struct {
	// CA holds PEM certificates that are trusted besides those of the system; nil for none.
	CA []byte
	// MaxIdle is the number of idle connections kept: best as many as there are requests
	// at once. DefaultMaxIdle when 0.
	MaxIdle int
	// Proxy chooses the proxy of a request, as in http.Transport; nil means no proxy. Where it is
	// asked for Exchange, it is shown a request to the server, without path and header.
	Proxy func(*http.Request) (*url.URL, error)
}

// Transport sends the requests of one client to one CRM. It is safe for concurrent use.
type Transport struct {
	base *base
}

// New returns the Transport for one CRM. It fails when MaxIdle is negative or the
// certificates cannot be read.
func New(opts Options) (*Transport, error) {
	if opts.MaxIdle < 0 {
		return nil, errors.New("the number of idle connections must not be negative")
	}
	if opts.MaxIdle == 0 {
		opts.MaxIdle = DefaultMaxIdle
	}
	roots, err := rootsWith(opts.CA)
	if err != nil {
		return nil, err
	}
	return &Transport{base: newBase(opts, roots)}, nil
}

// RoundTrip sends one request.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.base.roundTrip(req)
}

// Exchange is RoundTrip for one who wants nothing of most answers but their bodies: where an
// answer has status 200 and nothing stands against it, its body, of no more than limit bytes, is
// read into memory, and there is no response. Every other answer is one. A request that is not
// served was not sent, and has to go by RoundTrip.
func (t *Transport) Exchange(ctx context.Context, req *http1.Request, memory http1.Memory, limit int64) (resp *http.Response, served bool, err error) {
	return t.base.exchange(ctx, req, memory, limit)
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
