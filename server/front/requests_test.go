package front_test

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// input is what a client sends, and how many requests of it are plain.
type input struct {
	name  string
	sent  string
	plain int64
}

const (
	get  = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
	post = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
)

// with returns a GET with more lines in its head, each with its end.
func with(lines ...string) string {
	return "GET /a HTTP/1.1\r\nHost: x\r\n" + strings.Join(lines, "") + "\r\n"
}

func inputs() []input {
	return []input{
		{"nothing", "", 0},
		{"GET", get, 1},
		{"GET with a query", "GET /a/b?c=d%20e&f HTTP/1.1\r\nHost: x:8080\r\n\r\n", 1},
		{"GET with a body", "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi", 1},
		{"GET of a path that begins with two slashes", "GET //a/b HTTP/1.1\r\nHost: x\r\n\r\n", 1},
		{"GET of a path of plain characters", "GET /A-z/0.9/_~// HTTP/1.1\r\nHost: x\r\n\r\n", 1},
		{"GET of a path of others", "GET /a!$&'()*+,;=:@b[c]^|%2F%41 HTTP/1.1\r\nHost: x\r\n\r\n", 1},
		{"GET of a path with a fragment", "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", 1},
		{"POST", post, 1},
		{"POST without a length", "POST /a HTTP/1.1\r\nHost: x\r\n\r\n", 1},
		{"POST without a body", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 1},
		{"a handler that reads no body", "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + get, 2},
		{"names in any case", with("aCCEPT-encoding: gzip\r\nX-A: 1\r\nx-a: 2\r\nx-A:3\r\n"), 1},
		{"a value with spaces around it", with("X-A: \t a b\t \r\n", "X-B:\r\n"), 1},
		{"a value that is not ASCII", with("X-A: ä\xff\r\n"), 1},
		{"a name with all that a name may have", with("!#$%&'*+-.^_`|~1aZ: x\r\n"), 1},
		{"keep-alive", with("Connection: Keep-Alive\r\n"), 1},
		{"three in a row", get + post + get, 3},
		{"a thousand in a row", strings.Repeat(get+post, 500), 1000},
		{"empty lines after POST", post + "\r\n\r\n" + get, 2},
		{"too many empty lines after POST", post + "\r\n\r\n\r\n" + get, 1},
		{"nothing but empty lines after POST", post + "\r\n\r\n", 1},
		{"empty lines and a little after POST", post + "\r\nGE", 1},
		{"an empty line after GET", get + "\r\n" + get, 1},
		{"empty lines first", "\r\n" + get, 0},
		{"a body of 64 KiB", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n" + strings.Repeat("x", 65536) + get, 2},
		{"a body of more", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n" + strings.Repeat("x", 65537) + get, 0},
		{"a head of 15 KB", with("X-A: "+strings.Repeat("x", 15000)+"\r\n") + get, 2},
		{"a head of 17 KB", with("X-A: "+strings.Repeat("x", 17000)+"\r\n") + get, 0},
		{"a large request behind a small one", get + "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n" + strings.Repeat("x", 60000) + get + get, 4},

		{"another method", "PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi" + get, 0},
		{"HEAD", "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + get, 0},
		{"OPTIONS of everything", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 0},
		{"a method in lower case", "get /a HTTP/1.1\r\nHost: x\r\n\r\n", 0},
		{"a whole URL", "GET http://y/a HTTP/1.1\r\nHost: x\r\n\r\n", 0},
		{"no path", "GET  HTTP/1.1\r\nHost: x\r\n\r\n", 0},
		{"two spaces", "GET /a  HTTP/1.1\r\nHost: x\r\n\r\n", 0},
		{"a tab for a space", "GET\t/a HTTP/1.1\r\nHost: x\r\n\r\n", 0},
		{"a path that is not ASCII", "GET /ä HTTP/1.1\r\nHost: x\r\n\r\n", 0},
		{"a path with a wrong escape", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 0},
		{"a line that ends with a line feed alone", with("X-A: 1\nX-B: 2\r\n", "X-C: 3\r\n"), 0},
		{"a line that is a line feed", with("\nX-A: 1\r\n"), 0},
		{"a name with a space", with("X A: 1\r\n"), 0},
		{"no name", with(": 1\r\n"), 0},
		{"a path with a control character", "GET /a\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 0},
		{"HTTP/1.0", "GET /a HTTP/1.0\r\nHost: x\r\n\r\n", 0},
		{"HTTP/1.0 with keep-alive", "GET /a HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n" + get, 0},
		{"HTTP/0.9", "GET /a\r\n", 0},
		{"HTTP/2.0", "GET /a HTTP/2.0\r\nHost: x\r\n\r\n", 0},
		{"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0},
		{"the preface of HTTP/2 behind a request", get + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 1},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 0},
		{"garbage", "hello\r\n\r\n", 0},
		{"a head that breaks off", "GET /a HTTP/1.1\r\nHost: x\r\nX-A", 0},
		{"a body that breaks off", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel", 0},
		{"a further request that breaks off", get + "GET /", 1},
		{"the first bytes of a further request", get + "GET", 1},

		{"no Host", "GET /a HTTP/1.1\r\n\r\n", 0},
		{"an empty Host", "GET /a HTTP/1.1\r\nHost:\r\n\r\n", 0},
		{"two Hosts", "GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 0},
		{"the same Host twice", "GET /a HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 0},
		{"a Host with a path", "GET /a HTTP/1.1\r\nHost: x/y\r\n\r\n", 0},
		{"a Host with a space", "GET /a HTTP/1.1\r\nHost: x y\r\n\r\n", 0},
		{"a Host with a user", "GET /a HTTP/1.1\r\nHost: u@x\r\n\r\n", 0},

		{"two lengths", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello" + get, 0},
		{"the same length twice", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello" + get, 0},
		{"two lengths in a line", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello" + get, 0},
		{"no digits in the length", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\nhello", 0},
		{"a sign in the length", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello", 0},
		{"a negative length", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nhello", 0},
		{"a length in hexadecimal", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello", 0},
		{"zeros before the length", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 005\r\n\r\nhello" + get, 2},
		{"a length that overflows", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551621\r\n\r\nhello", 0},
		{"a length in digits of another script", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: ٥\r\n\r\nhello", 0},
		{"a length and chunks", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get, 0},
		{"chunks and a length", "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + get, 0},
		{"chunks", "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + get, 0},
		{"chunks with a trailer", "POST /a HTTP/1.1\r\nHost: x\r\nTrailer: X-A\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-A: 1\r\n\r\n", 0},
		{"an encoding nobody knows", "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello" + get, 0},
		{"chunks, twice", "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get, 0},
		{"a space before the colon of the length", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello" + get, 0},
		{"a space before the colon of the encoding", "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\nhello" + get, 0},
		{"a line that goes on in the next", with("X-A: 1\r\n 2\r\n"), 0},
		{"a length that goes on in the next line", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n 5\r\n\r\nhello" + get, 0},
		{"a first line that goes on", "GET /a HTTP/1.1\r\n X-A: 1\r\nHost: x\r\n\r\n", 0},
		{"LF for CRLF", "GET /a HTTP/1.1\nHost: x\n\n" + get, 0},
		{"LF at the end of a line", with("X-A: 1\n", "X-B: 2\r\n"), 0},
		{"LF at the end of the head", "GET /a HTTP/1.1\r\nHost: x\r\n\n" + get, 0},
		{"CR at the end of a line", with("X-A: 1\r", "X-B: 2\r\n"), 0},
		{"two CRs", "GET /a HTTP/1.1\r\nHost: x\r\r\n\r\n" + get, 0},
		{"NUL in a value", with("X-A: a\x00b\r\n"), 0},
		{"DEL in a value", with("X-A: a\x7fb\r\n"), 0},
		{"NUL in a name", with("X-\x00A: b\r\n"), 0},
		{"a name that is not ASCII", with("Ä: b\r\n"), 0},
		{"no name", with(": b\r\n"), 0},
		{"no colon", with("X-A\r\n"), 0},
		{"a space in a name", with("X A: b\r\n"), 0},
		{"Connection: close", with("Connection: close\r\n") + get, 0},
		{"Connection with a name", with("Connection: keep-alive, X-A\r\n", "X-A: 1\r\n"), 0},
		{"Expect", "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello" + get, 0},
		{"Expect of something else", "POST /a HTTP/1.1\r\nHost: x\r\nExpect: more\r\nContent-Length: 5\r\n\r\nhello", 0},
		{"Pragma", with("Pragma: no-cache\r\n"), 0},
		{"TE", with("TE: trailers\r\n"), 0},
		{"an upgrade to HTTP/2", with("Connection: Upgrade, HTTP2-Settings\r\n", "Upgrade: h2c\r\n", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"), 0},
		{"plain, then not, then plain", get + "PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi" + get, 1},
	}
}

// answerNoted answers what it notes, "/unread" without reading the body.
func answerNoted(p *player) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/unread" {
			p.note(r)
		}
		w.Header().Set("X-Path", r.URL.Path)
		_, _ = fmt.Fprintf(w, "answer to %s %s", r.Method, r.RequestURI)
	}
}

// TestRequestsMeanWhatTheyMeanToNetHTTP, in one piece and byte by byte, to the handler and to
// the client.
func TestRequestsMeanWhatTheyMeanToNetHTTP(t *testing.T) {
	t.Parallel()
	for _, test := range inputs() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			both := startPlayers(t, answerNoted)
			for _, piece := range []int{math.MaxInt, 1} {
				before := both.plain()
				want, got := both.other.play(test.sent, piece), both.front.play(test.sent, piece)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("in pieces of %d: what comes of it (-net/http +front):\n%s", piece, diff)
				}
				if plain := both.plain() - before; plain != test.plain {
					t.Errorf("in pieces of %d: plain requests: got %d, want %d", piece, plain, test.plain)
				}
			}
		})
	}
}

// A handler may ask a request for all that net/http tells.
func TestRequestTellsWhereItComesFrom(t *testing.T) {
	t.Parallel()
	type told struct{ Remote, Local, Server, TLS bool }
	asked := make(chan told, 1)
	handler := func(_ http.ResponseWriter, r *http.Request) {
		s, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
		local, _ := r.Context().Value(http.LocalAddrContextKey).(interface{ String() string })
		asked <- told{r.RemoteAddr != "", local != nil && local.String() != "", s != nil && s.Handler != nil, r.TLS != nil}
	}
	conn := dial(t, start(t, newFront(handler)))
	if _, err := io.WriteString(conn, get); err != nil {
		t.Fatal(err)
	}
	if got, want := <-asked, (told{Remote: true, Local: true, Server: true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
