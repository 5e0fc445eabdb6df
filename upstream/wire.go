package upstream

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-faster/jx"

	"crmgraph/upstream/jsonread"
)

// MySQL and PHP send the same column as 10, "10", 10.0 or null. The readers below
// accept every such spelling; ok is false for null (and for an empty text where a
// number is due), and anything else is an error without a field, for AtField.

// ReadBytes reads a string; a number or a boolean is taken as it is written. The bytes
// are valid until the next read.
func ReadBytes(d *jsonread.Decoder) (text []byte, ok bool, err error) {
	switch d.Next() {
	case jsonread.String:
		text, err = d.Text()
		return text, err == nil, known(err)
	case jsonread.Number, jsonread.Bool:
		raw, _, err := d.Raw()
		return raw, err == nil, known(err)
	case jsonread.Null:
		return nil, false, known(d.Null())
	default:
		return nil, false, Unreadable("text was due")
	}
}

// ReadInt reads a whole number in the range of int64.
func ReadInt(d *jsonread.Decoder) (value int64, ok bool, err error) {
	if natural, ok := d.Natural(); ok {
		return int64(natural), true, nil
	}
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
func ReadInt32(d *jsonread.Decoder) (value int, ok bool, err error) {
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
func ReadUint(d *jsonread.Decoder) (value uint64, ok bool, err error) {
	if value, ok = d.Natural(); ok {
		return value, true, nil
	}
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
func ReadNumber(d *jsonread.Decoder) (number []byte, ok bool, err error) {
	switch d.Next() {
	case jsonread.Number:
		raw, _, err := d.Raw()
		return raw, err == nil, known(err)
	case jsonread.String:
		text, err := d.Text()
		return text, err == nil && len(bytes.TrimSpace(text)) > 0, known(err)
	case jsonread.Null:
		return nil, false, known(d.Null())
	default:
		return nil, false, Unreadable("a number was due")
	}
}

// ReadBool reads true and false, also as 1 and 0 and as text.
func ReadBool(d *jsonread.Decoder) (value, ok bool, err error) {
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
func AppendJSON(to []byte, d *jsonread.Decoder) ([]byte, error) {
	raw, spaced, err := d.Raw()
	if err != nil {
		return to, known(err)
	}
	if spaced {
		return jsonread.AppendCompact(to, raw), nil
	}
	return append(to, raw...), nil
}

// AppendKey appends the name of a member and a colon.
func AppendKey(to, name []byte) []byte {
	if !jsonread.IsPlain(name) {
		w := jx.Writer{Buf: to}
		w.ByteStr(name)
		return append(w.Buf, ':')
	}
	to = append(to, '"')
	to = append(to, name...)
	return append(to, `":`...)
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
func ReadList(d *jsonread.Decoder, envelopes []string, element func(d *jsonread.Decoder, index int) error) (Page, error) {
	page := Page{Total: -1, Count: -1, PerPage: -1, Current: -1, LastPage: -1}
	switch d.Next() {
	case jsonread.Array:
		return page, readArray(d, element)
	case jsonread.Object:
		found, foundNull := false, false
		other := "" // the first of the names that holds something else
		err := ReadObject(d, func(d *jsonread.Decoder, key []byte) error {
			if at := slices.IndexFunc(envelopes, func(name string) bool { return name == string(key) }); at >= 0 {
				switch next := d.Next(); {
				case next == jsonread.Array && found:
					return Unreadable("two lists in one answer")
				case next == jsonread.Array:
					found = true
					return AtField(envelopes[at], readArray(d, element))
				case next == jsonread.Null:
					foundNull = true
					return known(d.Null())
				default:
					other = cmp.Or(other, envelopes[at])
				}
			}
			if string(key) == "meta" && d.Next() == jsonread.Object {
				return AtField("meta", ReadObject(d, page.read))
			}
			return page.read(d, key)
		})
		if err != nil {
			return page, known(err)
		}
		switch {
		case found || foundNull:
			return page, nil
		case other != "":
			return page, AtField(other, Unreadable("a list was due"))
		default:
			return page, Unreadable("a list was due")
		}
	default:
		return page, Unreadable("a list was due")
	}
}

// MaxElements is how many elements a list in an answer may have: far more than anybody asks for. An
// object of which little was sent takes fifty times its bytes in memory.
const MaxElements = 100_000

// TooMany is the error of a list that goes on after MaxElements.
func TooMany() error { return Unreadable("a list of more than 100000 elements") }

func readArray(d *jsonread.Decoder, element func(d *jsonread.Decoder, index int) error) error {
	elements := d.Elements()
	for index := 0; elements.Next(); index++ {
		if index == MaxElements {
			return TooMany()
		}
		if err := element(d, index); err != nil {
			return AtIndex(index, err)
		}
	}
	return known(elements.Err())
}

// read takes the paging numbers among an envelope's members and skips the rest.
func (p *Page) read(d *jsonread.Decoder, key []byte) error {
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
func ReadObject(d *jsonread.Decoder, member func(d *jsonread.Decoder, key []byte) error) error {
	if d.Next() != jsonread.Object {
		return Unreadable("an object was due")
	}
	members := d.Members()
	for members.Next() {
		if err := member(d, members.Key()); err != nil {
			return known(err)
		}
	}
	return known(members.Err())
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
