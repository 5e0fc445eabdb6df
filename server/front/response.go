package front

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"crmgraph/upstream/callcontext"
)

// errAnswered is what comes of writing after the handler has returned.
var errAnswered = errors.New("front: the request has been answered")

// response is the http.ResponseWriter of a request. What is written waits for the end of the
// answer, or for Flush. There are no trailers, and a handler's Transfer-Encoding is not sent: how
// a body is delimited is decided here.
type response struct {
	conn   *conn
	ctx    callcontext.Child // of the request
	header http.Header
	out    *output // from the first line on, to the end

	status  int
	said    said
	length  int64 // of the body; -1 if it is not known
	written int64 // of it
	headed  bool  // the head is written
	chunked bool
	close   bool // the connection ends with the answer
	ended   bool // the handler has returned
	err     error
}

// Header is part of http.ResponseWriter.
func (w *response) Header() http.Header { return w.header }

// WriteHeader is part of http.ResponseWriter.
func (w *response) WriteHeader(status int) {
	switch {
	case w.status != 0:
		w.conn.server.logf("http: superfluous response.WriteHeader call")
		return
	case status < 100 || status > 999:
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	}
	if w.out == nil {
		w.out = newOutput(w)
	}
	w.writeStatus(status)
	if status < http.StatusOK && status != http.StatusSwitchingProtocols {
		w.writeHeader(false)
		w.hold("\r\n")
		w.send()
		return
	}
	w.status = status
	w.length = w.announced()
	w.said = sayingOf(w.header)
	w.writeHeader(status == http.StatusNotModified)
}

// announced returns the length of the body that the handler announces, or -1.
func (w *response) announced() int64 {
	text := firstOf(w.header["Content-Length"])
	if text == "" {
		return -1
	}
	length, err := strconv.ParseInt(text, 10, 64)
	if err != nil || length < 0 {
		w.conn.server.logf("http: invalid Content-Length of %q", text)
		return -1
	}
	return length
}

// hasBody reports whether an answer of this status may have a body.
func (w *response) hasBody() bool {
	return w.status >= http.StatusOK && w.status != http.StatusNoContent && w.status != http.StatusNotModified
}

// Write is part of http.ResponseWriter.
func (w *response) Write(p []byte) (int, error) {
	if w.ended {
		return 0, errAnswered
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if !w.hasBody() {
		return 0, http.ErrBodyNotAllowed
	}
	w.written += int64(len(p)) // even if refused, since the connection is given up then
	if w.length >= 0 && w.written > w.length {
		return 0, http.ErrContentLength
	}
	return w.out.sample.Write(p)
}

// Flush is part of http.Flusher.
func (w *response) Flush() { _ = w.FlushError() }

// FlushError sends what was written so far.
func (w *response) FlushError() error {
	if w.ended {
		return errAnswered
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.flush()
	return w.err
}

// SetReadDeadline is for http.ResponseController. All of the request is there, so that nothing is
// left that a deadline could end.
func (*response) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is for http.ResponseController. It takes the place of the server's WriteTimeout.
func (w *response) SetWriteDeadline(deadline time.Time) error {
	if w.ended {
		return errAnswered
	}
	return w.conn.server.sweeper.setWriteDeadline(w.conn, deadline)
}

// EnableFullDuplex is for http.ResponseController. Writing never waits for the body to be read.
func (*response) EnableFullDuplex() error { return nil }

// finish ends the answer and reports whether the connection may carry another request.
func (w *response) finish() bool {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.ended = true
	_ = w.out.sample.Flush() // its errors are ours
	if !w.headed {
		w.completeHead(nil)
	}
	if w.chunked {
		w.hold("0\r\n\r\n")
	}
	w.send()
	w.out.release()
	w.out = nil
	isWhole := w.length < 0 || w.length == w.written || !w.hasBody()
	return isWhole && !w.close && w.err == nil
}
