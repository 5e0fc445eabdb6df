package proportal

import (
	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// maxWrapping is how many envelopes and lists of one may be around a single object.
const maxWrapping = 3

// readOne reads the answer's only object: bare, in {"data": …} or in a list of one. It
// returns upstream.NotFound where the answer holds nothing.
func readOne(d *jsonread.Decoder, object func(d *jsonread.Decoder) error) error {
	found, err := unwrap(d, maxWrapping, object)
	if err != nil || found {
		return err
	}
	if err := upstream.ReadEnd(d); err != nil {
		return err
	}
	return upstream.NotFound
}

func unwrap(d *jsonread.Decoder, wrappings int, object func(d *jsonread.Decoder) error) (found bool, err error) {
	if wrappings < 0 {
		return false, upstream.Unreadable("an object was due")
	}
	switch d.Next() {
	case jsonread.Null:
		return false, d.Null()
	case jsonread.Array:
		elements := d.Elements()
		for index := 0; elements.Next(); index++ {
			if index > 0 {
				return found, upstream.Unreadable("a single object was due")
			}
			if found, err = unwrap(d, wrappings-1, object); err != nil {
				return found, upstream.AtIndex(0, err)
			}
		}
		return found, elements.Err()
	case jsonread.Object:
		shape, err := shapeOf(d)
		if err != nil {
			return false, err
		}
		switch shape {
		case empty:
			return false, d.Skip()
		case envelope:
			return unwrapEnvelope(d, wrappings, object)
		default:
			return true, object(d)
		}
	default:
		return false, upstream.Unreadable("an object was due")
	}
}

// unwrapEnvelope is unwrap for an object with "data".
func unwrapEnvelope(d *jsonread.Decoder, wrappings int, object func(d *jsonread.Decoder) error) (found bool, err error) {
	members := d.Members()
	for members.Next() {
		if string(members.Key()) != "data" {
			err = d.Skip()
		} else if found, err = unwrap(d, wrappings-1, object); err != nil {
			err = upstream.AtField("data", err)
		}
		if err != nil {
			return found, err
		}
	}
	return found, members.Err()
}

type shape int

const (
	bare shape = iota
	empty
	envelope
)

// shapeOf looks ahead: an object with "data" and without an id is an envelope.
func shapeOf(d *jsonread.Decoder) (shape, error) {
	start := *d
	defer func() { *d = start }()
	members := d.Members()
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
			case jsonread.Object, jsonread.Array, jsonread.Null:
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
