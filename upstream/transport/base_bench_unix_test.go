//go:build linux || darwin

package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"crmgraph/upstream/alarm"
	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/transport/http1"
)

// BenchmarkRoundTrip sends 100 requests side by side through all ways of base, as a
// client of a CRM does: with a deadline, and reading the body into a buffer. The server
// costs little; cpu-ns/call has it in, as user and system time of the process.
func BenchmarkRoundTrip(b *testing.B) {
	const calls = 100
	secure := httptest.NewTLSServer(nil)
	defer secure.Close()
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	base := newBase(Options{MaxIdle: DefaultMaxIdle}, roots)
	defer base.closeIdleConnections()
	for _, server := range []struct{ scheme, address string }{
		{scheme: "http", address: serveFixed(b, nil)},
		{scheme: "https", address: serveFixed(b, &tls.Config{Certificates: secure.TLS.Certificates})},
	} {
		for _, way := range []struct {
			name string
			read func(ctx context.Context, b *testing.B, url string)
		}{
			{name: "short", read: exchanging(b, base, server.scheme+"://"+server.address)},
			{name: "lean", read: roundTripping(base.lean)},
			{name: "net_http", read: roundTripping(base.full)},
		} {
			b.Run(server.scheme+"/"+way.name, func(b *testing.B) {
				ctx := callcontext.WithTimeout(b.Context(), new(alarm.Clock), time.Hour)
				defer ctx.Cancel()
				url := server.scheme + "://" + server.address + "/"
				round := func() {
					var running sync.WaitGroup
					for range calls {
						running.Go(func() { way.read(ctx, b, url) })
					}
					running.Wait()
				}
				round() // opens the connections
				b.ReportAllocs()
				start := cpuTime(b)
				for b.Loop() {
					round()
				}
				b.ReportMetric(float64(cpuTime(b)-start)/float64(b.N)/calls, "cpu-ns/call")
			})
		}
	}
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func newRequest(ctx context.Context, b *testing.B, url string) *http.Request {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		b.Error(err)
	}
	return req
}

// exchanging returns what reads an answer the short way.
func exchanging(b *testing.B, base *base, server string) func(context.Context, *testing.B, string) {
	b.Helper()
	to, err := url.Parse(server)
	if err != nil {
		b.Fatal(err)
	}
	req := &http1.Request{Server: to, Path: [4]string{"/"}, Header: http1.NewHeader(http.Header{})}
	return func(ctx context.Context, b *testing.B, _ string) {
		memory := memories.Get().(*memory)
		resp, served, err := base.exchange(ctx, req, memory, 1<<20) //nolint:bodyclose // there is no response
		if err != nil || !served || resp != nil {
			b.Errorf("got a response (%v), want a body", err)
		}
		memories.Put(memory)
	}
}

var memories = sync.Pool{New: func() any { return new(memory) }}

// memory is http1.Memory for one body after the other.
type memory struct{ bytes []byte }

func (m *memory) Make(n int) []byte {
	m.bytes = slices.Grow(m.bytes[:0], n)[:n]
	return m.bytes
}

// roundTripping returns what reads an answer by way of a response.
func roundTripping(next http.RoundTripper) func(context.Context, *testing.B, string) {
	return func(ctx context.Context, b *testing.B, url string) {
		resp, err := next.RoundTrip(newRequest(ctx, b, url))
		if err != nil {
			b.Error(err)
			return
		}
		buffer := buffers.Get().(*bytes.Buffer)
		buffer.Reset()
		if _, err := buffer.ReadFrom(resp.Body); err != nil {
			b.Error(err)
		}
		buffers.Put(buffer)
		_ = resp.Body.Close()
	}
}

// serveFixed answers whatever comes with one read, a request of this benchmark, with 2 kB
// of JSON.
func serveFixed(b *testing.B, config *tls.Config) string {
	b.Helper()
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" +
		"Date: Mon, 02 Jan 2006 15:04:05 GMT\r\nContent-Length: 2000\r\n\r\n" + strings.Repeat("x", 2000))
	listener, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := listener.Addr().String()
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	b.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				request := make([]byte, 4<<10)
				for {
					if _, err := conn.Read(request); err != nil {
						_ = conn.Close()
						return
					}
					_, _ = conn.Write(answer)
				}
			}()
		}
	}()
	return address
}

// cpuTime is the user and system time of the process so far.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
