package front_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"crmgraph/server/front"
)

// tape is a connection on which a client sends fixed bytes, and no more.
type tape struct {
	net.Conn
	address string
	closed  chan struct{}
	close   func()
	ended   chan struct{} // closed when the server has said that it is

	mu      sync.Mutex
	input   []byte
	piece   int // how much is read at a time
	output  bytes.Buffer
	handled []string // what the handler was asked
	states  []http.ConnState
}

func newTape(address, input string, piece int) *tape {
	c := &tape{address: address, closed: make(chan struct{}), ended: make(chan struct{}), input: []byte(input), piece: piece}
	c.close = sync.OnceFunc(func() { close(c.closed) })
	return c
}

func (c *tape) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.input) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.piece)], c.input)
	c.input = c.input[n:]
	return n, nil
}

func (c *tape) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.output.Write(p)
}

func (c *tape) Close() error {
	c.close()
	return nil
}

func (c *tape) Network() string                { return "tape" }
func (c *tape) String() string                 { return c.address }
func (c *tape) LocalAddr() net.Addr            { return c }
func (c *tape) RemoteAddr() net.Addr           { return c }
func (*tape) SetReadDeadline(time.Time) error  { return nil }
func (*tape) SetWriteDeadline(time.Time) error { return nil }
func (*tape) SetDeadline(time.Time) error      { return nil }

// player is a listener for tapes, and knows those that are being played.
type player struct {
	tapes  chan net.Conn
	closed chan struct{}
	close  func()
	played sync.Map // from address to *tape
	count  int
}

func newPlayer() *player {
	p := &player{tapes: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *player) Accept() (net.Conn, error) {
	select {
	case c := <-p.tapes:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *player) Close() error {
	p.close()
	return nil
}

func (*player) Addr() net.Addr { return &net.TCPAddr{} }

// transcript is what came of what a client sent.
type transcript struct {
	Handled []string // what the handler was asked
	Answers string   // without their dates
	States  []http.ConnState
}

var dates = regexp.MustCompile(`Date: [^\r]*\r\n`)

// play returns what comes of an input when the connection has ended.
func (p *player) play(input string, piece int) transcript {
	p.count++
	c := newTape(fmt.Sprintf("tape %d", p.count), input, piece)
	p.played.Store(c.address, c)
	p.tapes <- c
	<-c.ended
	p.played.Delete(c.address)
	c.mu.Lock()
	defer c.mu.Unlock()
	return transcript{c.handled, dates.ReplaceAllString(c.output.String(), ""), withoutLastActive(c.states)}
}

// withoutLastActive leaves out that a connection was active before it was closed for what was no
// request. Whether net/http says so depends on the pieces in which it was read.
func withoutLastActive(states []http.ConnState) []http.ConnState {
	if n := len(states); n > 2 && states[n-3] == http.StateIdle && states[n-2] == http.StateActive {
		return append(states[:n-2:n-2], states[n-1])
	}
	return states
}

// state notes what the server says of a tape.
func (*player) state(socket net.Conn, state http.ConnState) {
	c := socket.(*tape)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states = append(c.states, state)
	if state == http.StateClosed {
		close(c.ended)
	}
}

// server returns a server of net/http that tells p its connections' states.
func (p *player) server(handler http.HandlerFunc) *http.Server {
	s := newServer(handler)
	s.ConnState = p.state
	return s
}

// note notes what a handler is asked on the tape of that request.
func (p *player) note(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var header strings.Builder
	_ = r.Header.Write(&header) // to memory
	text := fmt.Sprintf("%s %s %s\nURL %+v\nhost %s, length %d, encoding %v, close %t, trailer %v\n%s\n%q %v", r.Method, r.RequestURI, r.Proto,
		*r.URL, r.Host, r.ContentLength, r.TransferEncoding, r.Close, r.Trailer, header.String(), body, err)
	known, _ := p.played.Load(r.RemoteAddr)
	c := known.(*tape)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handled = append(c.handled, text)
}

// players are the front and net/http with the same handler.
type players struct {
	front, other *player
	plain        func() int64 // how many requests the front has answered itself
}

// startPlayers starts both with what handler returns for a player.
func startPlayers(t testing.TB, handler func(*player) http.HandlerFunc) *players {
	t.Helper()
	p := &players{front: newPlayer(), other: newPlayer()}
	s := front.New(p.front.server(handler(p.front)))
	p.plain = s.Plain
	serve(t, s, p.front)
	serve(t, p.other.server(handler(p.other)), p.other)
	return p
}
