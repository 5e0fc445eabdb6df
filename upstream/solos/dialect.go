package solos

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// record is an object that takes its members one by one.
type record interface {
	// take reads the value of field, one of the fields of the record's type. What it took
	// of the same field before is gone.
	take(r *reader, d *jsonread.Decoder, field string) error
}

// object reads an object into out and returns as a JSON object, in order of arrival,
// what out has no place for; nil if nothing is left. Of several spellings of one field
// the preferred one that is not null counts.
func (r *reader) object(d *jsonread.Decoder, table names, out record) (json.RawMessage, error) {
	if d.Next() != jsonread.Object {
		return nil, upstream.Unreadable("an object was due")
	}
	start, mark := *d, len(r.compact.Buf)
	if !r.inOrder(d, table, out) {
		*d, r.compact.Buf, r.partial = start, r.compact.Buf[:mark], false
		if err := r.bySpelling(d, table, out); err != nil {
			return nil, err
		}
	}
	if len(r.compact.Buf) == mark {
		return nil, nil
	}
	r.compact.Buf[mark] = '{' // in place of a comma
	r.compact.ObjEnd()
	return r.cut(mark), nil
}

// inOrder reads an object whose fields come under one spelling each: every member as it
// comes. It gives up on any other, and on every error, since another spelling may count
// in place of the one that cannot be read.
func (r *reader) inOrder(d *jsonread.Decoder, table names, out record) bool {
	var seen [maxFields]bool
	expected := &r.orders[table.typeNumber]
	members := d.Members()
	for index := 0; ; index++ {
		at, ok := expected.next(&members, index, table)
		if !ok {
			return members.Err() == nil
		}
		if at == nil {
			if r.addExtra(members.Key(), d) != nil {
				return false
			}
			continue
		}
		if seen[at.index] {
			return false
		}
		seen[at.index] = true
		if out.take(r, d, at.field) != nil {
			return false
		}
		if !r.partial {
			continue
		}
		r.partial = false
		r.aside.Reset(r.taken)
		if r.addExtra(members.Key(), &r.aside) != nil {
			return false
		}
	}
}

// member is a member of an object that was set aside until all of them are known. It
// points into the answer.
type member struct {
	key   []byte
	value []byte
	place *place // where it belongs, nil for nowhere
}

// bySpelling reads any object: it looks at all members before it takes the best of each field.
func (r *reader) bySpelling(d *jsonread.Decoder, table names, out record) error {
	start := len(r.members)
	var best [maxFields]int // 1 + index of the member to read the field from
	members := d.Members()
	for members.Next() {
		at := table.find(members.Key())
		value, _, err := d.Raw()
		if err != nil && at != nil {
			return upstream.AtField(at.name, err)
		}
		if err != nil {
			return err
		}
		r.members = append(r.members, member{key: members.Key(), value: value, place: at})
		if at != nil && r.better(len(r.members)-1, best[at.index]-1) {
			best[at.index] = len(r.members)
		}
	}
	if err := members.Err(); err != nil {
		return err
	}
	for i, end := start, len(r.members); i < end; i++ {
		m := r.members[i]
		if m.place != nil && best[m.place.index] == i+1 {
			if err := r.takeAside(m, out); err != nil {
				return upstream.AtField(m.place.name, err)
			}
			if !r.partial {
				continue
			}
			r.partial = false
		}
		r.aside.Reset(m.value)
		if err := r.addExtra(m.key, &r.aside); err != nil {
			return err
		}
	}
	r.members = r.members[:start]
	return nil
}

// better reports whether member i tells its field better than member j, which came
// before it; j is -1 for none.
func (r *reader) better(i, j int) bool {
	if j < 0 {
		return true
	}
	a, b := r.members[i], r.members[j]
	if aNull, bNull := isNull(a.value), isNull(b.value); aNull != bNull {
		return bNull
	}
	return a.place.rank < b.place.rank
}

func isNull(value []byte) bool { return jsonread.New(value).Next() == jsonread.Null }

// takeAside lets out read a member that was set aside.
func (r *reader) takeAside(m member, out record) error {
	return out.take(r, jsonread.New(m.value), m.place.field)
}

// addExtra adds a member to what the object being read has no place for. The value is
// the next of d.
func (r *reader) addExtra(key []byte, d *jsonread.Decoder) error {
	r.compact.Buf = upstream.AppendKey(append(r.compact.Buf, ','), key)
	return r.addJSON(d)
}

// addJSON adds the next value of d in compact form.
func (r *reader) addJSON(d *jsonread.Decoder) (err error) {
	r.compact.Buf, err = upstream.AppendJSON(r.compact.Buf, d)
	return err
}

// readJSON returns the next value of d in compact form.
func (r *reader) readJSON(d *jsonread.Decoder) (json.RawMessage, error) {
	raw, spaced, err := d.Raw()
	if err != nil {
		return nil, err
	}
	if !spaced {
		return r.json.Copy(raw), nil
	}
	mark := len(r.compact.Buf)
	r.compact.Buf = jsonread.AppendCompact(r.compact.Buf, raw)
	return r.cut(mark), nil
}

// cut copies what was written since mark and takes it off the scratch memory.
func (r *reader) cut(mark int) []byte {
	out := r.json.Copy(r.compact.Buf[mark:])
	r.compact.Buf = r.compact.Buf[:mark]
	return out
}

// The readers below return slot after setting it, or nil where the CRM sent nothing. A
// slot lies beside the object that points to it, which saves an allocation a field.

// readID reads an object's own id.
func readID(d *jsonread.Decoder) (uint64, error) {
	id, ok, err := upstream.ReadUint(d)
	if err == nil && (!ok || id == 0) {
		err = upstream.Unreadable("an id was due")
	}
	return id, err
}

// readRef reads the id of another object; 0 stands for none.
func readRef(d *jsonread.Decoder, slot *uint64) (*uint64, error) {
	var err error
	id, ok := d.Natural()
	if !ok {
		id, ok, err = upstream.ReadUint(d)
	}
	if err != nil || !ok || id == 0 {
		return nil, err
	}
	*slot = id
	return slot, nil
}

func (r *reader) readText(d *jsonread.Decoder, slot *string) (*string, error) {
	text, ok, err := r.texts.ReadText(d)
	if err != nil || !ok {
		return nil, err
	}
	*slot = text
	return slot, nil
}

func (r *reader) readDecimal(d *jsonread.Decoder, slot *upstream.Decimal) (*upstream.Decimal, error) {
	number, ok, err := r.texts.ReadDecimal(d)
	if err != nil || !ok {
		return nil, err
	}
	*slot = number
	return slot, nil
}

func readBool(d *jsonread.Decoder, slot *bool) (*bool, error) {
	value, ok, err := upstream.ReadBool(d)
	if err != nil || !ok {
		return nil, err
	}
	*slot = value
	return slot, nil
}

// readProjectID reads which project a part belongs to; 0 where that is not told. A
// part of a project that was not asked for must not pass for one that was.
func (r *reader) readProjectID(d *jsonread.Decoder) (uint64, error) {
	id, ok, err := upstream.ReadUint(d)
	if err != nil || !ok || id == 0 {
		return r.project, err
	}
	if r.project != 0 && id != r.project {
		return 0, upstream.Unreadable("it is not the project asked for")
	}
	return id, nil
}

// readTime reads a date or a time in any of the spellings of parseTime.
func (r *reader) readTime(d *jsonread.Decoder, slot *time.Time) (*time.Time, error) {
	text, ok, err := upstream.ReadBytes(d)
	if err != nil || !ok {
		return nil, err
	}
	at, ok := sqlTime(text, r.zone)
	if !ok {
		at, ok, err = parseTime(strings.TrimSpace(string(text)), r.zone)
	}
	if err != nil || !ok {
		return nil, err
	}
	*slot = at
	return slot, nil
}

// errNoTime is the error of a text that is no time.
var errNoTime = upstream.Unreadable("a date or time was due")

// sqlTime understands SQL dates and datetimes, which nearly all times are, as parseTime does.
func sqlTime(text []byte, zone *time.Location) (at time.Time, ok bool) {
	if len(text) != len(time.DateOnly) && len(text) != len(time.DateTime) {
		return time.Time{}, false
	}
	ok = text[4] == '-' && text[7] == '-'
	number := func(from, to int) (value int) {
		for _, c := range text[from:to] {
			ok = ok && '0' <= c && c <= '9'
			value = value*10 + int(c-'0')
		}
		return value
	}
	year, month, day := number(0, 4), number(5, 7), number(8, 10)
	var hour, minute, second int
	if len(text) > len(time.DateOnly) {
		ok = ok && text[10] == ' ' && text[13] == ':' && text[16] == ':'
		hour, minute, second = number(11, 13), number(14, 16), number(17, 19)
	}
	// The first and the last year may be others in UTC.
	if !ok || year < 2 || year > 9998 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	at = time.Date(year, time.Month(month), day, hour, minute, second, 0, zone)
	if day > 28 && at.Day() != day {
		return time.Time{}, false // the month is shorter
	}
	return at.UTC(), true
}

// parseTime understands SQL dates and datetimes, RFC 3339, and Unix times of ten
// digits (seconds) or thirteen (milliseconds). What has no zone is in zone; the result
// is UTC. ok is false for the ways to write that there is no time.
func parseTime(text string, zone *time.Location) (at time.Time, ok bool, err error) {
	if text == "" || strings.HasPrefix(text, "0000-00-00") && strings.Trim(text, "0-:. TZ") == "" {
		return time.Time{}, false, nil
	}
	if number, isNumber := upstream.ParseDecimal(text); isNumber {
		return unixTime(number)
	}
	layouts := []string{time.DateOnly}
	if len(text) > len(time.DateOnly) {
		if text[10] == ' ' {
			text = text[:10] + "T" + text[11:]
		}
		layouts = []string{"2006-01-02T15:04:05", time.RFC3339, "2006-01-02T15:04", "2006-01-02T15:04:05Z0700"}
	}
	for _, layout := range layouts {
		if at, err = time.ParseInLocation(layout, text, zone); err == nil {
			break
		}
	}
	at = at.UTC()
	if err != nil || at.Year() < 1 || at.Year() > 9999 {
		return time.Time{}, false, errNoTime
	}
	return at, true, nil
}

func unixTime(number upstream.Decimal) (at time.Time, ok bool, err error) {
	whole, fraction, _ := strings.Cut(string(number), ".")
	if strings.Trim(fraction, "0") != "" {
		return time.Time{}, false, errNoTime
	}
	if whole == "0" {
		return time.Time{}, false, nil
	}
	var digits int64
	for _, c := range whole {
		if c < '0' || c > '9' {
			return time.Time{}, false, errNoTime
		}
		digits = digits*10 + int64(c-'0')
	}
	switch len(whole) {
	case 10:
		return time.Unix(digits, 0).UTC(), true, nil
	case 13:
		return time.UnixMilli(digits).UTC(), true, nil
	default:
		return time.Time{}, false, errNoTime
	}
}

// readIDs reads a list of ids: an array of numbers or of objects with an id, ids
// joined by ";", "," or "_", or a single number. It is nil where the CRM sent nothing.
func (r *reader) readIDs(d *jsonread.Decoder) ([]uint64, error) {
	r.someIDs = r.someIDs[:0]
	kind := d.Next()
	var err error
	switch kind {
	case jsonread.Array:
		start := *d
		if err = r.readIDArray(d); err == nil && r.partial {
			r.taken, _, err = start.Raw()
		}
	case jsonread.String:
		err = r.readJoinedIDs(d)
	default:
		var id uint64
		id, _, err = upstream.ReadUint(d)
		r.addID(id)
	}
	if err != nil || len(r.someIDs) == 0 && kind != jsonread.Array {
		return nil, err
	}
	return r.ids.Copy(r.someIDs), nil
}

// addID adds an id to the list being read; 0 stands for none.
func (r *reader) addID(id uint64) {
	if id != 0 {
		r.someIDs = append(r.someIDs, id)
	}
}

// isSeparator reports whether c may stand between ids.
func isSeparator(c rune) bool { return c == ';' || c == ',' || c == '_' || c == ' ' }

// addPlainIDs reads what nearly all lists are: digits between separators. Of any other it
// adds none.
func (r *reader) addPlainIDs(list []byte) bool {
	const maxDigits = 19 // so many always fit
	var id uint64
	digits := 0
	for _, c := range list {
		switch {
		case '0' <= c && c <= '9' && digits < maxDigits:
			id = id*10 + uint64(c-'0')
			digits++
		case isSeparator(rune(c)):
			r.addID(id)
			id, digits = 0, 0
		default:
			r.someIDs = r.someIDs[:0]
			return false
		}
	}
	r.addID(id)
	return true
}

func (r *reader) readJoinedIDs(d *jsonread.Decoder) error {
	text, err := d.Text()
	if err != nil || r.addPlainIDs(text) {
		return err
	}
	return r.addJoinedIDs(text)
}

func (r *reader) addJoinedIDs(text []byte) error {
	for part := range bytes.FieldsFuncSeq(text, isSeparator) {
		id, err := strconv.ParseUint(string(part), 10, 64)
		if err != nil {
			return upstream.Unreadable("a list of ids was due")
		}
		r.addID(id)
	}
	return nil
}

func (r *reader) readIDArray(d *jsonread.Decoder) error {
	elements := d.Elements()
	for index := 0; elements.Next(); index++ {
		if index == upstream.MaxElements {
			return upstream.TooMany()
		}
		id, ok := d.Natural()
		if !ok {
			var err error
			if id, err = r.readMemberID(d); err != nil {
				return upstream.AtIndex(index, err)
			}
		}
		r.addID(id)
	}
	return elements.Err()
}

// readMemberID reads one element of a list of ids, 0 where it stands for none.
func (r *reader) readMemberID(d *jsonread.Decoder) (uint64, error) {
	if d.Next() != jsonread.Object {
		id, _, err := upstream.ReadUint(d)
		return id, err
	}
	var id uint64
	err := upstream.ReadObject(d, func(d *jsonread.Decoder, key []byte) (err error) {
		if string(key) != "id" {
			r.partial = true
			return d.Skip()
		}
		id, err = readID(d)
		return upstream.AtField("id", err)
	})
	if err == nil && id == 0 {
		err = errMissingID
	}
	return id, err
}

// errOtherID is the error of an answer that has not the id asked for.
var errOtherID = upstream.AtField("id", upstream.Unreadable("it is not the one asked for"))

// errMissingID is the error of an object without an id.
var errMissingID = upstream.AtField("id", upstream.Unreadable("missing"))
