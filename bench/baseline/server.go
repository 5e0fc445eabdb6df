package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"

	"crmgraph/bench/queries"
	"crmgraph/bench/rawhttp"
)

// answer writes the answer to one query.
type answer func(ctx context.Context, x *exchange) error

// newAnswers returns what answers a request, by the request's whole body: the four queries,
// those over the portfolio with each of the page sizes that are measured.
func newAnswers() (map[string]answer, error) {
	known := map[queries.Query]answer{
		queries.Project():  func(ctx context.Context, x *exchange) error { return x.answerProject(ctx) },
		queries.Projects(): func(ctx context.Context, x *exchange) error { return x.answerProjects(ctx) },
	}
	for _, first := range []int{10, 50, 100} {
		known[queries.Portfolio(first)] = func(ctx context.Context, x *exchange) error { return x.answerPortfolio(ctx, first) }
		known[queries.Dashboard(first)] = func(ctx context.Context, x *exchange) error { return x.answerDashboard(ctx, first) }
	}
	answers := make(map[string]answer, len(known))
	for query, answer := range known {
		body, err := json.Marshal(map[string]string{"query": query.Text})
		if err != nil {
			return nil, err
		}
		answers[string(body)] = answer
	}
	return answers, nil
}

// exchange is the requests of one connection, one at a time, and the memory that they use
// one after the other.
type exchange struct {
	crms   *crms
	token  []byte // what the request has in Authorization
	out    buffer // the response, head and body
	calls  [2]calls
	filter []byte // the body of a call
	bodies struct {
		portfolio, projects, part rawhttp.Response
		tasks                     [len(statuses)]rawhttp.Response
	}
	rows      rows
	dashboard dashboard
}

// head is that of every response. The length of the body is filled in when it is known.
const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:           \r\n\r\n"

// serve answers the requests of a connection until the client ends it. No other error is
// provided for: a bench that meets one has nothing to measure.
func serve(ctx context.Context, socket net.Conn, crms *crms, answers map[string]answer) error {
	x := &exchange{crms: crms}
	memory := make([]byte, 16<<10)
	for {
		request, body, err := receive(socket, memory)
		if errors.Is(err, errEnded) {
			return socket.Close()
		}
		if err != nil {
			return err
		}
		if err := x.respond(ctx, request, body, answers); err != nil {
			return err
		}
		if _, err := socket.Write(x.out); err != nil {
			return err
		}
	}
}

// errEnded is the error of a connection that the client has ended.
var errEnded = errors.New("the client has ended the connection")

// receive reads one request into memory.
func receive(socket net.Conn, memory []byte) (request, body []byte, err error) {
	for read, end := 0, 0; ; {
		n, _ := socket.Read(memory[read:])
		if n == 0 {
			return nil, nil, errEnded
		}
		read += n
		if end == 0 {
			at := bytes.Index(memory[:read], []byte("\r\n\r\n"))
			if at < 0 {
				continue
			}
			end = at + 4
		}
		length := 0
		if value := header(memory[:end], "Content-Length: "); value != nil {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return nil, nil, err
			}
		}
		if read >= end+length {
			return memory[:end], memory[end : end+length], nil
		}
	}
}

// header finds the value of a header that is spelled as the bench spells it.
func header(head []byte, name string) []byte {
	_, rest, found := bytes.Cut(head, []byte(name))
	if !found {
		return nil
	}
	value, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return value
}

// respond makes the whole response.
func (x *exchange) respond(ctx context.Context, request, body []byte, answers map[string]answer) error {
	x.out = append(x.out[:0], head...)
	if bytes.HasPrefix(request, []byte("GET /metrics ")) {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		x.out = fmt.Appendf(x.out, "go_memstats_mallocs_total %d\n", stats.Mallocs)
	} else {
		write, ok := answers[string(body)]
		if !ok {
			return fmt.Errorf("a request that is none of the bench's: %s", body)
		}
		x.token = header(request, "Authorization: ")
		if err := write(ctx, x); err != nil {
			return err
		}
	}
	var digits [20]byte
	length := strconv.AppendInt(digits[:0], int64(len(x.out)-len(head)), 10)
	copy(x.out[len(head)-len("\r\n\r\n")-len(length):], length)
	return nil
}
