package sandbox

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// exchange is what a client sends over one connection, and what it is answered until the
// server closes. The last request asks for that, or brings it about.
type exchange struct {
	name string
	sent string
	want []string
	// differs says why net/http's server answers otherwise.
	differs string
}

const (
	to    = " HTTP/1.1\r\nHost: crm\r\n"
	last  = "Connection: close\r\n"
	blank = "\r\n"
	// end is a last request.
	end      = "GET /sized" + to + last + blank
	endReply = "HTTP/1.1 200 OK close [5] Hello"
)

func exchanges() []exchange {
	large := strings.Repeat("x", 300<<10)
	return []exchange{
		{name: "two requests in one piece", sent: "GET /sized" + to + blank + end, want: []string{"HTTP/1.1 200 OK [5] Hello", endReply}},
		{name: "next request after a watched one", sent: "GET /watch" + to + blank + end, want: []string{"HTTP/1.1 200 OK [5] Hello", endReply}},
		{
			name: "watched request with a body",
			sent: "POST /watch" + to + "Content-Length: 3\r\n\r\nabc" + end,
			want: []string{"HTTP/1.1 200 OK [5] Hello", endReply},
		},
		{name: "HTTP/1.0", sent: "GET /sized HTTP/1.0\r\n\r\n", want: []string{"HTTP/1.0 200 OK close [5] Hello"}},
		{
			name: "HTTP/1.0 kept open",
			sent: "GET /sized HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /sized HTTP/1.0\r\n\r\n",
			want: []string{"HTTP/1.0 200 OK [5] Hello", "HTTP/1.0 200 OK close [5] Hello"},
		},
		{
			name: "HTTP/1.0 and no length",
			sent: "GET /long HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			want: []string{"HTTP/1.0 200 OK close [-1] " + strings.Repeat("x", 5000)},
		},
		{name: "no length but short", sent: "GET /short" + to + blank + end, want: []string{"HTTP/1.1 200 OK [5] Hello", endReply}},
		{
			name: "no length and long",
			sent: "GET /long" + to + blank + end,
			want: []string{"HTTP/1.1 200 OK chunked [-1] " + strings.Repeat("x", 5000), endReply},
		},
		{name: "no length and flushed", sent: "GET /flush" + to + blank + end, want: []string{"HTTP/1.1 200 OK chunked [-1] Hello", endReply}},
		{name: "no body written", sent: "GET /nothing" + to + blank + end, want: []string{"HTTP/1.1 200 OK [0] ", endReply}},
		{name: "HEAD", sent: "HEAD /sized" + to + blank + end, want: []string{"HTTP/1.1 200 OK [5] ", endReply}},
		{name: "HEAD without a length", sent: "HEAD /short" + to + blank + end, want: []string{"HTTP/1.1 200 OK [5] ", endReply}},
		{name: "no content", sent: "GET /204" + to + blank + end, want: []string{"HTTP/1.1 204 No Content [0] ", endReply}},
		{name: "status without a name", sent: "GET /599" + to + blank + end, want: []string{"HTTP/1.1 599 status code 599 [0] ", endReply}},
		{name: "fewer bytes than announced", sent: "GET /fewer" + to + blank + end, want: []string{"HTTP/1.1 200 OK [9] Hello!unexpected EOF"}},
		{name: "more bytes than announced", sent: "GET /more" + to + blank + end, want: []string{"HTTP/1.1 200 OK [5] Hello"}},
		{name: "header after its time", sent: "GET /late" + to + blank + end, want: []string{"HTTP/1.1 200 OK [5] Hello", endReply}},
		{name: "handler closes", sent: "GET /close" + to + blank + end, want: []string{endReply}},
		{name: "handler aborts", sent: "GET /abort" + to + blank + end},
		{
			name: "body", sent: "POST /echo" + to + "Content-Length: 3\r\n\r\nabc" + end,
			want: []string{"HTTP/1.1 200 OK [3] abc", endReply},
		},
		{
			name: "body in chunks",
			sent: "POST /echo" + to + "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nTrailer: t\r\n\r\n" + end,
			want: []string{"HTTP/1.1 200 OK [3] abc", endReply},
		},
		{
			name: "body nobody reads",
			sent: "POST /sized" + to + "Content-Length: 30000\r\n\r\n" + large[:30000] + end,
			want: []string{"HTTP/1.1 200 OK [5] Hello", endReply},
		},
		{
			name: "large body nobody reads",
			sent: "POST /sized" + to + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(large)) + large + end,
			want: []string{endReply},
		},
		{
			name: "body that is waited for",
			sent: "POST /echo" + to + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc" + end,
			want: []string{"HTTP/1.1 100 Continue [0] ", "HTTP/1.1 200 OK [3] abc", endReply},
		},
		{
			name: "body that nobody waits for",
			sent: "POST /sized" + to + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc" + end,
			want: []string{endReply},
		},
		{name: "other expectation", sent: "GET /sized" + to + "Expect: more\r\n\r\n", want: []string{"HTTP/1.1 417 Expectation Failed close [0] "}},
		{name: "nothing sent", sent: ""},
		{name: "no request", sent: "hello\r\n\r\n", want: []string{refused("400 Bad Request")}},
		{name: "no host", sent: "GET /sized HTTP/1.1\r\n\r\n", want: []string{refused("400 Bad Request: missing required Host header")}},
		{name: "space in a name", sent: "GET /sized" + to + "A b: c\r\n\r\n", want: []string{refused("400 Bad Request: invalid header name")}},
		{name: "two lengths", sent: "POST /echo" + to + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", want: []string{refused("400 Bad Request")}},
		{
			name: "HTTP/2", sent: "GET /sized HTTP/2.0\r\nHost: crm\r\n\r\n",
			want: []string{refused("505 HTTP Version Not Supported: unsupported protocol version")},
		},
		{
			name: "endless head", sent: "GET /sized" + to + "A: " + strings.Repeat("a", 2<<20),
			want: []string{refused("431 Request Header Fields Too Large")},
		},
		{
			name: "unknown coding", sent: "POST /echo" + to + "Transfer-Encoding: gzip\r\n\r\n",
			want:    []string{refused("400 Bad Request")},
			differs: "net/http answers 501; its parser does not tell the reason from others",
		},
		{
			name: "empty host", sent: "GET /sized HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
			want:    []string{refused("400 Bad Request: missing required Host header")},
			differs: "net/http lets it pass; its parser does not tell it from none",
		},
	}
}

func refused(reason string) string { return "HTTP/1.1 " + reason + " close [-1] " + reason }

// answering is the handler of all exchanges.
func answering(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	length := func(n string) { w.Header().Set("Content-Length", n) }
	body := "Hello"
	switch r.URL.Path {
	case "/sized":
		length("5")
	case "/close":
		length("5")
		w.Header().Set("Connection", "close")
	case "/watch":
		_, _ = io.ReadAll(r.Body)
		_ = r.Context().Done()
		length("5")
	case "/echo":
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		body = string(sent)
	case "/long":
		body = strings.Repeat("x", 2500)
		_, _ = io.WriteString(w, body)
	case "/flush":
		_, _ = io.WriteString(w, "He")
		_ = http.NewResponseController(w).Flush()
		body = "llo"
	case "/late":
		w.WriteHeader(http.StatusOK)
		w.Header().Set("X-Late", "1")
	case "/fewer":
		length("9")
	case "/more":
		length("5")
		_, _ = io.WriteString(w, "Hello")
		body = ", world"
	case "/nothing":
		return
	case "/204":
		w.WriteHeader(http.StatusNoContent)
	case "/599":
		w.WriteHeader(599)
		return
	case "/abort":
		_, _ = io.WriteString(w, "He")
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(w, body)
}

func TestServerAnswersAsNetHTTPDoes(t *testing.T) {
	t.Parallel()
	reference := httptest.NewServer(http.HandlerFunc(answering))
	t.Cleanup(reference.Close)
	address := serveTCP(t, http.HandlerFunc(answering))
	for _, test := range exchanges() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := test.run(t, address)
			if diff := gocmp.Diff(test.want, summaries(got)); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
			diff := gocmp.Diff(test.run(t, reference.Listener.Addr().String()), got)
			if (diff == "") != (test.differs == "") {
				t.Errorf("net/http and the sandbox, which should differ %q (-net/http +sandbox):\n%s", test.differs, diff)
			}
		})
	}
}

// serveTCP serves a handler until the test ends and returns the address.
func serveTCP(t *testing.T, handler http.Handler) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := serve(listener, handler, new(atomic.Int64))
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return listener.Addr().String()
}

// connect opens a connection that the test closes.
func connect(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// reply is an answer as it came.
type reply struct {
	Line             string
	Header           http.Header
	TransferEncoding []string
	ContentLength    int64
	Close            bool
	Body, Failure    string
}

// run sends all there is to send and reads answers until the server closes.
func (e exchange) run(t *testing.T, address string) []reply {
	t.Helper()
	conn := connect(t, address)
	if e.sent == "" {
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	go func() { _, _ = io.WriteString(conn, e.sent) }() // which a server need not read to the end
	all, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("reading: %v", err)
	}
	var replies []reply
	reader := bufio.NewReader(bytes.NewReader(all))
	for first := true; ; first = false {
		if _, err := reader.Peek(1); err != nil {
			return replies
		}
		// Only a first request is HEAD.
		method, _, _ := strings.Cut(e.sent, " ")
		if !first {
			method = http.MethodGet
		}
		replies = append(replies, readReply(t, reader, method))
	}
}

func readReply(t *testing.T, reader *bufio.Reader, method string) reply {
	t.Helper()
	res, err := http.ReadResponse(reader, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("reading an answer: %v", err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	r := reply{
		Line: res.Proto + " " + res.Status, Header: res.Header, TransferEncoding: res.TransferEncoding,
		ContentLength: res.ContentLength, Close: res.Close, Body: string(body),
	}
	if err != nil {
		r.Failure = err.Error()
	}
	if date := r.Header.Get("Date"); date != "" {
		if _, err := http.ParseTime(date); err != nil {
			t.Errorf("Date: %v", err)
		}
		r.Header.Set("Date", "a date")
	}
	return r
}

// summaries has one line for each answer: status, close, chunked, [length] and body.
func summaries(replies []reply) []string {
	var lines []string
	for _, r := range replies {
		words := []string{r.Line}
		if r.Close {
			words = append(words, "close")
		}
		words = append(words, r.TransferEncoding...)
		line := fmt.Sprintf("%s [%d] %s", strings.Join(words, " "), r.ContentLength, r.Body)
		if r.Failure != "" {
			line += "!" + r.Failure
		}
		lines = append(lines, line)
	}
	return lines
}
