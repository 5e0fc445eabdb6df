package sandbox

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

const (
	// maxHeld is how much of a body without an announced length waits for its end, to be
	// sent with its length then. A longer one goes out in chunks.
	maxHeld = 2 << 10
	// maxCopied is how much of a body is copied, so that the head and it are one piece.
	maxCopied = 16 << 10
)

// response is the http.ResponseWriter of a request. What a handler writes is sent at once
// if its length was announced, the head with the first piece. It does not guess a
// Content-Type, nor send 1xx or trailers: no handler here wants that.
type response struct {
	connection *connection
	request    *http.Request
	context    *requestContext
	body       *requestBody // of the request

	status   int
	length   int64 // of the body; -1 if it is not known
	written  int64
	held     []byte
	headSent bool
	chunked  bool
	close    bool // the connection ends with the answer
	finished bool // the handler has returned
	err      error
}

// Header is part of http.ResponseWriter.
func (w *response) Header() http.Header { return w.connection.header }

// WriteHeader is part of http.ResponseWriter.
func (w *response) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	w.body.due = false
	w.length = -1
	if length, err := strconv.ParseInt(w.connection.header.Get("Content-Length"), 10, 64); err == nil && w.bodyAllowed() {
		w.length = length
	}
	w.close = w.request.Close || strings.EqualFold(w.connection.header.Get("Connection"), "close")
	w.beginHead()
}

// Write is part of http.ResponseWriter.
func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.written += int64(len(p)) // even if refused: the connection is given up then
	switch {
	case w.connection.hijacked:
		return 0, http.ErrHijacked
	case !w.bodyAllowed():
		return 0, http.ErrBodyNotAllowed
	case w.length >= 0 && w.written > w.length:
		return 0, http.ErrContentLength
	}
	switch {
	case w.request.Method == http.MethodHead:
	case w.length < 0 && !w.headSent && len(w.held)+len(p) <= maxHeld:
		w.held = append(w.held, p...)
	default:
		w.send(p)
	}
	return len(p), w.err
}

// FlushError is what http.ResponseController calls to send what was written so far.
func (w *response) FlushError() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.headSent {
		w.send(nil)
	}
	return w.err
}

// Hijack is part of http.Hijacker. It ends the context of the request.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if w.connection.hijacked {
		return nil, nil, http.ErrHijacked
	}
	w.connection.hijacked = true
	w.context.end()
	socket := w.connection.socket
	return socket, bufio.NewReadWriter(w.connection.reader, bufio.NewWriter(socket)), nil
}

// finish sends the rest and reports whether the connection may carry another request.
func (w *response) finish() bool {
	w.finished = true
	_ = w.FlushError() // is remembered
	if w.chunked && w.err == nil {
		_, w.err = io.WriteString(w.connection.socket, "0\r\n\r\n")
	}
	complete := w.length < 0 || w.length == w.written || w.request.Method == http.MethodHead
	return complete && !w.close && w.err == nil
}

// send sends the head, unless that was done, what was held back, and p.
func (w *response) send(p []byte) {
	if w.err != nil {
		return
	}
	if len(w.held) > 0 {
		p = append(w.held, p...)
		w.held = nil
	}
	message := w.connection.message
	if !w.headSent {
		w.headSent = true
		message = w.endHead(message)
	}
	end := ""
	if w.chunked && len(p) > 0 {
		message = append(strconv.AppendInt(message, int64(len(p)), 16), "\r\n"...)
		end = "\r\n"
	}
	if len(p) <= maxCopied {
		message = append(append(message, p...), end...)
		_, w.err = w.connection.socket.Write(message)
	} else {
		pieces := net.Buffers{message, p, []byte(end)}
		_, w.err = pieces.WriteTo(w.connection.socket)
	}
	w.connection.message = message[:0]
}

// bodyAllowed reports whether an answer of this status may have a body.
func (w *response) bodyAllowed() bool {
	return w.status >= http.StatusOK && w.status != http.StatusNoContent && w.status != http.StatusNotModified
}
