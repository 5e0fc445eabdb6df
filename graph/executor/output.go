package executor

import (
	"bytes"
	"context"
)

// Output is a buffer of the caller's that the data of one operation is written to, so that
// it need not be copied. It belongs to the caller again as soon as the response was read.
type Output struct {
	Buf  []byte // what is in it stays; data comes behind
	used bool
}

type outputKey struct{}

// WithOutput returns a context whose operation writes its data to the end of out.Buf. Data
// of further operations, and what gqlgen's executor makes, is allocated as it would be
// without.
func WithOutput(ctx context.Context, out *Output) context.Context {
	return context.WithValue(ctx, outputKey{}, out)
}

// Holds reports whether data is what stands at the end of the buffer.
func (o *Output) Holds(data []byte) bool {
	return o.used && len(data) > 0 && len(data) <= len(o.Buf) && &data[0] == &o.Buf[len(o.Buf)-len(data)]
}

// Reset empties the buffer for another operation.
func (o *Output) Reset() { o.Buf, o.used = o.Buf[:0], false }

// writeTo has write append data to the output of ctx, or to a buffer of w's, and returns
// the data.
func (w *Writer) writeTo(ctx context.Context, write func(start int)) []byte {
	if out, ok := ctx.Value(outputKey{}).(*Output); ok && !out.used {
		own, start := w.buf, len(out.Buf)
		w.buf, out.used = out.Buf, true
		write(start)
		out.Buf, w.buf = w.buf, own
		return out.Buf[start:]
	}
	w.buf = w.buf[:0]
	write(0)
	return bytes.Clone(w.buf) // the buffer is somebody else's as soon as it is in the pool
}
