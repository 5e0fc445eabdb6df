package transport_test

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"crmgraph/upstream/transport"
)

func TestNewTrustsThePrivateCA(t *testing.T) {
	t.Parallel()
	crm := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "[]")
	}))
	t.Cleanup(crm.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: crm.Certificate().Raw})

	tests := []struct {
		name    string
		ca      []byte
		trusted bool
	}{
		{name: "system certificates only", ca: nil, trusted: false},
		{name: "certificate of the installation", ca: ca, trusted: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tr, err := transport.New(transport.Options{CA: test.ca})
			if err != nil {
				t.Fatal(err)
			}
			defer tr.CloseIdleConnections()
			err = get(t, tr, crm.URL)
			if got, want := err == nil, test.trusted; got != want {
				t.Errorf("answered: got %t (%v), want %t", got, err, want)
			}
		})
	}
}

func TestNewRefusesOldTLS(t *testing.T) {
	t.Parallel()
	crm := httptest.NewUnstartedServer(http.NotFoundHandler())
	crm.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} //nolint:gosec // The test is about such a server.
	crm.StartTLS()
	t.Cleanup(crm.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: crm.Certificate().Raw})
	tr, err := transport.New(transport.Options{CA: ca})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.CloseIdleConnections()
	if err := get(t, tr, crm.URL); err == nil {
		t.Error("a server that speaks TLS 1.1 at most: got an answer, want an error")
	}
}

func TestNewKeepsConnections(t *testing.T) {
	t.Parallel()
	const concurrent = 8
	addresses := make(chan string, 2*concurrent)
	arrived := make(chan struct{}, concurrent)
	proceed := make(chan struct{})
	crm := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		addresses <- r.RemoteAddr
		arrived <- struct{}{}
		<-proceed
	}))
	t.Cleanup(crm.Close)
	tr, err := transport.New(transport.Options{MaxIdle: concurrent})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.CloseIdleConnections()

	for range 2 {
		var wg sync.WaitGroup
		for range concurrent {
			wg.Go(func() {
				if err := get(t, tr, crm.URL); err != nil {
					t.Error(err)
				}
			})
		}
		for range concurrent {
			<-arrived
		}
		for range concurrent {
			proceed <- struct{}{}
		}
		wg.Wait()
	}
	close(addresses)
	distinct := make(map[string]bool)
	for address := range addresses {
		distinct[address] = true
	}
	if got, want := len(distinct), concurrent; got != want {
		t.Errorf("connections of two rounds of %d requests at once: got %d, want %d", concurrent, got, want)
	}
}

func TestNewRefusesImpossibleOptions(t *testing.T) {
	t.Parallel()
	tests := map[string]transport.Options{
		"no certificate": {CA: []byte("not PEM")},
		"empty file":     {CA: []byte{}},
		"negative limit": {MaxIdle: -1},
	}
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := transport.New(opts); err == nil {
				t.Error("got no error, want one")
			}
		})
	}
}

func get(t *testing.T, tr http.RoundTripper, url string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	return err
}
