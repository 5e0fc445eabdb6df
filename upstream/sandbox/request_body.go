package sandbox

import (
	"errors"
	"io"
	"net/http"
)

// maxDrain is how much of a body that no handler wants is read for the sake of the connection.
const maxDrain = 256 << 10

// requestBody is the body of a request. To close it does nothing: what is left of it is
// the connection's business.
type requestBody struct {
	source  io.Reader
	context *requestContext
	// expected is that the client may wait for "100 Continue"; due is that it was not sent.
	expected, due bool
	ended         bool
}

// takeBody puts itself in the place of the request's body.
func takeBody(r *http.Request, ctx *requestContext) *requestBody {
	b := &requestBody{source: r.Body, context: ctx}
	if r.Body == http.NoBody {
		b.end()
		return b
	}
	b.expected = r.ProtoAtLeast(1, 1) && expectsContinue(r)
	b.due = b.expected
	r.Body = b
	return b
}

// Read is part of io.Reader.
func (b *requestBody) Read(p []byte) (int, error) {
	if b.due {
		b.due = false
		if _, err := io.WriteString(b.context.connection.socket, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
			return 0, err
		}
	}
	n, err := b.source.Read(p)
	if errors.Is(err, io.EOF) {
		b.end()
	}
	return n, err
}

// Close is part of io.Closer.
func (b *requestBody) Close() error { return nil }

// end notes that the next byte on the connection is not the request's.
func (b *requestBody) end() {
	b.ended = true
	b.context.bodyEnded()
}

// drain reads a body to its end, and reports whether it got there. A client that was not
// told to send its body may or may not do so, and there is no telling.
func (b *requestBody) drain() bool {
	if !b.ended && !b.expected {
		_, _ = io.CopyN(io.Discard, b, maxDrain+1)
	}
	return b.ended
}
