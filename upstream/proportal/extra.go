package proportal

import (
	"encoding/json"

	"github.com/go-faster/jx"

	"crmgraph/upstream"
)

// extra collects the members of an object that have no field of their own, so that
// nothing an installation sends is lost.
type extra struct {
	open []byte // a JSON object without its closing brace; nil when there is no member
}

// member reads the value of one member of an object, or reports that it does not know
// the key; rest collects what nested objects hold beyond the known.
type member func(d *jx.Decoder, key []byte, rest *extra) (known bool, err error)

// readObject reads an object and keeps the members that known does not know.
func (x *extra) readObject(d *jx.Decoder, known member) error {
	return upstream.ReadObject(d, func(d *jx.Decoder, key []byte) error {
		ok, err := known(d, key, x)
		switch {
		case err != nil:
			return upstream.AtField(string(key), err)
		case ok:
			return nil
		default:
			return x.add(d, string(key))
		}
	})
}

// readNested is readObject for an object within the one that x belongs to; what is not
// known stays below the same name.
func (x *extra) readNested(d *jx.Decoder, name string, known member) error {
	if absent, err := skipAbsentObject(d); absent || err != nil {
		return err
	}
	var rest extra
	if err := rest.readObject(d, known); err != nil {
		return err
	}
	if members := rest.object(); members != nil {
		x.put(name, members)
	}
	return nil
}

func (x *extra) add(d *jx.Decoder, name string) error {
	value, err := upstream.ReadJSON(d)
	if err != nil {
		return err
	}
	x.put(name, value)
	return nil
}

// addUnlessNull is add for members that are known but have no field: their null says nothing.
func (x *extra) addUnlessNull(d *jx.Decoder, name string) error {
	if d.Next() == jx.Null {
		return d.Null()
	}
	return x.add(d, name)
}

func (x *extra) put(name string, value []byte) {
	w := jx.Writer{Buf: x.open}
	if x.open == nil {
		w.ObjStart()
	} else {
		w.Comma()
	}
	w.FieldStart(name)
	w.Raw(value)
	x.open = w.Buf
}

func (x *extra) object() json.RawMessage {
	if x.open == nil {
		return nil
	}
	return append(x.open, '}')
}
