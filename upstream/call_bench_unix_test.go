//go:build linux || darwin

package upstream_test

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/alarm"
	"crmgraph/upstream/cache"
	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/jsonread"
	"crmgraph/upstream/resilience"
	"crmgraph/upstream/transport"
)

// BenchmarkCall makes 136 different calls at once, as a dashboard does, through all that stands
// between a client and its CRM. The server costs little; cpu-ns/call has it in, as user and
// system time of the process. Allocations are those of the calls alone.
func BenchmarkCall(b *testing.B) {
	const calls = 136
	caller := newGatewayCaller(b, "http://"+serveFixed(b)+"/backend/public")
	steps := upstream.Call{Service: upstream.Solos, Operation: "steps", Method: http.MethodGet, Path: "projects/steps"}
	header := upstream.NewHeader(http.Header{"X-Crypto-Token": {"token"}, "X-Crypto-Secret": {"secret"}})
	ctx := callcontext.WithTimeout(b.Context(), new(alarm.Clock), time.Hour) // as requests have it
	defer ctx.Cancel()
	call := func(id int) {
		req := &upstream.Request{Call: &steps, Query: "id=" + strconv.Itoa(id), Header: header, Scope: "company"}
		if _, err := upstream.Get(ctx, caller, req, func(d *jsonread.Decoder) (int, error) { return 0, d.Skip() }); err != nil {
			b.Error(err)
		}
	}
	// Goroutines of their own, so that no stack has to grow.
	ids := make(chan int)
	defer close(ids)
	var running sync.WaitGroup
	for range calls {
		go func() {
			for id := range ids {
				call(id)
				running.Done()
			}
		}()
	}
	round := func() {
		running.Add(calls)
		for id := range calls {
			ids <- id
		}
		running.Wait()
	}
	round() // opens the connections, and lets it be known when a call is slow
	b.ReportAllocs()
	start := cpuTime(b)
	for b.Loop() {
		round()
	}
	b.ReportMetric(float64(cpuTime(b)-start)/float64(b.N)/calls, "cpu-ns/call")
}

// newGatewayCaller returns a Caller as the gateway has it where it keeps no answers.
func newGatewayCaller(b *testing.B, url string) *upstream.Caller {
	b.Helper()
	way, err := transport.New(transport.Options{Proxy: http.ProxyFromEnvironment})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(way.CloseIdleConnections)
	policy, err := resilience.New(resilience.Options{Hedge: true})
	if err != nil {
		b.Fatal(err)
	}
	answers, err := cache.New(cache.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(answers.Close)
	caller, err := upstream.NewCaller(url, upstream.CallerOptions{Transport: way, Policy: policy, Answers: answers})
	if err != nil {
		b.Fatal(err)
	}
	return caller
}

// serveFixed answers whatever comes with one read, a request of this benchmark, with 2 kB of
// JSON.
func serveFixed(b *testing.B) (address string) {
	b.Helper()
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" +
		"Date: Mon, 02 Jan 2006 15:04:05 GMT\r\nContent-Length: 2000\r\n\r\n\"" + strings.Repeat("x", 1998) + `"`)
	listener, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
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
	return listener.Addr().String()
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
