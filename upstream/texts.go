package upstream

import (
	"strings"

	"crmgraph/upstream/jsonread"
)

// Texts copies the texts of one answer, which shares its memory with later ones, into a
// few large strings. The zero Texts is ready to use. It is not safe for concurrent use.
type Texts struct {
	last strings.Builder
	forecast
	scratch [256]byte // more than nearly all texts have
}

// Copy returns text as a string of its own.
func (t *Texts) Copy(text []byte) string {
	if len(text) > maxSlab/4 {
		return string(text) // it would waste the room that is left for others
	}
	if len(text) > t.last.Cap()-t.last.Len() {
		likely := t.next(t.last.Cap(), 2*t.last.Cap())
		t.last = strings.Builder{}
		t.last.Grow(max(len(text), minSlab, min(likely, maxSlab)))
	}
	start := t.last.Len()
	t.last.Write(text) // never beyond its capacity, so that what was copied before stays in place
	return t.last.String()[start:]
}

// ReadText reads a string; a number or a boolean is taken as it is written.
func (t *Texts) ReadText(d *jsonread.Decoder) (text string, ok bool, err error) {
	if d.Next() == jsonread.String {
		raw, escaped, err := d.RawText()
		if err != nil {
			return "", false, known(err)
		}
		if escaped {
			// With memory at hand, it allocates none of its own.
			raw = jsonread.AppendUnescaped(t.scratch[:0], raw)
		}
		return t.Copy(raw), true, nil
	}
	raw, ok, err := ReadBytes(d)
	if !ok || err != nil {
		return "", false, err
	}
	return t.Copy(raw), true, nil
}

// ReadDecimal reads a number without ever making it a float.
func (t *Texts) ReadDecimal(d *jsonread.Decoder) (value Decimal, ok bool, err error) {
	number, ok, err := ReadNumber(d)
	if !ok || err != nil {
		return "", false, err
	}
	value, err = t.ParseDecimal(number)
	return value, err == nil, err
}

// ParseDecimal checks number as the function ParseDecimal does and copies it.
func (t *Texts) ParseDecimal(number []byte) (Decimal, error) {
	if isPlain(number) {
		return Decimal(t.Copy(number)), nil
	}
	value, ok := ParseDecimal(string(number))
	if !ok {
		return "", Unreadable("a number was due")
	}
	return value, nil
}
