package http1

import (
	"context"
	"errors"
	"io"
)

var errClosed = errors.New("http1: read of a closed body")

// body is the body of an answer. It gives the connection back when it was read to its end.
type body struct {
	source io.Reader
	conn   *conn
	ctx    context.Context // of the request
	keep   bool            // the connection may carry another request
	ended  error           // what all further reads give; nil while the connection is the body's
}

func (b *body) Read(p []byte) (int, error) {
	if b.ended != nil {
		return 0, b.ended
	}
	n, err := b.source.Read(p)
	if err == nil {
		return n, nil
	}
	complete := errors.Is(err, io.EOF)
	if cause := b.ctx.Err(); cause != nil && !complete {
		err = cause
	}
	b.end(err, complete)
	return n, err
}

// Close gives the connection up if there is more to read: reading on may take for ever.
func (b *body) Close() error {
	if b.ended == nil {
		b.end(errClosed, false)
	}
	return nil
}

// end parts with the connection.
func (b *body) end(err error, complete bool) {
	b.ended = err
	b.conn.part(complete && b.keep)
}
