package http1_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
)

// tape is a connection whose server sends fixed bytes, whatever it is asked, and then
// closes it. Before it is asked it sends nothing: net/http is always listening.
type tape struct {
	net.Conn
	answer *strings.Reader
	asked  chan struct{}
	closed chan struct{}
	ask    func()
	close  func()
}

func newTape(answer string) *tape {
	c := &tape{answer: strings.NewReader(answer), asked: make(chan struct{}), closed: make(chan struct{})}
	c.ask = sync.OnceFunc(func() { close(c.asked) })
	c.close = sync.OnceFunc(func() { close(c.closed) })
	return c
}

func (c *tape) Read(p []byte) (int, error) {
	select {
	case <-c.asked:
		return c.answer.Read(p)
	case <-c.closed:
		return 0, net.ErrClosed
	}
}

func (c *tape) Write(p []byte) (int, error) {
	c.ask()
	return len(p), nil
}

func (c *tape) Close() error {
	c.close()
	return nil
}

// playing returns a dialFunc whose connections play the given answers in turn.
func playing(answers ...string) dialFunc {
	return func(context.Context, string, string) (net.Conn, error) {
		next := answers[0]
		answers = answers[1:]
		return newTape(next), nil
	}
}

// recorder is a tape that tells what it is asked.
type recorder struct {
	*tape
	written chan<- string
}

func (r *recorder) Write(p []byte) (int, error) {
	r.written <- string(p)
	return r.tape.Write(p)
}

// sortedLines sorts all lines of a request but the first, and drops empty ones.
func sortedLines(message string) string {
	lines := strings.FieldsFunc(message, func(r rune) bool { return r == '\r' || r == '\n' })
	slices.Sort(lines[1:])
	return strings.Join(lines, "\n")
}
