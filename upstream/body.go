package upstream

import (
	"net/http"
	"slices"
	"sync"

	"crmgraph/upstream/transport/http1"
)

// Body is the body of an answer, in memory that serves another answer after Release.
type Body struct {
	Status  int         // HTTP status, 2xx
	Header  http.Header // of what Caller.Ask returns; of any other answer there may be none
	content []byte
	memory  *[]byte       // that may have been made for it; nil before
	large   *LargeAnswers // that it counts for; nil for none

	request http1.Request // that was sent for it, if that went the short way
}

// NewBody returns a body that holds a copy of content.
func NewBody(status int, content []byte) *Body {
	b := newBody()
	b.Status = status
	copy(b.Make(len(content)), content)
	return b
}

// newBody returns an empty body, which has no memory yet.
func newBody() *Body { return bodies.Get().(*Body) }

// Make gives the body n bytes as its content, whatever is in them, and returns them.
func (b *Body) Make(n int) []byte {
	if b.memory == nil {
		b.memory = memories.Get().(*[]byte)
	}
	b.content = slices.Grow((*b.memory)[:0], n)[:n]
	return b.content
}

// Bytes returns the content, until Release.
func (b *Body) Bytes() []byte { return b.content }

// maxPooledBody keeps one huge answer from pinning its memory for ever.
const maxPooledBody = 1 << 20

var (
	bodies   = sync.Pool{New: func() any { return new(Body) }}
	memories = sync.Pool{New: func() any { return new([]byte) }}
)

// Release gives the memory back; nobody may use the body any more. A nil Body has none.
func (b *Body) Release() {
	if b == nil {
		return
	}
	if b.large != nil {
		b.large.slots.Release(1)
	}
	if b.memory != nil && cap(b.content) <= maxPooledBody {
		*b.memory = b.content[:0]
		memories.Put(b.memory)
	}
	*b = Body{}
	bodies.Put(b)
}
