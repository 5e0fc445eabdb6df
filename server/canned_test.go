package main

import (
	"bufio"
	"bytes"
	"fmt"
	"hash/maphash"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
)

// cannedCRM answers each request with what a real CRM has answered it the first time. It
// allocates nothing for an answer it knows and does next to no work, so that what is
// measured is the gateway.
type cannedCRM struct {
	target string // base URL of the CRM behind it
	seed   maphash.Seed

	mu      sync.RWMutex
	answers map[uint64][]byte // by request line and body
}

// startCanned starts a canned CRM before the one at target and returns its base URL.
func startCanned(tb testing.TB, target string) string {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	crm := &cannedCRM{target: target, seed: maphash.MakeSeed(), answers: map[uint64][]byte{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { crm.serve(conn) })
		}
	})
	tb.Cleanup(func() {
		if err := listener.Close(); err != nil {
			tb.Error(err)
		}
		serving.Wait()
	})
	return "http://" + listener.Addr().String()
}

// serve answers on one connection until the client closes it.
func (c *cannedCRM) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	request := make([]byte, 64<<10)
	length := 0
	for {
		n, err := conn.Read(request[length:])
		if err != nil {
			return
		}
		length += n
		if !isWhole(request[:length]) {
			continue
		}
		if _, err := conn.Write(c.answer(request[:length])); err != nil {
			return
		}
		length = 0
	}
}

var (
	endOfHead     = []byte("\r\n\r\n")
	contentLength = []byte("\r\nContent-Length: ")
)

// isWhole reports whether a request has arrived with all of its body.
func isWhole(request []byte) bool {
	head, body, found := bytes.Cut(request, endOfHead)
	if !found {
		return false
	}
	_, digits, found := bytes.Cut(head, contentLength)
	if !found {
		return true
	}
	digits, _, _ = bytes.Cut(digits, []byte("\r\n"))
	length, err := strconv.Atoi(string(digits))
	return err != nil || len(body) >= length
}

func (c *cannedCRM) answer(request []byte) []byte {
	line, _, _ := bytes.Cut(request, []byte("\r\n"))
	_, body, _ := bytes.Cut(request, endOfHead)
	key := maphash.Bytes(c.seed, line)*31 + maphash.Bytes(c.seed, body)
	c.mu.RLock()
	answer := c.answers[key]
	c.mu.RUnlock()
	if answer != nil {
		return answer
	}
	answer = c.ask(request)
	c.mu.Lock()
	c.answers[key] = answer
	c.mu.Unlock()
	return answer
}

// ask passes a request on to the CRM; what goes wrong is the answer.
func (c *cannedCRM) ask(request []byte) []byte {
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
	if err != nil {
		return failure(err)
	}
	// The request is one a server has received; sent on, it is a client's.
	out, err := http.NewRequest(req.Method, c.target+req.RequestURI, req.Body) //nolint:noctx // it ends with the sandbox
	if err != nil {
		return failure(err)
	}
	out.Header, out.ContentLength = req.Header, req.ContentLength
	out.Header.Del("Accept-Encoding")
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		return failure(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return failure(err)
	}
	return fmt.Appendf(nil, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		resp.Status, resp.Header.Get("Content-Type"), len(body), body)
}

func failure(err error) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: %d\r\n\r\n%v", len(err.Error()), err)
}
