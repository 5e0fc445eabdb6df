//go:build linux || darwin

package front_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkRequests compares the front with net/http's server: a query of 1.2 kB, answered with
// 17 kB. One client asks one request after the other, or ten for each processor do, or a hundred
// whose requests wait for 25 ms, as for an upstream. The processors' time is that of the process, with the
// clients in it: they write prepared bytes.
func BenchmarkRequests(b *testing.B) {
	for _, load := range []struct {
		name    string
		clients int // for each processor; 0 for one in all
		wait    time.Duration
	}{{"sequential", 0, 0}, {"parallel", 10, 0}, {"waiting", 100, 25 * time.Millisecond}} {
		handler := answerBenchmark(load.wait)
		for _, by := range []struct {
			name   string
			server server
		}{{"front", newFront(handler)}, {"nethttp", newServer(handler)}} {
			address := start(b, by.server)
			b.Run(load.name+"/"+by.name, func(b *testing.B) {
				if load.clients == 0 {
					measure(b, func() { newBenchClient(b, address).askWhile(b, b.Loop) })
					return
				}
				b.SetParallelism(load.clients)
				measure(b, func() {
					b.RunParallel(func(pb *testing.PB) { newBenchClient(b, address).askWhile(b, pb.Next) })
				})
			})
		}
	}
}

func answerBenchmark(wait time.Duration) http.HandlerFunc {
	answer := []byte(strings.Repeat("x", 17<<10))
	length := strconv.Itoa(len(answer))
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if wait > 0 {
			time.Sleep(wait)
		}
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Header()["Content-Length"] = []string{length}
		_, _ = w.Write(answer)
	}
}

// measure reports the time of the processor that run takes for each request.
func measure(b *testing.B, run func()) {
	b.Helper()
	b.ReportAllocs()
	before := cpuTime(b)
	run()
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "user+sys-ns/op")
}

// cpuTime is the user and system time of the process so far.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Error(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// benchClient writes one request again and again, and allocates nothing.
type benchClient struct {
	connection io.Writer
	answers    *bufio.Reader
	request    []byte
}

func newBenchClient(b *testing.B, address string) *benchClient {
	b.Helper()
	conn := dial(b, address)
	body := strings.Repeat("q", 700)
	return &benchClient{conn, bufio.NewReaderSize(conn, 32<<10), []byte("POST /graphql HTTP/1.1\r\nHost: localhost:8080\r\n" +
		"User-Agent: bench\r\nAccept: application/json\r\nAccept-Encoding: gzip, deflate, br\r\nConnection: keep-alive\r\n" +
		"Authorization: Bearer " + strings.Repeat("t", 300) + "\r\nContent-Type: application/json\r\n" +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)}
}

func (c *benchClient) askWhile(b *testing.B, goOn func() bool) {
	b.Helper()
	for goOn() {
		if err := c.ask(); err != nil {
			b.Error(err)
			return
		}
	}
}

func (c *benchClient) ask() error {
	if _, err := c.connection.Write(c.request); err != nil {
		return err
	}
	length := 0
	for {
		line, err := c.answers.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == len("\r\n") {
			break
		}
		if digits, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(digits))); err != nil {
				return err
			}
		}
	}
	_, err := c.answers.Discard(length)
	return err
}
