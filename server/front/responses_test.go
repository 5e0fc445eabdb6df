package front_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/front"
)

// received is an answer as a client sees it.
type received struct {
	Status   string
	Header   http.Header
	Length   int64
	Encoding []string
	Body     string
	Cut      bool // the body ends too early
	Close    bool
}

// receivedFrom reads all answers that there are.
func receivedFrom(answers string) []received {
	var all []received
	reader := bufio.NewReader(strings.NewReader(answers))
	for {
		resp, err := http.ReadResponse(reader, nil)
		if err != nil {
			return all
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close() // of memory
		all = append(all, received{resp.Status, resp.Header, resp.ContentLength, resp.TransferEncoding, string(body), err != nil, resp.Close})
	}
}

// results are what a handler was told.
type results []string

func (r *results) add(values ...any) { *r = append(*r, fmt.Sprint(values...)) }

func responders() map[string]func(http.ResponseWriter, *http.Request, *results) {
	long := strings.Repeat("all work and no play ", 10_000) // 210 kB
	write := func(sizes ...int) func(http.ResponseWriter, *http.Request, *results) {
		return func(w http.ResponseWriter, _ *http.Request, told *results) {
			for _, size := range sizes {
				told.add(io.WriteString(w, long[:size]))
			}
		}
	}
	header := func(status int, pairs ...string) func(http.ResponseWriter, *http.Request, *results) {
		return func(w http.ResponseWriter, _ *http.Request, told *results) {
			for i := 0; i < len(pairs); i += 2 {
				w.Header().Add(pairs[i], pairs[i+1])
			}
			w.WriteHeader(status)
			told.add(io.WriteString(w, "hello"))
		}
	}
	return map[string]func(http.ResponseWriter, *http.Request, *results){
		"nothing":                     write(),
		"an empty write":              write(0),
		"a little":                    write(5),
		"as much as waits":            write(2048),
		"more than waits":             write(2049),
		"a little, often":             write(1000, 1000, 1000, 1000),
		"little and much":             write(10, 10_000, 10),
		"as much as is held":          write(128 << 10),
		"more than is held":           write(200_000),
		"much, twice":                 write(100_000, 100_000, 5),
		"length of a little":          header(200, "Content-Length", "5"),
		"a length and a type":         header(200, "Content-Length", "5", "Content-Type", "text/x"),
		"less than announced":         header(200, "Content-Length", "6"),
		"more than announced":         header(200, "Content-Length", "4"),
		"201":                         header(201),
		"204":                         header(204, "X-A", "b"),
		"204 with a length":           header(204, "Content-Length", "5"),
		"304":                         header(304, "Content-Type", "text/x", "Content-Length", "5", "Etag", `"x"`),
		"404":                         header(404),
		"a status without a name":     header(799),
		"types are guessed":           header(200, "X-A", "1"),
		"no guess of what is encoded": header(200, "Content-Encoding", "x"),
		"an own type":                 header(200, "Content-Type", "application/json"),
		"an own date":                 header(200, "Date", "yesterday"),
		"fields with several values":  header(200, "X-A", "1", "X-A", "2", "Vary", "a", "Vary", "b"),
		"a field that is two":         header(200, "X-A", "1\r\nX-B: 2", "X-C", "1\nX-D: 2\r"),
		"a name that is none":         header(200, "X A", "1", "X-A: 1\r\nX-B", "2", "", "3"),
		"spaces around a value":       header(200, "X-A", " 1 \t"),
		"Connection: close":           header(200, "Connection", "close"),
		"Connection: keep-alive":      header(200, "Connection", "keep-alive"),
		"two statuses": func(w http.ResponseWriter, _ *http.Request, _ *results) {
			w.WriteHeader(http.StatusTeapot)
			w.WriteHeader(http.StatusOK)
		},
		"early hints": func(w http.ResponseWriter, _ *http.Request, told *results) {
			w.Header().Set("Link", "</a>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Set("X-A", "1")
			told.add(io.WriteString(w, "hello"))
		},
		"a header that is changed too late": func(w http.ResponseWriter, _ *http.Request, told *results) {
			w.Header().Set("X-A", "1")
			told.add(io.WriteString(w, "hello"))
			w.Header().Set("X-A", "2")
			w.Header().Set("X-B", "2")
		},
		"no type, and no guess": func(w http.ResponseWriter, _ *http.Request, told *results) {
			w.Header()["Content-Type"] = nil
			told.add(io.WriteString(w, "hello"))
		},
		"flushed before anything": func(w http.ResponseWriter, _ *http.Request, told *results) {
			told.add(http.NewResponseController(w).Flush())
			told.add(io.WriteString(w, "hello"))
		},
		"flushed in parts": func(w http.ResponseWriter, _ *http.Request, told *results) {
			for i := range 3 {
				told.add(fmt.Fprintf(w, "part %d\n", i))
				w.(http.Flusher).Flush()
			}
		},
		"flushed with a length": func(w http.ResponseWriter, _ *http.Request, told *results) {
			w.Header().Set("Content-Length", "10")
			told.add(io.WriteString(w, "hello"))
			told.add(http.NewResponseController(w).Flush())
			told.add(io.WriteString(w, "hello"))
		},
		"flushed with nothing to say": func(w http.ResponseWriter, _ *http.Request, told *results) {
			w.WriteHeader(http.StatusNoContent)
			told.add(http.NewResponseController(w).Flush())
		},
		"what a controller can do": func(w http.ResponseWriter, r *http.Request, told *results) {
			told.add(io.Copy(io.Discard, r.Body))
			controller := http.NewResponseController(w)
			told.add(controller.SetReadDeadline(time.Now().Add(time.Hour)), controller.SetWriteDeadline(time.Now().Add(time.Hour)))
			told.add(controller.SetWriteDeadline(time.Time{}), controller.EnableFullDuplex())
		},
		"a body read after it was closed": func(_ http.ResponseWriter, r *http.Request, told *results) {
			told.add(r.Body.Close())
			_, err := r.Body.Read(make([]byte, 1))
			told.add(err)
		},
		"a body read behind its end": func(_ http.ResponseWriter, r *http.Request, told *results) {
			told.add(io.Copy(io.Discard, r.Body))
			told.add(r.Body.Read(make([]byte, 1)))
			told.add(r.Body.Read(nil))
		},
		"a panic": func(http.ResponseWriter, *http.Request, *results) { panic("at the handler") },
		"a panic behind what was flushed": func(w http.ResponseWriter, _ *http.Request, _ *results) {
			_, _ = io.WriteString(w, "hello")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"a status that is none": func(w http.ResponseWriter, _ *http.Request, told *results) {
			defer func() { told.add(recover()) }()
			w.WriteHeader(99)
		},
	}
}

// TestAnswersAreThoseOfNetHTTP: what clients see of an answer, what becomes of the connection,
// and what handlers are told.
func TestAnswersAreThoseOfNetHTTP(t *testing.T) {
	t.Parallel()
	const sent = "POST /first HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + get
	for name, respond := range responders() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told := make(chan results, 2)
			both := startPlayers(t, func(*player) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/first" {
						_, _ = io.WriteString(w, "the next answer")
						return
					}
					var all results
					defer func() { told <- all }()
					respond(w, r, &all)
				}
			})
			want, got := receivedFrom(both.other.play(sent, math.MaxInt).Answers), receivedFrom(both.front.play(sent, math.MaxInt).Answers)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("answers (-net/http +front):\n%s", diff)
			}
			if diff := cmp.Diff(<-told, <-told); diff != "" {
				t.Errorf("what the handler was told (-net/http +front):\n%s", diff)
			}
			if both.plain() == 0 {
				t.Error("the front has not answered")
			}
		})
	}
}

// TestEachAnswerHasItsOwnHeader, whatever the one before had.
func TestEachAnswerHasItsOwnHeader(t *testing.T) {
	t.Parallel()
	headers := []http.Header{
		{"X-A": {"1"}, "X-B": {"1"}},
		{"X-A": {"2"}, "X-B": {"2", "3"}},
		{"X-A": {"3"}, "X-C": {"3"}},
		{"X-A": {"4"}},
		{"X-A": {"5"}, "X C": {"5"}},
		{"X-B": {"6"}, "X-A": nil},
		{},
		{"X-C": {"8"}, "Content-Length": {"5"}},
		{"X-C": {"9"}, "Connection": {"keep-alive"}},
	}
	sent := ""
	for i := range headers {
		sent += fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: x\r\n\r\n", i)
	}
	both := startPlayers(t, func(*player) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			i, err := strconv.Atoi(r.URL.Path[1:])
			if err != nil {
				t.Error(err)
				return
			}
			maps.Copy(w.Header(), headers[i])
			_, _ = io.WriteString(w, "hello")
		}
	})
	want, got := receivedFrom(both.other.play(sent, math.MaxInt).Answers), receivedFrom(both.front.play(sent, math.MaxInt).Answers)
	if diff := cmp.Diff(want, got); diff != "" || len(got) != len(headers) {
		t.Errorf("%d answers, want %d (-net/http +front):\n%s", len(got), len(headers), diff)
	}
}

// TestAnswersThatDiffer are those of which more is right here than with net/http, which has chunks
// for the first three, and ends the connection of the last for it could not be read to the end.
func TestAnswersThatDiffer(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"a length that is none": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "x")
			_, _ = io.WriteString(w, "hello")
		},
		"a negative length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "-5")
			_, _ = io.WriteString(w, "hello")
		},
		"chunks by the handler's will": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Transfer-Encoding", "chunked")
			_, _ = io.WriteString(w, "hello")
		},
		"a body that is larger than it may be": func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 2)); err != nil {
				_, _ = io.WriteString(w, "hello")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlayer()
			serve(t, front.New(p.server(handler)), p)
			answers := receivedFrom(p.play(post+post, math.MaxInt).Answers)
			one := received{
				Status: "200 OK", Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "Content-Length": {"5"}},
				Length: 5, Body: "hello",
			}
			if diff := cmp.Diff([]received{one, one}, answers); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		})
	}
}

// countedConn counts writes.
type countedConn struct {
	*tape
	writes *int
}

func (c countedConn) Write(p []byte) (int, error) {
	*c.writes++
	return c.tape.Write(p)
}

// TestAnswersLeaveAtOnce: an answer is one system call, unless it is very large.
func TestAnswersLeaveAtOnce(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]int{0: 1, 100: 1, 5_000: 1, 100_000: 1, 1_000_000: 2} {
		for _, announced := range []bool{true, false} {
			handler := func(w http.ResponseWriter, _ *http.Request) {
				if announced {
					w.Header().Set("Content-Length", fmt.Sprint(size))
				}
				_, _ = w.Write(make([]byte, size))
			}
			p, writes := newPlayer(), 0
			serve(t, newFront(handler), p)
			c := newTape("tape", get, math.MaxInt)
			p.tapes <- countedConn{c, &writes}
			<-c.closed
			if !announced && size > 128<<10 {
				want++ // for the end of the last chunk
			}
			if writes != want {
				t.Errorf("%d bytes, announced %t: got %d writes, want %d", size, announced, writes, want)
			}
		}
	}
}

// A handler that writes when its request is over is told so, and spoils nobody else's answer.
func TestWritingTooLateIsAnError(t *testing.T) {
	t.Parallel()
	writers := make(chan http.ResponseWriter, 1)
	p := newPlayer()
	serve(t, front.New(p.server(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			writers <- w
			return
		}
		late := <-writers
		if _, err := io.WriteString(late, "too late"); err == nil {
			t.Error("a write after the end: got no error, want one")
		}
		controller := http.NewResponseController(late)
		if err := errors.Join(controller.Flush(), controller.SetWriteDeadline(time.Unix(1, 0))); err == nil {
			t.Error("a flush after the end: got no error, want one")
		}
		_, _ = io.WriteString(w, "in time")
	})), p)
	answers := receivedFrom(p.play(get+post, math.MaxInt).Answers)
	if len(answers) != 2 || answers[0].Body != "" || answers[1].Body != "in time" {
		t.Errorf("answers: got %+v, want an empty one and the one written in time", answers)
	}
}
