package solos

import (
	"cmp"
	"encoding/json"
	"net/http"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// someFields is how many dynamic fields the first project of an answer has room for.
const someFields = 8

// readFields reads the dynamic fields of a project: an object of names and values or a
// list of objects with name and value. It is nil where the CRM sent nothing.
func (r *reader) readFields(d *jsonread.Decoder) ([]Field, error) {
	fields := r.dynamic.Room(cmp.Or(len(r.before), someFields))
	var err error
	switch d.Next() {
	case jsonread.Null:
		return nil, d.Null()
	case jsonread.Object:
		fields, err = r.readFieldObject(d, fields)
	case jsonread.Array:
		fields, err = r.readFieldList(d, fields)
	default:
		err = upstream.Unreadable("an object or a list of fields was due")
	}
	if err != nil {
		return nil, err
	}
	r.before = r.dynamic.Keep(fields)
	return r.before, nil
}

func (r *reader) readFieldObject(d *jsonread.Decoder, fields []Field) ([]Field, error) {
	members := d.Members()
	for {
		name := ""
		if at := len(fields); at < len(r.before) && !r.escaped && members.Expect(r.before[at].Name) {
			name = r.before[at].Name
		} else if members.Next() {
			name = r.fieldName(members.Key(), at)
		} else {
			return fields, members.Err()
		}
		value, err := r.readJSON(d)
		if err != nil {
			return nil, err
		}
		fields = append(fields, Field{Name: name, Value: value})
	}
}

func (r *reader) readFieldList(d *jsonread.Decoder, fields []Field) ([]Field, error) {
	start := *d
	elements := d.Elements()
	for elements.Next() {
		if len(fields) == upstream.MaxElements {
			return nil, upstream.TooMany()
		}
		field, err := r.readListedField(d, len(fields))
		if err != nil {
			return nil, upstream.AtIndex(len(fields), err)
		}
		fields = append(fields, field)
	}
	if err := elements.Err(); err != nil {
		return nil, err
	}
	if !r.partial {
		return fields, nil
	}
	var err error
	r.taken, _, err = start.Raw()
	return fields, err
}

func (r *reader) readListedField(d *jsonread.Decoder, at int) (field Field, err error) {
	if d.Next() != jsonread.Object {
		return field, upstream.Unreadable("an object was due")
	}
	members := d.Members()
	for members.Next() {
		switch string(members.Key()) {
		case "name":
			text, _, err := upstream.ReadBytes(d)
			if err != nil {
				return field, upstream.AtField("name", err)
			}
			field.Name = r.fieldName(text, at)
		case "value":
			if field.Value, err = r.readJSON(d); err != nil {
				return field, err
			}
		default:
			r.partial = true
			if err := d.Skip(); err != nil {
				return field, err
			}
		}
	}
	if err := members.Err(); err != nil {
		return field, err
	}
	if field.Name == "" {
		return field, upstream.AtField("name", upstream.Unreadable("missing"))
	}
	if field.Value == nil {
		field.Value = r.json.Copy([]byte("null"))
	}
	return field, nil
}

// fieldName returns key as a string that the projects of one answer share. Most have the
// same fields in the same order, of which this is the one with index at.
func (r *reader) fieldName(key []byte, at int) string {
	if at < len(r.before) && r.before[at].Name == string(key) {
		return r.before[at].Name
	}
	if name, ok := r.spelled[string(key)]; ok {
		return name
	}
	name := r.texts.Copy(key)
	r.spelled[name] = name
	r.escaped = r.escaped || !jsonread.IsPlain(key)
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
				Call:   *r.call,
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
	d.Reset(value)
	var id int64
	var err error
	if d.Next() == jsonread.Array {
		elements := d.Elements()
		count := 0
		for ; err == nil && elements.Next(); count++ {
			id, _, err = upstream.ReadInt(d)
		}
		err = cmp.Or(err, elements.Err())
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
