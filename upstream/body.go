package upstream

import (
	"bytes"
	"net/http"
	"sync"
)

// Body is the body of an answer, in memory that serves another answer after Release.
type Body struct {
	Status int         // HTTP status, 2xx
	Header http.Header // of the answer
	buf    bytes.Buffer
}

// NewBody returns a body that holds a copy of content.
func NewBody(status int, content []byte) *Body {
	b := newBody(&http.Response{StatusCode: status})
	b.buf.Write(content)
	return b
}

// newBody returns a body that has nothing of resp's yet.
func newBody(resp *http.Response) *Body {
	b := bodies.Get().(*Body)
	b.Status, b.Header = resp.StatusCode, resp.Header
	return b
}

// Bytes returns the content, until Release.
func (b *Body) Bytes() []byte { return b.buf.Bytes() }

// maxPooledBody keeps one huge answer from pinning its memory for ever.
const maxPooledBody = 1 << 20

var bodies = sync.Pool{New: func() any { return new(Body) }}

// Release gives the memory back; nobody may use the body any more. A nil Body has none.
func (b *Body) Release() {
	if b == nil || b.buf.Cap() > maxPooledBody {
		return
	}
	b.buf.Reset()
	b.Header = nil
	bodies.Put(b)
}
