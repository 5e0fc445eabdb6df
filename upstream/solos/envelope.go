package solos

import (
	"cmp"
	"math"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// envelopeName returns the name of the envelope that key is, or "". The installations
// put what was asked for under one of these names, some under two of them.
func envelopeName(key []byte) string {
	switch string(key) {
	case "payload":
		return "payload"
	case "data":
		return "data"
	case "items":
		return "items"
	case "result":
		return "result"
	default:
		return ""
	}
}

// maxEnvelopes is how deep envelopes may lie in each other.
const maxEnvelopes = 2

// listing is a list while it is being read.
type listing[T any] struct {
	reader  *reader
	element func(*reader, *jsonread.Decoder) (T, error)
	items   []T    // not nil once the list was found
	null    bool   // an envelope holds null
	within  string // the envelope around the one that is read
	other   string // the first envelope that holds neither a list nor null
	total   int64
	count   int64
}

// readList reads a list, bare or in envelopes, with what the envelopes tell about the
// length of the whole list.
func readList[T any](r *reader, d *jsonread.Decoder, element func(*reader, *jsonread.Decoder) (T, error)) (List[T], error) {
	r.from(d)
	l := &listing[T]{reader: r, element: element, total: -1, count: -1}
	if err := l.read(d); err != nil {
		return List[T]{}, err
	}
	list := List[T]{Items: l.items, Total: int(l.total)}
	if l.total < 0 && l.count > int64(len(l.items)) {
		list.Total = int(l.count)
	}
	return list, nil
}

func (l *listing[T]) read(d *jsonread.Decoder) error {
	switch d.Next() {
	case jsonread.Array:
		return l.readItems(d)
	case jsonread.Object:
		if err := l.open(d, 1); err != nil {
			return err
		}
		if l.items == nil && l.null {
			l.items = []T{}
		}
		switch {
		case l.items != nil:
			return nil
		case l.other != "":
			return upstream.AtField(l.other, upstream.Unreadable("a list was due"))
		default:
			return upstream.Unreadable("a list was due")
		}
	default:
		return upstream.Unreadable("a list was due")
	}
}

// open reads an object that is the depth-th envelope.
func (l *listing[T]) open(d *jsonread.Decoder, depth int) error {
	members := d.Members()
	for members.Next() {
		if err := l.member(d, members.Key(), depth); err != nil {
			return err
		}
	}
	return members.Err()
}

func (l *listing[T]) member(d *jsonread.Decoder, key []byte, depth int) error {
	if envelope := envelopeName(key); envelope != "" {
		return l.envelope(d, envelope, depth)
	}
	switch string(key) {
	case "total":
		return upstream.AtField("total", readCount(d, &l.total))
	case "count":
		return upstream.AtField("count", readCount(d, &l.count))
	default:
		return d.Skip()
	}
}

// envelope reads what the envelope of that name holds.
func (l *listing[T]) envelope(d *jsonread.Decoder, name string, depth int) error {
	switch kind := d.Next(); {
	case kind == jsonread.Array:
		return upstream.AtField(name, l.readItems(d))
	case kind == jsonread.Null:
		l.null = true
		return d.Skip()
	case kind == jsonread.Object && depth < maxEnvelopes:
		l.within = name
		err := l.open(d, depth+1)
		l.within = ""
		l.noteOther(name)
		return upstream.AtField(name, err)
	default:
		l.noteOther(name)
		return d.Skip()
	}
}

// noteOther notes an envelope that may be where the list was due.
func (l *listing[T]) noteOther(name string) {
	switch {
	case l.other != "":
	case l.within != "":
		l.other = l.within + "." + name
	default:
		l.other = name
	}
}

func (l *listing[T]) readItems(d *jsonread.Decoder) error {
	if l.items != nil {
		return upstream.Unreadable("a second list in one answer")
	}
	l.items = make([]T, 0, 8)
	elements := d.Elements()
	for elements.Next() {
		if len(l.items) == upstream.MaxElements {
			return upstream.TooMany()
		}
		item, err := l.element(l.reader, d)
		if err != nil {
			return upstream.AtIndex(len(l.items), err)
		}
		l.items = append(l.items, item)
	}
	return elements.Err()
}

func readCount(d *jsonread.Decoder, slot *int64) error {
	count, ok, err := upstream.ReadInt(d)
	if err != nil {
		return err
	}
	if count < 0 || count > math.MaxInt32 {
		return upstream.Unreadable("a count was due")
	}
	if ok {
		*slot = count
	}
	return nil
}

// readOne reads one object of the type with the given table: bare, alone in an array,
// or in envelopes. An empty answer is upstream.NotFound.
func readOne[T any](r *reader, d *jsonread.Decoder, table names, element func(*reader, *jsonread.Decoder) (T, error)) (T, error) {
	return readEnveloped(r, d, table, element, 0)
}

func readEnveloped[T any](r *reader, d *jsonread.Decoder, table names, element func(*reader, *jsonread.Decoder) (T, error), depth int) (T, error) {
	var none T
	switch d.Next() {
	case jsonread.Null:
		return none, upstream.NotFound
	case jsonread.Array:
		return readOnly(r, d, element)
	case jsonread.Object:
		envelope, empty, err := peek(d, table)
		switch {
		case err != nil:
			return none, err
		case empty:
			return none, upstream.NotFound
		case envelope != "" && depth < maxEnvelopes:
			var out T
			err := upstream.ReadObject(d, func(d *jsonread.Decoder, key []byte) (err error) {
				if string(key) != envelope {
					return d.Skip()
				}
				out, err = readEnveloped(r, d, table, element, depth+1)
				return upstream.AtField(envelope, err)
			})
			return out, err
		default:
			return element(r, d)
		}
	default:
		return none, upstream.Unreadable("an object was due")
	}
}

// readOnly reads the only element of an array.
func readOnly[T any](r *reader, d *jsonread.Decoder, element func(*reader, *jsonread.Decoder) (T, error)) (T, error) {
	var out T
	elements := d.Elements()
	if !elements.Next() {
		if err := elements.Err(); err != nil {
			return out, err
		}
		return out, upstream.NotFound
	}
	out, err := element(r, d)
	if err != nil {
		return out, upstream.AtIndex(0, err)
	}
	if elements.Next() {
		return out, upstream.Unreadable("one object was due, not several")
	}
	return out, elements.Err()
}

// peek looks through the names of an object without moving d. It returns the envelope
// to open, or "" where the object is what was asked for. An object that has an id is;
// so is one with any other name of its type, since a project's dynamic fields are under
// a name that envelopes have too.
func peek(d *jsonread.Decoder, table names) (envelope string, empty bool, err error) {
	start := *d
	defer func() { *d = start }()
	members := d.Members()
	var filled, null, other string // the first envelope with something in it, with null, and with anything else
	empty = true
	for members.Next() {
		empty = false
		name := envelopeName(members.Key())
		if name == "" && table.find(members.Key()) != nil {
			return "", false, nil
		}
		switch d.Next() {
		case jsonread.Null:
			null = cmp.Or(null, name)
		case jsonread.Object, jsonread.Array:
			filled = cmp.Or(filled, name)
		default:
			other = cmp.Or(other, name)
		}
		if err := d.Skip(); err != nil {
			return "", false, err
		}
	}
	return cmp.Or(filled, null, other), empty, members.Err()
}
