package upstream

import (
	"net/http"
	"sync"
)

// Body is the body of an answer, in memory that serves another answer after Release.
type Body struct {
	Status  int         // HTTP status, 2xx
	Header  http.Header // of what Caller.Ask returns; of any other answer there may be none
	content []byte
}

// NewBody returns a body that holds a copy of content.
func NewBody(status int, content []byte) *Body {
	b := newBody()
	b.Status, b.content = status, append(b.content, content...)
	return b
}

// newBody returns an empty body.
func newBody() *Body { return bodies.Get().(*Body) }

// Bytes returns the content, until Release.
func (b *Body) Bytes() []byte { return b.content }

// maxPooledBody keeps one huge answer from pinning its memory for ever.
const maxPooledBody = 1 << 20

var bodies = sync.Pool{New: func() any { return new(Body) }}

// Release gives the memory back; nobody may use the body any more. A nil Body has none.
func (b *Body) Release() {
	if b == nil || cap(b.content) > maxPooledBody {
		return
	}
	*b = Body{content: b.content[:0]}
	bodies.Put(b)
}
