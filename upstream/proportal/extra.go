package proportal

import (
	"encoding/json"

	"github.com/go-faster/jx"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// extra collects the members of objects that have no field of their own, so that nothing
// an installation sends is lost. It is JSON whose last objects are still open: the one
// being read and those around it.
type extra struct{ jx.Writer }

// member reads the value of one member of an object, or reports that it does not know
// the key.
type member func(d *jsonread.Decoder, key []byte) (known bool, err error)

// open begins an object, for close.
func (x *extra) open() (start int) {
	start = len(x.Buf)
	x.ObjStart()
	return start
}

// close ends the object that starts there, or takes it off if it has no members.
func (x *extra) close(start int) (filled bool) {
	if len(x.Buf) == start+len("{") {
		x.Buf = x.Buf[:start]
		return false
	}
	x.ObjEnd()
	return true
}

// key begins a member of the object that was opened last.
func (x *extra) key(name []byte) {
	if x.Buf[len(x.Buf)-1] != '{' {
		x.Buf = append(x.Buf, ',')
	}
	x.Buf = upstream.AppendKey(x.Buf, name)
}

// add adds a member, whose value is the next of d.
func (x *extra) add(d *jsonread.Decoder, name []byte) (err error) {
	x.key(name)
	x.Buf, err = upstream.AppendJSON(x.Buf, d)
	return err
}

// addUnlessNull is add for members that are known but have no field: their null says nothing.
func (x *extra) addUnlessNull(d *jsonread.Decoder, name []byte) error {
	if d.Next() == jsonread.Null {
		return d.Null()
	}
	return x.add(d, name)
}

// readMembers reads an object and keeps in extra the members that known does not know.
func (r *reader) readMembers(d *jsonread.Decoder, known member) error {
	if d.Next() != jsonread.Object {
		return upstream.Unreadable("an object was due")
	}
	members := d.Members()
	for members.Next() {
		key := members.Key()
		ok, err := known(d, key)
		if err != nil {
			return upstream.AtField(string(key), err)
		}
		if ok {
			continue
		}
		if err := r.extra.add(d, key); err != nil {
			return err
		}
	}
	return members.Err()
}

// readNested is readMembers for an object within another. What is not known stays below
// the same name.
func (r *reader) readNested(d *jsonread.Decoder, name []byte, known member) error {
	if absent, err := skipAbsentObject(d); absent || err != nil {
		return err
	}
	before := len(r.extra.Buf)
	r.extra.key(name)
	start := r.extra.open()
	if err := r.readMembers(d, known); err != nil {
		return err
	}
	if !r.extra.close(start) {
		r.extra.Buf = r.extra.Buf[:before]
	}
	return nil
}

// takeExtra ends the object that starts there and returns it; nil if it has no members.
func (r *reader) takeExtra(start int) json.RawMessage {
	if !r.extra.close(start) {
		return nil
	}
	object := r.json.Copy(r.extra.Buf[start:])
	r.extra.Buf = r.extra.Buf[:start]
	return object
}
