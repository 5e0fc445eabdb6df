package solos

import (
	"encoding/json"
	"net/http"

	"github.com/go-faster/jx"

	"crmgraph/upstream"
)

// readFields reads the dynamic fields of a project: an object of names and values or a
// list of objects with name and value. It is nil where the CRM sent nothing.
func (r *reader) readFields(d *jx.Decoder) ([]Field, error) {
	mark := len(r.compact.Buf)
	r.fields, r.ends = r.fields[:0], r.ends[:0]
	var err error
	switch d.Next() {
	case jx.Null:
		return nil, d.Null()
	case jx.Object:
		err = r.readFieldObject(d)
	case jx.Array:
		err = r.readFieldList(d)
	default:
		err = upstream.Unreadable("an object or a list of fields was due")
	}
	if err != nil {
		return nil, err
	}
	// All values of a project share one piece of memory.
	values, from := r.cut(mark), 0
	for i, end := range r.ends {
		end -= mark
		r.fields[i].Value = values[from:end:end]
		from = end
	}
	r.before = r.dynamic.Copy(r.fields)
	return r.before, nil
}

func (r *reader) readFieldObject(d *jx.Decoder) error {
	members, err := d.ObjIter()
	if err != nil {
		return err
	}
	for members.Next() {
		name := r.fieldName(members.Key())
		if err := r.addJSON(d); err != nil {
			return err
		}
		r.addField(name)
	}
	return members.Err()
}

func (r *reader) readFieldList(d *jx.Decoder) error {
	elements, err := d.ArrIter()
	if err != nil {
		return err
	}
	for elements.Next() {
		if err := r.readListedField(d); err != nil {
			return upstream.AtIndex(len(r.fields), err)
		}
	}
	return elements.Err()
}

func (r *reader) readListedField(d *jx.Decoder) error {
	if d.Next() != jx.Object {
		return upstream.Unreadable("an object was due")
	}
	members, err := d.ObjIter()
	if err != nil {
		return err
	}
	var name string
	mark := len(r.compact.Buf)
	for members.Next() {
		switch string(members.Key()) {
		case "name":
			text, _, err := upstream.ReadBytes(d)
			if err != nil {
				return upstream.AtField("name", err)
			}
			name = r.fieldName(text)
		case "value":
			r.compact.Buf = r.compact.Buf[:mark]
			if err := r.addJSON(d); err != nil {
				return err
			}
		default:
			r.partial = true
			if err := d.Skip(); err != nil {
				return err
			}
		}
	}
	if err := members.Err(); err != nil {
		return err
	}
	if name == "" {
		return upstream.AtField("name", upstream.Unreadable("missing"))
	}
	if len(r.compact.Buf) == mark {
		r.compact.Null()
	}
	r.addField(name)
	return nil
}

// addField adds a dynamic field, whose value is what was written last.
func (r *reader) addField(name string) {
	r.fields = append(r.fields, Field{Name: name})
	r.ends = append(r.ends, len(r.compact.Buf))
}

// fieldName returns key as a string that the projects of one answer share. Most have the
// same fields in the same order.
func (r *reader) fieldName(key []byte) string {
	if at := len(r.fields); at < len(r.before) && r.before[at].Name == string(key) {
		return r.before[at].Name
	}
	if name, ok := r.spelled[string(key)]; ok {
		return name
	}
	name := r.texts.Copy(key)
	r.spelled[name] = name
	return name
}

// findCustomer sets which ProPortal customer p belongs to, or why that is not known. A
// wrong value in a field that people fill in must not cost the whole list.
func (r *reader) findCustomer(p *projectRecord) {
	for _, field := range p.Fields {
		if field.Name != r.customerField {
			continue
		}
		id, err := r.readCustomerID(field.Value)
		switch {
		case err != nil:
			name := "data." + r.customerField
			p.CustomerErr = &upstream.Error{
				Call:   r.call,
				Kind:   upstream.Malformed,
				Status: http.StatusOK,
				Field:  name,
				Err:    upstream.AtField(name, err),
			}
		case id != 0:
			p.customerID = id
			p.CustomerID = &p.customerID
		}
		return
	}
}

// readCustomerID reads a number, also as text or alone in an array; 0 stands for none.
func (r *reader) readCustomerID(value json.RawMessage) (int64, error) {
	d := &r.aside
	d.ResetBytes(value)
	var id int64
	var err error
	if d.Next() == jx.Array {
		count := 0
		err = d.Arr(func(d *jx.Decoder) (err error) {
			count++
			id, _, err = upstream.ReadInt(d)
			return err
		})
		if count > 1 {
			err = upstream.Unreadable("one customer was due, not several")
		}
	} else {
		id, _, err = upstream.ReadInt(d)
	}
	if err == nil && id < 0 {
		err = upstream.Unreadable("an id was due")
	}
	return id, err
}
