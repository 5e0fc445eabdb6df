package proportal

import (
	"github.com/go-faster/jx"

	"crmgraph/upstream"
)

// maxWrapping is how many envelopes and lists of one may be around a single object.
const maxWrapping = 3

// readOne reads the answer's only object: bare, in {"data": …} or in a list of one. It
// returns upstream.NotFound where the answer holds nothing.
func readOne(d *jx.Decoder, object func(d *jx.Decoder) error) error {
	found, err := unwrap(d, maxWrapping, object)
	if err != nil || found {
		return err
	}
	if err := upstream.ReadEnd(d); err != nil {
		return err
	}
	return upstream.NotFound
}

func unwrap(d *jx.Decoder, wrappings int, object func(d *jx.Decoder) error) (found bool, err error) {
	if wrappings < 0 {
		return false, upstream.Unreadable("an object was due")
	}
	switch d.Next() {
	case jx.Null:
		return false, d.Null()
	case jx.Array:
		index := 0
		err = d.Arr(func(d *jx.Decoder) error {
			if index++; index > 1 {
				return upstream.Unreadable("a single object was due")
			}
			found, err = unwrap(d, wrappings-1, object)
			return upstream.AtIndex(0, err)
		})
		return found, err
	case jx.Object:
		shape, err := shapeOf(d)
		if err != nil {
			return false, err
		}
		switch shape {
		case empty:
			return false, d.Skip()
		case envelope:
			err = d.ObjBytes(func(d *jx.Decoder, key []byte) error {
				if string(key) != "data" {
					return d.Skip()
				}
				found, err = unwrap(d, wrappings-1, object)
				return upstream.AtField("data", err)
			})
			return found, err
		default:
			return true, object(d)
		}
	default:
		return false, upstream.Unreadable("an object was due")
	}
}

type shape int

const (
	bare shape = iota
	empty
	envelope
)

// shapeOf looks ahead: an object with "data" and without an id is an envelope.
func shapeOf(d *jx.Decoder) (shape, error) {
	start := *d
	defer func() { *d = start }()
	members, err := d.ObjIter()
	if err != nil {
		return bare, err
	}
	found := empty
	for members.Next() {
		if found == empty {
			found = bare
		}
		switch string(members.Key()) {
		case "id", "spisok_id", "client_id", "a_id":
			return bare, nil
		case "data":
			switch d.Next() {
			case jx.Object, jx.Array, jx.Null:
				found = envelope
			default:
			}
		}
		if err := d.Skip(); err != nil {
			return bare, err
		}
	}
	return found, members.Err()
}
