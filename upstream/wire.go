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

// ReadBytes reads a string; a number or a boolean is taken as it is written. The bytes
// are valid until the next read.
func ReadBytes(d *jx.Decoder) (text []byte, ok bool, err error) {
	switch d.Next() {
	case jx.String:
		text, err = d.StrBytes()
		return text, err == nil, known(err)
	case jx.Number, jx.Bool:
		raw, err := d.Raw()
		return raw, err == nil, known(err)
	case jx.Null:
		return nil, false, known(d.Null())
	default:
		return nil, false, Unreadable("text was due")
	}
}

// ReadInt reads a whole number in the range of int64.
func ReadInt(d *jx.Decoder) (value int64, ok bool, err error) {
	number, ok, err := ReadNumber(d)
	if !ok || err != nil {
		return 0, false, err
	}
	value, err = ParseInt(number)
	return value, err == nil, err
}

// ParseInt understands what ReadInt reads, given without quotes.
func ParseInt(number []byte) (int64, error) {
	if natural, ok := parseNatural(number); ok {
		return int64(natural), nil
	}
	digits, err := wholeDigits(number)
	if err != nil {
		return 0, err
	}
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, Unreadable("the number is out of range")
	}
	return value, nil
}

// ReadInt32 reads a whole number in the range of GraphQL's Int.
func ReadInt32(d *jx.Decoder) (value int, ok bool, err error) {
	number, ok, err := ReadNumber(d)
	if !ok || err != nil {
		return 0, false, err
	}
	value, err = ParseInt32(number)
	return value, err == nil, err
}

// ParseInt32 understands what ReadInt32 reads, given without quotes.
func ParseInt32(number []byte) (int, error) {
	wide, err := ParseInt(number)
	if err != nil {
		return 0, err
	}
	if wide < math.MinInt32 || wide > math.MaxInt32 {
		return 0, Unreadable("the number is out of range")
	}
	return int(wide), nil
}

// ReadUint reads a whole number from 0 in the range of uint64.
func ReadUint(d *jx.Decoder) (value uint64, ok bool, err error) {
	number, ok, err := ReadNumber(d)
	if !ok || err != nil {
		return 0, false, err
	}
	if natural, ok := parseNatural(number); ok {
		return natural, true, nil
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

// parseNatural reads what nearly all numbers are: a few digits that fit int64 and uint64,
// perhaps with zeros behind a point.
func parseNatural(number []byte) (value uint64, ok bool) {
	const maxDigits = 18
	i := 0
	for ; i < len(number) && isDigit(number[i]); i++ {
		value = value*10 + uint64(number[i]-'0')
	}
	if i == 0 || i > maxDigits {
		return 0, false
	}
	if i < len(number) {
		fraction := number[i+1:]
		if number[i] != '.' || len(fraction) == 0 || len(bytes.Trim(fraction, "0")) > 0 {
			return 0, false
		}
	}
	return value, true
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

// ReadNumber returns the text of what should be a number, bare or in quotes. It is valid
// until the next read.
func ReadNumber(d *jx.Decoder) (number []byte, ok bool, err error) {
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
	text, ok, err := ReadBytes(d)
	if !ok || err != nil {
		return false, false, err
	}
	return ParseBool(text)
}

// ParseBool understands what ReadBool reads, given without quotes.
func ParseBool(text []byte) (value, ok bool, err error) {
	switch string(text) {
	case "1", "1.0", "true":
		return true, true, nil
	case "0", "0.0", "false":
		return false, true, nil
	}
	switch string(bytes.ToLower(bytes.TrimSpace(text))) {
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

// AppendJSON appends one value of any kind as it stands, in compact form.
func AppendJSON(to []byte, d *jx.Decoder) ([]byte, error) {
	raw, err := d.Raw()
	if err != nil {
		return to, known(err)
	}
	for isSpace(raw[0]) {
		raw = raw[1:]
	}
	if kind := raw[0]; kind != '{' && kind != '[' {
		return append(to, raw...), nil // only arrays and objects have space in them
	}
	out := bytes.NewBuffer(to)
	if err := json.Compact(out, raw); err != nil {
		return to, Unreadable("not valid JSON")
	}
	return out.Bytes(), nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

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
			if at := slices.IndexFunc(envelopes, func(name string) bool { return name == string(key) }); at >= 0 {
				switch next := d.Next(); {
				case next == jx.Array && found:
					return Unreadable("two lists in one answer")
				case next == jx.Array:
					found = true
					return AtField(envelopes[at], readArray(d, element))
				case next == jx.Null:
					foundNull = true
					return known(d.Null())
				}
			}
			if string(key) == "meta" && d.Next() == jx.Object {
				return AtField("meta", known(d.ObjBytes(page.read)))
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
	return hide(err)
}

// hide is known less the case of no error, which is nearly every call and inlined.
func hide(err error) error {
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
