//go:build linux || darwin

// Package httpclient_test compares HTTP clients by what a call costs them.
package httpclient_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"crmgraph/upstream/transport"
)

const (
	calls    = 100 // side by side
	bodySize = 2000
	patience = time.Minute
)

// BenchmarkClient makes 100 calls side by side, each with a deadline, and reads each body
// into memory that is used again. cpu-ns/call is user and system time of the client.
func BenchmarkClient(b *testing.B) {
	address := startServer(b)
	lean, err := transport.New(transport.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer lean.CloseIdleConnections()
	stock := &http.Transport{MaxIdleConns: calls, MaxIdleConnsPerHost: calls}
	defer stock.CloseIdleConnections()
	target := &url.URL{Scheme: "http", Host: address, Path: "/portfolio"}

	b.Run("lean", func(b *testing.B) { measure(b, overRoundTripper(lean, target)) })
	b.Run("net_http", func(b *testing.B) { measure(b, overRoundTripper(stock, target)) })
	b.Run("fasthttp", func(b *testing.B) {
		client := &fasthttp.HostClient{Addr: address, MaxConns: calls}
		defer client.CloseIdleConnections()
		measure(b, overFasthttp(client, target.String()))
	})
}

// call makes one call. Its context is the operation's, as in the gateway.
type call func(ctx context.Context) error

func overRoundTripper(next http.RoundTripper, target *url.URL) call {
	buffers := sync.Pool{New: func() any { return new(bytes.Buffer) }}
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		at := *target
		req := (&http.Request{
			Method: http.MethodGet, URL: &at, Host: at.Host,
			Header: http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer 0123456789"}},
			Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		}).WithContext(ctx)
		resp, err := next.RoundTrip(req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		body := buffers.Get().(*bytes.Buffer)
		defer buffers.Put(body)
		body.Reset()
		if _, err := body.ReadFrom(resp.Body); err != nil {
			return err
		}
		return check(resp.StatusCode, body.Bytes())
	}
}

func overFasthttp(client *fasthttp.HostClient, target string) call {
	return func(context.Context) error {
		req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseRequest(req)
		defer fasthttp.ReleaseResponse(resp)
		req.SetRequestURI(target)
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Authorization", "Bearer 0123456789")
		if err := client.DoTimeout(req, resp, patience); err != nil {
			return err
		}
		return check(resp.StatusCode(), resp.Body())
	}
}

func check(status int, body []byte) error {
	if status != http.StatusOK || len(body) != bodySize {
		return fmt.Errorf("status %d, %d bytes", status, len(body))
	}
	return nil
}

func measure(b *testing.B, send call) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	round := func() {
		var running sync.WaitGroup
		for range calls {
			running.Go(func() {
				if err := send(ctx); err != nil {
					b.Error(err)
				}
			})
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
