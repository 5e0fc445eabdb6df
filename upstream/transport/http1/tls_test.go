package http1_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream/transport/http1"
)

// secureCRM is a server that counts its connections. Its certificate is for example.com
// and 127.0.0.1, from an authority nobody knows.
type secureCRM struct {
	*httptest.Server
	connections atomic.Int32
}

func serveTLS(t *testing.T, http2 bool, config *tls.Config) *secureCRM {
	t.Helper()
	crm := &secureCRM{Server: httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto+" "+tls.VersionName(r.TLS.Version))
	}))}
	crm.EnableHTTP2 = http2
	crm.TLS = config
	crm.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			crm.connections.Add(1)
		}
	}
	crm.StartTLS()
	t.Cleanup(crm.Close)
	return crm
}

// trusting returns a configuration that trusts the server.
func (s *secureCRM) trusting() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{RootCAs: roots}
}

// A server of TLS 1.3 sends session tickets after the handshake; they are not mistaken for
// bytes nobody asked for.
func TestTLSConnectionIsUsedAgain(t *testing.T) {
	t.Parallel()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			crm := serveTLS(t, false, &tls.Config{MinVersion: version, MaxVersion: version})
			client := newClient(t, http1.Options{TLS: crm.trusting()})
			for range 100 {
				if got, want := mustGet(t, client, crm.URL), "HTTP/1.1 "+tls.VersionName(version); got != want {
					t.Fatalf("got %q, want %q", got, want)
				}
			}
			if got, want := crm.connections.Load(), int32(1); got != want {
				t.Errorf("connections: got %d, want %d", got, want)
			}
		})
	}
}

func TestTLSRefusesOtherServers(t *testing.T) {
	t.Parallel()
	crm := serveTLS(t, false, nil)
	old := serveTLS(t, false, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}) //nolint:gosec // The test is about such a server.
	tests := []struct {
		name    string
		crm     *secureCRM
		config  *tls.Config
		url     string
		refused func(error) bool
	}{
		{name: "the right one", crm: crm, config: crm.trusting(), url: "https://example.com/", refused: func(err error) bool { return err == nil }},
		{name: "an unknown authority", crm: crm, config: nil, url: "https://example.com/", refused: isA[x509.UnknownAuthorityError]},
		{name: "a certificate for another host", crm: crm, config: crm.trusting(), url: "https://crm.test/", refused: isA[x509.HostnameError]},
		{name: "TLS 1.1", crm: old, config: old.trusting(), url: "https://example.com/", refused: func(err error) bool { return err != nil }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var open atomic.Int32
			client := newClient(t, http1.Options{TLS: test.config, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, test.crm.Listener.Addr().String())
				open.Add(1)
				return &countedConn{Conn: conn, gone: func() { open.Add(-1) }}, err
			}})
			_, _, err := exchange(client, newRequest(t.Context(), t, http.MethodGet, test.url, ""))
			if !test.refused(err) {
				t.Errorf("got error %v, want %s", err, test.name)
			}
			client.CloseIdleConnections()
			if got := open.Load(); got != 0 {
				t.Errorf("connections left: got %d, want 0", got)
			}
		})
	}
}

func isA[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

func TestTLSWithoutTLS(t *testing.T) {
	t.Parallel()
	crm := serve(t, func(p *peer) { p.answer("HTTP/1.1 400 Bad Request\r\n\r\n") })
	_, _, err := exchange(newClient(t, http1.Options{}), newRequest(t.Context(), t, http.MethodGet, "https"+crm.url[len("http"):], ""))
	if !isA[tls.RecordHeaderError](err) {
		t.Errorf("got error %v, want one that says it is not TLS", err)
	}
}

func TestServerThatChoosesHTTP2(t *testing.T) {
	t.Parallel()
	crm := serveTLS(t, true, nil)
	_, _, err := exchange(newClient(t, http1.Options{TLS: crm.trusting()}), newRequest(t.Context(), t, http.MethodGet, crm.URL, ""))
	if !errors.Is(err, http1.ErrHTTP2) {
		t.Errorf("got error %v, want %v", err, http1.ErrHTTP2)
	}
}

// A server that accepts a connection and says nothing more costs a request its patience,
// and no connection.
func TestTLSHandshakeEnds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handshake time.Duration
		request   time.Duration
		want      time.Duration
	}{
		"with its own limit":     {handshake: 2 * time.Second, request: time.Minute, want: 2 * time.Second},
		"with the request":       {handshake: time.Minute, request: 3 * time.Second, want: 3 * time.Second},
		"with the request alone": {handshake: 0, request: 3 * time.Second, want: 3 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				crm := newPipes(t, func(p *peer) { _, _ = io.Copy(io.Discard, p) })
				client := newClient(t, http1.Options{Dial: crm.dial, HandshakeTimeout: test.handshake})
				ctx, cancel := context.WithTimeout(t.Context(), test.request)
				defer cancel()
				start := time.Now()
				_, _, err := exchange(client, newRequest(ctx, t, http.MethodGet, "https://crm.test/", ""))
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error: got %v, want %v", err, context.DeadlineExceeded)
				}
				if got := time.Since(start); got != test.want {
					t.Errorf("ended after %v, want %v", got, test.want)
				}
				if got := crm.open.Load(); got != 0 {
					t.Errorf("connections left: got %d, want 0", got)
				}
			})
		})
	}
}

// A server that stops reading cannot hold on to a client that has given up, not even for
// the farewell of TLS.
func TestTLSRequestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	crm := serveTLS(t, false, nil)
	certificates := crm.TLS.Certificates
	trusted := crm.trusting()
	const patience = 3 * time.Second
	synctest.Test(t, func(t *testing.T) {
		pipes := newPipes(t, func(p *peer) {
			secured := tls.Server(p.Conn, &tls.Config{Certificates: certificates})
			_ = secured.HandshakeContext(p.t.Context())
			<-p.t.Context().Done()
		})
		client := newClient(t, http1.Options{Dial: pipes.dial, TLS: trusted})
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		start := time.Now()
		_, _, err := exchange(client, newRequest(ctx, t, http.MethodGet, "https://example.com/", ""))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error: got %v, want %v", err, context.DeadlineExceeded)
		}
		if got := time.Since(start); got != patience {
			t.Errorf("ended after %v, want %v", got, patience)
		}
	})
}
