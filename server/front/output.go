package front

import (
	"bufio"
	"sync"
)

const (
	// maxHeld is how much of an answer waits for its end, to leave with it in one system call.
	maxHeld = 128 << 10
	// firstPiece is how much of a larger one is copied, to leave with what is before it.
	firstPiece = 16 << 10
	// maxSample is how much of a body waits for more before the head is written: a body that ends
	// with that has its length told, and by it is told what the content is. Later on, parts that
	// are smaller wait for each other.
	maxSample = 2 << 10
)

// output is the memory of an answer.
type output struct {
	held   []byte        // what has not left yet
	sample *bufio.Writer // into the response
	names  []string      // of a header, sorted; kept for the next answer
}

var outputs = sync.Pool{New: func() any { return &output{sample: bufio.NewWriterSize(nil, maxSample)} }}

func newOutput(w *response) *output {
	out := outputs.Get().(*output)
	out.sample.Reset((*parts)(w))
	return out
}

// release gives the memory back, but for that of giants.
func (o *output) release() {
	o.sample.Reset(nil)
	o.held = o.held[:0]
	if cap(o.held) <= 2*maxHeld {
		outputs.Put(o)
	}
}
