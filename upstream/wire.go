package upstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// MySQL and PHP send the same column as 10, "10", 10.0 or null. The readers below
// accept every such spelling; ok is false for null (and for an empty text where a
// number is due), and anything else is an error without a field, for AtField.

// ReadText reads a string; a number or a boolean is taken as it is written.
func ReadText(d *jx.Decoder) (text string, ok bool, err error) {
	switch d.Next() {
	case jx.String:
		text, err = d.Str()
		return text, err == nil, known(err)
	case jx.Number:
		raw, err := d.Raw()
		return string(raw), err == nil, known(err)
	case jx.Bool:
		value, err := d.Bool()
		if err != nil {
			return "", false, known(err)
		}
		return strconv.FormatBool(value), true, nil
	case jx.Null:
		return "", false, known(d.Null())
	default:
		return "", false, Unreadable("text was due")
	}
}

// ReadInt reads a whole number in the range of int64.
func ReadInt(d *jx.Decoder) (value int64, ok bool, err error) {
	number, ok, err := readNumber(d)
	if !ok || err != nil {
		return 0, false, err
	}
	// Nearly every number is plain digits, which need no rewriting.
	if value, err = strconv.ParseInt(string(number), 10, 64); err == nil {
		return value, true, nil
	}
	digits, err := wholeDigits(number)
	if err != nil {
		return 0, false, err
	}
	if value, err = strconv.ParseInt(digits, 10, 64); err != nil {
		return 0, false, Unreadable("the number is out of range")
	}
	return value, true, nil
}

// ReadInt32 reads a whole number in the range of GraphQL's Int.
func ReadInt32(d *jx.Decoder) (value int, ok bool, err error) {
	wide, ok, err := ReadInt(d)
	if !ok || err != nil {
		return 0, false, err
	}
	if wide < math.MinInt32 || wide > math.MaxInt32 {
		return 0, false, Unreadable("the number is out of range")
	}
	return int(wide), true, nil
}

// ReadUint reads a whole number from 0 in the range of uint64.
func ReadUint(d *jx.Decoder) (value uint64, ok bool, err error) {
	number, ok, err := readNumber(d)
	if !ok || err != nil {
		return 0, false, err
	}
	if value, err = strconv.ParseUint(string(number), 10, 64); err == nil {
		return value, true, nil
	}
	digits, err := wholeDigits(number)
	if err != nil {
		return 0, false, err
	}
	if value, err = strconv.ParseUint(digits, 10, 64); err != nil {
		return 0, false, Unreadable("the number is out of range")
	}
	return value, true, nil
}

// wholeDigits takes the digits of a whole number that may be written like 10.0 or 1e3.
func wholeDigits(number []byte) (string, error) {
	decimal, ok := ParseDecimal(string(number))
	if !ok {
		return "", Unreadable("a number was due")
	}
	whole, fraction, _ := strings.Cut(string(decimal), ".")
	if strings.Trim(fraction, "0") != "" {
		return "", Unreadable("a whole number was due")
	}
	return whole, nil
}

// ReadDecimal reads a number without ever making it a float.
func ReadDecimal(d *jx.Decoder) (value Decimal, ok bool, err error) {
	number, ok, err := readNumber(d)
	if !ok || err != nil {
		return "", false, err
	}
	if value, ok = ParseDecimal(string(number)); !ok {
		return "", false, Unreadable("a number was due")
	}
	return value, true, nil
}

// readNumber returns the text of a number, bare or in quotes, which is valid until the
// next read.
func readNumber(d *jx.Decoder) (number []byte, ok bool, err error) {
	switch d.Next() {
	case jx.Number:
		raw, err := d.Raw()
		return raw, err == nil, known(err)
	case jx.String:
		text, err := d.StrBytes()
		return text, err == nil && len(bytes.TrimSpace(text)) > 0, known(err)
	case jx.Null:
		return nil, false, known(d.Null())
	default:
		return nil, false, Unreadable("a number was due")
	}
}

// ReadBool reads true and false, also as 1 and 0 and as text.
func ReadBool(d *jx.Decoder) (value, ok bool, err error) {
	text, ok, err := ReadText(d)
	if !ok || err != nil {
		return false, false, err
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "":
		return false, false, nil
	case "1", "1.0", "true", "yes", "on":
		return true, true, nil
	case "0", "0.0", "false", "no", "off":
		return false, true, nil
	default:
		return false, false, Unreadable("yes or no was due")
	}
}

// ReadJSON copies one value of any kind as it stands, in compact form.
func ReadJSON(d *jx.Decoder) (json.RawMessage, error) {
	raw, err := d.Raw()
	if err != nil {
		return nil, known(err)
	}
	var out bytes.Buffer
	out.Grow(len(raw))
	if err := json.Compact(&out, raw); err != nil {
		return nil, Unreadable("not valid JSON")
	}
	return out.Bytes(), nil
}

// Page is what a list's envelope told beside the list; -1 stands for what it did not tell.
type Page struct {
	Total    int // elements of the whole list
	Count    int // what "count" says: of the whole list or of this page, the CRMs do not tell
	PerPage  int // elements a page
	Current  int // number of this page, from 1
	LastPage int // number of the last page, from 1
}

// ReadList reads a list in any of the four forms the CRMs use and calls element for
// each of its elements: a plain array, an object that holds the array under one of
// the names in envelopes, Laravel's flat paginator and its resource paginator. Inside an
// envelope null is an empty list.
func ReadList(d *jx.Decoder, envelopes []string, element func(d *jx.Decoder, index int) error) (Page, error) {
	page := Page{Total: -1, Count: -1, PerPage: -1, Current: -1, LastPage: -1}
	switch d.Next() {
	case jx.Array:
		return page, readArray(d, element)
	case jx.Object:
		found, foundNull := false, false
		err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			name := string(key)
			if slices.Contains(envelopes, name) {
				switch next := d.Next(); {
				case next == jx.Array && found:
					return Unreadable("two lists in one answer")
				case next == jx.Array:
					found = true
					return AtField(name, readArray(d, element))
				case next == jx.Null:
					foundNull = true
					return known(d.Null())
				}
			}
			if name == "meta" && d.Next() == jx.Object {
				return AtField(name, known(d.ObjBytes(page.read)))
			}
			return page.read(d, key)
		})
		if err != nil {
			return page, known(err)
		}
		if !found && !foundNull {
			return page, Unreadable("a list was due")
		}
		return page, nil
	default:
		return page, Unreadable("a list was due")
	}
}

func readArray(d *jx.Decoder, element func(d *jx.Decoder, index int) error) error {
	index := 0
	return known(d.Arr(func(d *jx.Decoder) error {
		err := element(d, index)
		if err != nil {
			return AtIndex(index, err)
		}
		index++
		return nil
	}))
}

// read takes the paging numbers among an envelope's members and skips the rest.
func (p *Page) read(d *jx.Decoder, key []byte) error {
	target := (*int)(nil)
	switch string(key) {
	case "total":
		target = &p.Total
	case "count":
		target = &p.Count
	case "per_page":
		target = &p.PerPage
	case "current_page":
		target = &p.Current
	case "last_page":
		target = &p.LastPage
	default:
		return known(d.Skip())
	}
	value, ok, err := ReadInt(d)
	if err != nil || value < 0 || value > math.MaxInt32 {
		return AtField(string(key), Unreadable("a count was due"))
	}
	if ok {
		*target = int(value)
	}
	return nil
}

// ReadObject reads an object and calls member for each of its members. Field errors of
// member come back as they are; every other error says that the JSON is broken.
func ReadObject(d *jx.Decoder, member func(d *jx.Decoder, key []byte) error) error {
	if d.Next() != jx.Object {
		return Unreadable("an object was due")
	}
	return known(d.ObjBytes(member))
}

// known passes the errors of this package, which name no byte of the answer, and
// hides the JSON library's own, which quote the bytes they stumbled over.
func known(err error) error {
	if err == nil {
		return nil
	}
	var field *FieldError
	var kind Kind
	if errors.As(err, &kind) {
		return kind
	}
	if errors.As(err, &field) {
		return field
	}
	return Unreadable("not valid JSON")
}
