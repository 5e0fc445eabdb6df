package proportal

import (
	"time"

	"github.com/go-faster/jx"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// reader reads one answer. What objects keep is copied out of the answer, many values to
// one allocation.
type reader struct {
	now   time.Time      // tells planned tasks from overdue ones
	lasts time.Duration  // until the first of these is overdue; 0 for never
	zone  *time.Location // in which an instant is a day

	extra     extra // of the object being read and those around it
	texts     upstream.Texts
	json      upstream.Slab[byte]
	customers upstream.Slab[customerRecord]
	tasks     upstream.Slab[taskRecord]
	rawTasks  upstream.Slab[rawTaskRecord]
	results   upstream.Slab[resultRecord]
	groups    upstream.Slab[groupRecord]
}

// maxScratch keeps one odd answer from pinning its memory for ever.
const maxScratch = 64 << 10

// reader returns a reader for one answer. One that was used before keeps its scratch
// memory, and nothing that objects keep.
func (c *Client) reader() *reader {
	r, _ := c.readers.Get().(*reader)
	if r == nil {
		r = new(reader)
	}
	*r = reader{now: c.now(), zone: c.zone, extra: extra{jx.Writer{Buf: r.extra.Buf[:0]}}}
	return r
}

// from tells which answer is read, with a list of objects.
func (r *reader) from(answer *jsonread.Decoder) {
	r.texts.From(answer)
	r.json.From(answer)
	r.customers.From(answer)
	r.tasks.From(answer)
	r.rawTasks.From(answer)
	r.results.From(answer)
	r.groups.From(answer)
}

// release lets another answer be read with r.
func (c *Client) release(r *reader) {
	if cap(r.extra.Buf) <= maxScratch {
		*r = reader{extra: r.extra}
		c.readers.Put(r)
	}
}
