package http1_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"crmgraph/upstream/transport/http1"
)

// Where an answer fails to be read.
const (
	inHead = "in the head"
	inBody = "in the body"
)

// outcome is all that a client tells of an answer.
type outcome struct {
	Status        string
	Proto         string
	Header        http.Header
	Trailer       http.Header
	ContentLength int64
	Close         bool
	Uncompressed  bool
	Body          string
	Fails         string // inHead, inBody or "" if it does not
}

// answerTest is what a server sends, and what that means.
type answerTest struct {
	name   string
	answer string
	closes bool // the server closes the connection after the answer
	asked  http.Header

	status  string
	header  http.Header
	trailer http.Header
	body    string
	fails   string

	// differs says why net/http comes to something else.
	differs string
}

const (
	okLine = "HTTP/1.1 200 OK\r\n"
	status = "200 OK"
)

var (
	none  = http.Header{}
	zeros = strings.Repeat("0", 1<<20)
)

func length(n string) http.Header { return http.Header{"Content-Length": {n}} }

func gzipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return out.String()
}

// answerTests follow RFC 9112, the framing of bodies its section 6.3.
func answerTests() []answerTest {
	return []answerTest{
		{
			name: "content length", answer: okLine + "Content-Length: 5\r\nX-A: 1\r\nX-A: 2\r\n\r\nhello",
			status: status, header: http.Header{"Content-Length": {"5"}, "X-A": {"1", "2"}}, body: "hello",
		},
		{
			name: "content length of nothing", answer: okLine + "Content-Length: 0\r\n\r\n",
			status: status, header: length("0"),
		},
		{
			name: "large body", answer: okLine + "Content-Length: 1048576\r\n\r\n" + zeros,
			status: status, header: length("1048576"), body: zeros,
		},
		{
			name: "the same content length twice", answer: okLine + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
			status: status, header: length("5"), body: "hello",
		},
		{
			name: "two content lengths", answer: okLine + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
			fails: inHead,
		},
		{name: "content length with a sign", answer: okLine + "Content-Length: +5\r\n\r\nhello", fails: inHead},
		{name: "negative content length", answer: okLine + "Content-Length: -5\r\n\r\nhello", fails: inHead},
		{name: "list of content lengths", answer: okLine + "Content-Length: 5, 5\r\n\r\nhello", fails: inHead},
		{
			name: "body cut off", answer: okLine + "Content-Length: 5\r\n\r\nhel", closes: true,
			status: status, header: length("5"), body: "hel", fails: inBody,
		},
		{
			name: "bytes after the answer", answer: ok("hello") + ok("again"),
			status: status, header: length("5"), body: "hello",
		},

		{
			name: "tiny chunks", answer: okLine + "Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ne\r\n3\r\nllo\r\n0\r\n\r\n",
			status: status, header: none, body: "hello",
		},
		{
			name: "no chunks", answer: okLine + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			status: status, header: none,
		},
		{
			name: "large chunk", answer: okLine + "Transfer-Encoding: chunked\r\n\r\n100000\r\n" + zeros + "\r\n0\r\n\r\n",
			status: status, header: none, body: zeros,
		},
		{
			name: "chunk extensions", answer: okLine + "Transfer-Encoding: chunked\r\n\r\n5;name=\"value\"\r\nhello\r\n0;last\r\n\r\n",
			status: status, header: none, body: "hello",
		},
		{
			name:   "trailer",
			answer: okLine + "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
			status: status, header: none, trailer: http.Header{"X-Sum": {"1"}}, body: "hello",
		},
		{
			name: "chunks before a length", answer: okLine + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
			status: status, header: none, body: "hello",
		},
		{
			name: "chunk size that is none", answer: okLine + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
			status: status, header: none, fails: inBody,
		},
		{
			name: "chunk longer than its size", answer: okLine + "Transfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n",
			status: status, header: none, body: "hell", fails: inBody,
		},
		{
			name: "chunks cut off", answer: okLine + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", closes: true,
			status: status, header: none, body: "hello", fails: inBody,
		},
		{
			name: "trailer cut off", answer: okLine + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum", closes: true,
			status: status, header: none, body: "hello", fails: inBody,
		},
		{name: "unknown transfer encoding", answer: okLine + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", fails: inHead},
		{
			name: "two transfer encodings", answer: okLine + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			fails: inHead,
		},

		{
			name: "body up to the end of the connection", answer: okLine + "\r\nhello", closes: true,
			status: status, header: none, body: "hello",
		},
		{
			name: "HTTP/1.0", answer: "HTTP/1.0 200 OK\r\n\r\nhello", closes: true,
			status: status, header: none, body: "hello",
		},
		{
			name: "HTTP/1.0 has no chunks", answer: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5", closes: true,
			status: status, header: none, body: "5",
		},
		{
			name: "HTTP/1.0 with a length", answer: "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello",
			status: status, header: http.Header{"Content-Length": {"5"}, "Connection": {"keep-alive"}}, body: "hello",
		},

		{name: "204", answer: "HTTP/1.1 204 No Content\r\n\r\n", status: "204 No Content", header: none},
		{
			name: "204 with a length", answer: "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
			status: "204 No Content", header: length("5"),
		},
		{
			name: "304 with a length", answer: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
			status: "304 Not Modified", header: length("5"),
		},
		{
			name: "304 with chunks", answer: "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
			status: "304 Not Modified", header: none,
		},
		{
			name: "error status", answer: "HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nbusy",
			status: "503 Busy", header: http.Header{"Retry-After": {"3"}, "Content-Length": {"4"}}, body: "busy",
		},
		{
			name: "informational answers", answer: "HTTP/1.1 100 Continue\r\n\r\n" + strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 20) + ok("hello"),
			status: status, header: length("5"), body: "hello",
		},
		{
			name: "informational answers only", answer: "HTTP/1.1 100 Continue\r\n\r\n", closes: true,
			fails: inHead,
		},
		{
			name: "informational answers without end", answer: strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 20_000) + ok("hello"),
			fails:   inHead,
			differs: "heads are limited to 256 KiB, not to 10 MiB",
		},
		{
			name: "switching protocols", answer: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", closes: true,
			fails:   inHead,
			differs: "what switches protocols is never asked for",
		},
		{name: "status below 100", answer: "HTTP/1.1 099 Odd\r\nContent-Length: 3\r\n\r\nodd", status: "099 Odd", header: length("3"), body: "odd"},

		{
			name:   "gzip",
			answer: okLine + "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n1D\r\n" + gzipped("hello") + "\r\n0\r\n\r\n",
			status: status, header: none, body: "hello",
		},
		{
			name: "gzip in capitals", answer: okLine + "Content-Encoding: GZIP\r\nX-A: 1\r\n\r\n" + gzipped("hello"), closes: true,
			status: status, header: http.Header{"X-A": {"1"}}, body: "hello",
		},
		{
			name: "gzip with a length", answer: okLine + "Content-Encoding: gzip\r\nContent-Length: 29\r\n\r\n" + gzipped("hello"),
			status: status, header: none, body: "hello",
		},
		{
			name: "gzip in two parts", answer: okLine + "Content-Encoding: gzip\r\n\r\n" + gzipped("hel") + gzipped("lo"), closes: true,
			status: status, header: none, body: "hello",
		},
		{
			name: "gzip and more", answer: okLine + "Content-Encoding: gzip\r\n\r\n" + gzipped("hello") + "0123456789", closes: true,
			status: status, header: none, body: "hello", fails: inBody,
		},
		{
			name: "gzip cut off", answer: okLine + "Content-Encoding: gzip\r\n\r\n" + gzipped("hello")[:20], closes: true,
			status: status, header: none, body: "hello", fails: inBody,
		},
		{
			name: "gzip that is none", answer: okLine + "Content-Encoding: gzip\r\n\r\nhello, hello", closes: true,
			status: status, header: none, fails: inBody,
		},
		{
			name: "gzip of nothing", answer: okLine + "Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
			status: status, header: http.Header{"Content-Encoding": {"gzip"}, "Content-Length": {"0"}},
		},
		{
			name: "gzip that was not asked for", asked: http.Header{"Accept-Encoding": {"identity"}},
			answer: okLine + "Content-Encoding: gzip\r\n\r\n" + gzipped("hello"), closes: true,
			status: status, header: http.Header{"Content-Encoding": {"gzip"}}, body: gzipped("hello"),
		},
		{
			name: "part of a file", asked: http.Header{"Range": {"bytes=0-4"}},
			answer: "HTTP/1.1 206 Partial Content\r\nContent-Encoding: gzip\r\n\r\nhello", closes: true,
			status: "206 Partial Content", header: http.Header{"Content-Encoding": {"gzip"}}, body: "hello",
		},
		{
			name: "another encoding", answer: okLine + "Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello",
			status: status, header: http.Header{"Content-Encoding": {"br"}, "Content-Length": {"5"}}, body: "hello",
		},

		{
			name: "large head", answer: okLine + "X-A: " + zeros[:200<<10] + "\r\nContent-Length: 5\r\n\r\nhello",
			status: status, header: http.Header{"X-A": {zeros[:200<<10]}, "Content-Length": {"5"}}, body: "hello",
		},
		{
			name: "huge head", answer: okLine + "X-A: " + zeros[:300<<10] + "\r\nContent-Length: 5\r\n\r\nhello",
			fails:   inHead,
			differs: "heads are limited to 256 KiB, not to 10 MiB",
		},
		{
			name: "line feeds only", answer: "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
			status: status, header: length("5"), body: "hello",
		},
		{name: "no reason", answer: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", fails: "", status: "200", header: length("0")},
		{name: "header without colon", answer: okLine + "garbage\r\n\r\n", fails: inHead},
		{name: "status of two digits", answer: "HTTP/1.1 20 OK\r\n\r\n", fails: inHead},
		{name: "no HTTP", answer: "SSH-2.0-OpenSSH_9.9\r\n", closes: true, fails: inHead},
		{name: "no line", answer: "\x15\x03\x01\x00\x02\x02\x16", closes: true, fails: inHead},
		{name: "head cut off", answer: okLine + "Content-Le", closes: true, fails: inHead},
		{name: "nothing", answer: "", closes: true, fails: inHead},
	}
}

func TestAnswersAreReadAsNetHTTPReadsThem(t *testing.T) {
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
			got := ask(t, newClient(t, http1.Options{}), crm.url, test.asked)
			if got.Status != test.status || got.Body != test.body || got.Fails != test.fails ||
				!reflect.DeepEqual(got.Header, test.header) || !reflect.DeepEqual(got.Trailer, test.trailer) {
				t.Errorf("got status %q, header %v, trailer %v, %d bytes %.100q, fails %q\nwant status %q, header %v, trailer %v, %d bytes %.100q, fails %q",
					got.Status, got.Header, got.Trailer, len(got.Body), got.Body, got.Fails,
					test.status, test.header, test.trailer, len(test.body), test.body, test.fails)
			}
			reference := ask(t, netHTTP(t, nil), crm.url, test.asked)
			if same := reflect.DeepEqual(got, reference); same != (test.differs == "") {
				t.Errorf("the same as net/http: got %t, want %t (%s)\n got: %.300v\nnet/http: %.300v",
					same, test.differs == "", test.differs, got, reference)
			}
		})
	}
}

// ask sends a GET and returns everything about its answer.
func ask(t testing.TB, rt http.RoundTripper, url string, header http.Header) outcome {
	t.Helper()
	req := newRequest(t.Context(), t, http.MethodGet, url, "")
	if header != nil {
		req.Header = header
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return outcome{Fails: inHead}
	}
	body, err := io.ReadAll(resp.Body)
	if closeErr := resp.Body.Close(); closeErr != nil {
		t.Errorf("closing the body: %v", closeErr)
	}
	got := outcome{
		Status: resp.Status, Proto: resp.Proto, Header: resp.Header, Trailer: resp.Trailer,
		ContentLength: resp.ContentLength, Close: resp.Close, Uncompressed: resp.Uncompressed, Body: string(body),
	}
	if err != nil {
		got.Fails = inBody
	}
	return got
}

// netHTTP returns the transport that is the reference.
func netHTTP(t testing.TB, dial dialFunc) *http.Transport {
	t.Helper()
	reference := &http.Transport{
		DialContext: dial,
		// It would log the bytes that follow an answer.
		DisableKeepAlives: true,
		// A trailer must fit the buffer.
		ReadBufferSize: 16 << 10,
	}
	t.Cleanup(reference.CloseIdleConnections)
	return reference
}
