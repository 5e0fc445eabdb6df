package front

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"

	"crmgraph/upstream/callcontext"
)

// conn is a connection while all that came on it is plain. One goroutine reads requests from it
// and answers them, one after the other.
type conn struct {
	server *Server
	socket net.Conn
	remote string
	ctx    *callcontext.Child // of all its requests, which watch it without an object each

	input   input
	carried bool // there has been a request
	posted  bool // the last one was a POST
	blanks  int  // bytes of empty lines since then
	begun   bool // part of a request has come
	given   bool // it is net/http's now

	// What follows is under the lock of the sweeper.

	link
	running       *callcontext.Child // the context of the request that is being answered, if there is one
	readDeadline  bool               // the socket has one
	writeDeadline bool
	watch         *watch // that reads from the socket; while no request runs, the goroutine's own
}

// serve answers requests until the connection ends or is given away.
func (c *conn) serve() {
	defer c.end()
	// Some connections take a while to tell.
	if address := c.socket.RemoteAddr(); address != nil {
		c.remote = address.String()
	}
	c.ctx = callcontext.WithCancel(c.server.context(c.socket))
	defer c.ctx.Cancel()
	for {
		asked := c.receive()
		if asked == nil || !c.answer(asked) {
			return
		}
	}
}

// end closes the connection, unless it was given away. A handler that panics ends it, too.
func (c *conn) end() {
	if cause := recover(); cause != nil && cause != any(http.ErrAbortHandler) {
		c.server.logf("http: panic serving %v: %v\n%s", c.remote, cause, debug.Stack())
	}
	c.input.release()
	if !c.given {
		c.server.sweeper.leave(c)
		c.close()
	}
}

func (c *conn) close() {
	_ = c.socket.Close() // there is nobody to tell
	c.tell(http.StateClosed)
}

// tell passes on what the connection does.
func (c *conn) tell(state http.ConnState) {
	if told := c.server.told; told != nil {
		told(c.socket, state)
	}
}

// receive returns the next request when all of it is there. If there is none, the connection
// is over or was given away.
func (c *conn) receive() *request {
	end := c.receiveHead()
	if end == 0 {
		return nil
	}
	asked, ok := parseHead(c.input.unread()[:end])
	if !ok {
		c.giveAway()
		return nil
	}
	for len(c.input.unread()) < end+asked.length {
		if !c.receiveMore() {
			return nil
		}
	}
	c.input.take(end)
	if asked.length > 0 {
		asked.body.unread = c.input.take(asked.length)
	}
	return asked
}

// receiveHead returns where the head of the next request ends, 0 if there is none.
func (c *conn) receiveHead() (end int) {
	for {
		if c.posted {
			c.blanks += c.input.skipBlanks(maxBlanks - c.blanks)
		}
		unread := c.input.unread()
		end = headEnd(unread)
		size := end
		if end == 0 {
			size = len(unread)
		}
		switch {
		case size > c.server.maxHead, !mayBePlain(unread) && c.isToBeAnswered():
			c.giveAway()
			return 0
		case end > 0:
			return end
		case !c.receiveMore():
			return 0
		}
	}
}

// receiveMore reports whether more has come. If not, the connection is over or was given away.
func (c *conn) receiveMore() bool {
	before := len(c.input.unread())
	if before > 0 && !c.begun {
		c.begun = true
		if sweeper := c.server.sweeper; !sweeper.enter(c, &sweeper.partial) {
			return false
		}
	}
	err := c.read()
	switch {
	case len(c.input.unread()) > before:
		return true // an error comes again
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.giveAway() // it takes too long
	case errors.Is(err, io.EOF) && c.isToBeAnswered():
		c.giveAway()
	}
	return false
}

// minRequest is how much of a further request net/http wants to see before it looks at it.
const minRequest = 4

// isToBeAnswered reports whether net/http looks at what has come.
func (c *conn) isToBeAnswered() bool {
	come := len(c.input.unread())
	return come > 0 && (!c.carried || c.blanks+come >= minRequest)
}

// read reads once. It may come back without anything.
func (c *conn) read() error {
	if c.watch == nil {
		return c.input.readFrom(c.socket)
	}
	if len(c.input.unread()) == 0 {
		c.input.release()
	}
	<-c.watch.done
	return c.endWatch()
}

// endWatch takes what a watch that is done has read.
func (c *conn) endWatch() error {
	w := c.watch
	c.watch = nil
	c.input.add(w.buffer, w.n)
	return w.err
}

// usualFields is how many fields the head of an answer usually has, or a few more.
const usualFields = 12

// answer has a request answered and reports whether the connection may carry another.
func (c *conn) answer(asked *request) bool {
	c.carried, c.posted, c.blanks, c.begun = true, asked.method == http.MethodPost, 0, false
	defer func() { _ = asked.body.Close() }() // which does not fail
	w := &response{conn: c, header: make(http.Header, usualFields)}
	w.ctx.Begin(c.ctx)
	defer w.ctx.Cancel()
	c.tell(http.StateActive)
	if !c.server.sweeper.begin(c, &w.ctx) {
		return false
	}
	c.server.plain.Add(1)
	c.server.handler().ServeHTTP(w, asked.http(&w.ctx, c.remote))
	w.ctx.Cancel()
	if !w.finish() {
		return false
	}
	c.tell(http.StateIdle)
	return c.server.sweeper.enter(c, &c.server.sweeper.idle)
}
