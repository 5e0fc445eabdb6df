package solos

import (
	"time"

	"github.com/go-faster/jx"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// reader reads one answer. What objects keep is copied out of the answer, many values to
// one allocation.
type reader struct {
	call          *upstream.Call
	project       uint64 // the project whose parts were asked for, 0 for none
	zone          *time.Location
	customerField string
	names         *nameTables
	scratch

	before  []Field // dynamic fields of the project before
	escaped bool    // one of those that were met has a name that is not plain
	partial bool    // a record could not keep all of the member it just took, which is in taken

	texts          upstream.Texts
	json           upstream.Slab[byte]
	ids            upstream.Slab[uint64]
	dynamic        upstream.Slab[Field]
	projects       upstream.Slab[projectRecord]
	steps          upstream.Slab[stepRecord]
	actions        upstream.Slab[actionRecord]
	checklists     upstream.Slab[checklistRecord]
	checklistItems upstream.Slab[checklistItemRecord]
	goods          upstream.Slab[goodRecord]
	payments       upstream.Slab[paymentRecord]
}

// scratch is memory that serves all objects of an answer, and other answers after it.
// Nothing that an object keeps is in it.
type scratch struct {
	compact jx.Writer         // JSON
	members []member          // set aside, of the object being read and those around it
	spelled map[string]string // names of dynamic fields, the same in each project
	someIDs []uint64          // the list of ids being read
	taken   []byte            // the value of the member of which something could not be kept
	aside   jsonread.Decoder  // reads a value again
	orders  *orders           // of the objects of this and earlier answers, in the client's own words
}

// forget takes out of s what it has of an answer.
func (s *scratch) forget() {
	s.compact.Reset()
	clear(s.members[:cap(s.members)])
	clear(s.spelled)
	s.members = s.members[:0]
	s.taken = nil
	s.aside.Reset(nil)
}

// reader returns a reader for one answer to call; project is the project whose parts
// were asked for, 0 for none.
func (c *Client) reader(call *upstream.Call, project uint64) *reader {
	r, _ := c.readers.Get().(*reader)
	if r == nil {
		r = &reader{scratch: scratch{spelled: map[string]string{}, orders: new(orders)}}
	}
	*r = reader{
		call:          call,
		project:       project,
		zone:          c.zone,
		customerField: c.customerField,
		names:         c.names,
		scratch:       r.scratch,
	}
	return r
}

// from tells which answer is read, with a list of objects.
func (r *reader) from(answer *jsonread.Decoder) {
	r.texts.From(answer)
	r.json.From(answer)
	r.ids.From(answer)
	r.dynamic.From(answer)
	r.projects.From(answer)
	r.steps.From(answer)
	r.actions.From(answer)
	r.checklists.From(answer)
	r.checklistItems.From(answer)
	r.goods.From(answer)
	r.payments.From(answer)
}

// maxScratch keeps one odd answer from pinning its memory for ever.
const maxScratch = 64 << 10

// release lets another answer be read with r.
func (c *Client) release(r *reader) {
	values := cap(r.members) + cap(r.someIDs) + len(r.spelled)
	if cap(r.compact.Buf) > maxScratch || values > maxScratch/64 {
		return
	}
	r.forget()
	*r = reader{scratch: r.scratch}
	c.readers.Put(r)
}
