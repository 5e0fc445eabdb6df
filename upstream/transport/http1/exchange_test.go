package http1_test

import (
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"crmgraph/upstream/transport/http1"
)

// room is the memory of one body.
type room []byte

// Make is part of http1.Memory.
func (r *room) Make(n int) []byte {
	*r = make([]byte, n)
	return *r
}

// shortened returns a request as Exchange takes it, and whether it is one for Exchange.
func shortened(t testing.TB, req *http.Request) (http1.Request, bool) {
	t.Helper()
	short := http1.Request{
		Server: req.URL, Path: [4]string{cmp.Or(req.URL.EscapedPath(), "/")}, Query: req.URL.RawQuery, Header: http1.NewHeader(req.Header),
	}
	if req.GetBody != nil {
		reader, err := req.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		if short.Body, err = io.ReadAll(reader); err != nil {
			t.Fatal(err)
		}
	}
	alike := (short.Body != nil) == (req.Method == http.MethodPost) && int64(len(short.Body)) == req.ContentLength &&
		req.Host == req.URL.Host && !req.URL.ForceQuery && !req.Close
	return short, alike && http1.ServesRequest(&short)
}

// shortly is exchange by way of Exchange, for which nothing is too large. What is not for it goes
// the other way.
func shortly(t testing.TB, client *http1.Client, req *http.Request) (int, string, error) {
	t.Helper()
	short, served := shortened(t, req)
	if !served {
		return exchange(client, req)
	}
	const unlimited = 1 << 40
	var memory room
	resp, err := client.Exchange(req.Context(), &short, &memory, unlimited)
	switch {
	case err != nil:
		return 0, "", err
	case resp == nil:
		return http.StatusOK, string(memory), nil
	}
	body, err := io.ReadAll(resp.Body)
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	return resp.StatusCode, string(body), err
}

// bothWays are the ways to send a request and to read all of its answer.
func bothWays() map[string]func(testing.TB, *http1.Client, *http.Request) (int, string, error) {
	return map[string]func(testing.TB, *http1.Client, *http.Request) (int, string, error){
		"RoundTrip": func(_ testing.TB, client *http1.Client, req *http.Request) (int, string, error) {
			return exchange(client, req)
		},
		"Exchange": shortly,
	}
}

// codeOf is the number that a status begins with.
func codeOf(status string) int {
	digits, _, _ := strings.Cut(status, " ")
	code, _ := strconv.Atoi(digits)
	return code
}

func TestExchangeReadsEveryAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range answerTests() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			crm := serve(t, func(p *peer) {
				if p.request() == nil {
					return
				}
				p.answer(test.answer)
				if !test.closes {
					_ = p.request()
				}
			})
			req := newRequest(t.Context(), t, http.MethodGet, crm.url, "")
			if test.asked != nil {
				req.Header = test.asked
			}
			status, body, err := shortly(t, newClient(t, http1.Options{}), req)
			if got, want := err != nil, test.fails != ""; got != want {
				t.Fatalf("fails: got %t (%v), want %t", got, err, want)
			}
			if err == nil && (status != codeOf(test.status) || body != test.body) {
				t.Errorf("got %d and %d bytes %.100q, want %s and %d bytes %.100q", status, len(body), body, test.status, len(test.body), test.body)
			}
		})
	}
}

// What is read at once is appended; of all else there is a response, and nothing is appended.
func TestExchangeAppends(t *testing.T) {
	t.Parallel()
	const limit = 5
	tests := []struct {
		name   string
		answer string
		want   string // after what was there before; "" where there is a response
	}{
		{name: "a plain answer", answer: ok("hello"), want: "hello"},
		{name: "a plain answer with other fields", answer: okLine + "X-A: 1\r\nX-A: 2\r\nconnection: Keep-Alive\r\ncontent-length: 5\r\n\r\nhello", want: "hello"},
		{name: "not one above the limit", answer: ok("hello!")},
		{name: "not an error", answer: "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello"},
		{name: "not another success", answer: "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello"},
		{name: "not what is compressed", answer: okLine + "content-encoding: br\r\nContent-Length: 5\r\n\r\nhello"},
		{name: "not chunks", answer: okLine + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
		{name: "not before the connection ends", answer: okLine + "Connection: close\r\nContent-Length: 5\r\n\r\nhello"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			crm := serve(t, func(p *peer) { p.answerAll(test.answer) })
			req, served := shortened(t, newRequest(t.Context(), t, http.MethodGet, crm.url, ""))
			if !served {
				t.Fatal("not served")
			}
			var memory room
			resp, err := newClient(t, http1.Options{}).Exchange(t.Context(), &req, &memory, limit)
			if err != nil {
				t.Fatal(err)
			}
			if resp != nil {
				defer func() { _ = resp.Body.Close() }()
			}
			if got, want := resp == nil, test.want != ""; got != want {
				t.Errorf("read at once: got %t, want %t", got, want)
			}
			if got := string(memory); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestExchangeUsesConnectionsAgain(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 100<<10)
	tests := map[string]struct {
		answer, body string
		connections  int32
	}{
		"after an answer":               {answer: ok("hello"), body: "hello", connections: 1},
		"after a large answer":          {answer: ok(large), body: large, connections: 1},
		"after an empty answer":         {answer: ok(""), connections: 1},
		"not with bytes nobody awaited": {answer: ok("hello") + ok("wrong"), body: "hello", connections: 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crm := serve(t, func(p *peer) { p.answerAll(test.answer) })
			client := newClient(t, http1.Options{})
			for range 3 {
				status, body, err := shortly(t, client, newRequest(t.Context(), t, http.MethodGet, crm.url, ""))
				if err != nil || status != http.StatusOK || body != test.body {
					t.Errorf("got %d and %.100q (%v), want 200 and %.100q", status, body, err, test.body)
				}
			}
			if got := crm.connections.Load(); got != test.connections {
				t.Errorf("connections of three requests: got %d, want %d", got, test.connections)
			}
		})
	}
}

// A server that has stopped reading may have answered all the same; its connection is of no
// more use.
func TestExchangeWithAServerThatDoesNotReadOn(t *testing.T) {
	t.Parallel()
	connections := 0
	client := newClient(t, http1.Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		connections++
		return brokenPipe{newTape(ok("hello"))}, nil
	}})
	for range 2 {
		status, body, err := shortly(t, client, newRequest(t.Context(), t, http.MethodPost, "http://crm.test/", "request"))
		if err != nil || status != http.StatusOK || body != "hello" {
			t.Errorf("got %d %q (%v), want 200 %q", status, body, err, "hello")
		}
	}
	if got, want := connections, 2; got != want {
		t.Errorf("connections of two requests: got %d, want %d", got, want)
	}
}
