package solos

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/go-faster/jx"

	"crmgraph/upstream"
)

// reader reads one answer. Its scratch memory serves all objects of the answer; what
// an object keeps is copied out of it.
type reader struct {
	call          upstream.Call
	project       uint64 // the project whose parts were asked for, 0 for none
	zone          *time.Location
	customerField string
	names         *nameTables

	members []member          // set aside, of the object being read and those around it
	scratch bytes.Buffer      // compact JSON
	ends    []int             // where the values of dynamic fields end in scratch
	fields  []Field           // dynamic fields of the project being read
	spelled map[string]string // names of dynamic fields, the same in each project
	partial bool              // a record could not keep all of the member it just took
}

// record is an object that takes its members one by one.
type record interface {
	// take reads the value of field, one of the fields of the record's type.
	take(r *reader, d *jx.Decoder, field string) error
}

// member is a member of an object that was set aside until all of them are known. It
// points into the answer.
type member struct {
	key   []byte
	value jx.Raw
	place place // where it belongs if isKnown
	known bool
}

// object reads an object into out and returns as a JSON object, in order of arrival,
// what out has no place for; nil if nothing is left.
//
// Of several spellings of one field the preferred one that is not null counts. So a
// preferred spelling is read as it comes; others wait until the end of the object.
// Arrays wait too, since they may hold more than their field can keep.
func (r *reader) object(d *jx.Decoder, table names, out record) (json.RawMessage, error) {
	if d.Next() != jx.Object {
		return nil, upstream.Unreadable("an object was due")
	}
	start := len(r.members)
	var settled [maxFields]bool // the field was read
	var best [maxFields]int     // 1 + index of the member to read the field from
	members, err := d.ObjIter()
	if err != nil {
		return nil, err
	}
	for members.Next() {
		at, known := table[string(members.Key())]
		kind := d.Next()
		if known && at.rank == 0 && !settled[at.index] && kind != jx.Null && kind != jx.Array {
			if err := out.take(r, d, at.field); err != nil {
				return nil, upstream.AtField(at.name, err)
			}
			settled[at.index] = true
			continue
		}
		value, err := d.Raw()
		if err != nil {
			return nil, err
		}
		r.members = append(r.members, member{key: members.Key(), value: value, place: at, known: known})
		if known && r.better(len(r.members)-1, best[at.index]-1) {
			best[at.index] = len(r.members)
		}
	}
	if err := members.Err(); err != nil {
		return nil, err
	}

	end, mark := len(r.members), r.scratch.Len()
	for i := start; i < end; i++ {
		m := r.members[i]
		if m.known && !settled[m.place.index] && best[m.place.index] == i+1 {
			if err := r.takeAside(m, out); err != nil {
				return nil, upstream.AtField(m.place.name, err)
			}
			if !r.partial {
				continue
			}
			r.partial = false
		}
		if err := r.addExtra(m, mark); err != nil {
			return nil, err
		}
	}
	r.members = r.members[:start]
	if r.scratch.Len() == mark {
		return nil, nil
	}
	r.scratch.WriteByte('}')
	return r.cut(mark), nil
}

// better reports whether member i tells its field better than member j, which came
// before it; j is -1 for none.
func (r *reader) better(i, j int) bool {
	if j < 0 {
		return true
	}
	a, b := r.members[i], r.members[j]
	if aNull, bNull := a.value.Type() == jx.Null, b.value.Type() == jx.Null; aNull != bNull {
		return bNull
	}
	return a.place.rank < b.place.rank
}

// takeAside lets out read a member that was set aside.
func (r *reader) takeAside(m member, out record) error {
	d := jx.GetDecoder()
	defer jx.PutDecoder(d)
	d.ResetBytes(m.value)
	return out.take(r, d, m.place.field)
}

// addExtra adds a member to the JSON object that starts at mark.
func (r *reader) addExtra(m member, mark int) error {
	if r.scratch.Len() == mark {
		r.scratch.WriteByte('{')
	} else {
		r.scratch.WriteByte(',')
	}
	key := jx.Writer{Buf: r.scratch.AvailableBuffer()}
	key.ByteStr(m.key)
	r.scratch.Write(key.Buf)
	r.scratch.WriteByte(':')
	return r.addJSON(m.value)
}

// addJSON adds one value in compact form.
func (r *reader) addJSON(value []byte) error {
	if err := json.Compact(&r.scratch, value); err != nil {
		return upstream.Unreadable("not valid JSON")
	}
	return nil
}

// cut copies what was written since mark and takes it off the scratch memory.
func (r *reader) cut(mark int) []byte {
	out := bytes.Clone(r.scratch.Bytes()[mark:])
	r.scratch.Truncate(mark)
	return out
}

// The readers below return slot after setting it, or nil where the CRM sent nothing. A
// slot lies beside the object that points to it, which saves an allocation a field.

// readID reads an object's own id.
func readID(d *jx.Decoder) (uint64, error) {
	id, ok, err := upstream.ReadUint(d)
	if err == nil && (!ok || id == 0) {
		err = upstream.Unreadable("an id was due")
	}
	return id, err
}

// readRef reads the id of another object; 0 stands for none.
func readRef(d *jx.Decoder, slot *uint64) (*uint64, error) {
	id, ok, err := upstream.ReadUint(d)
	if err != nil || !ok || id == 0 {
		return nil, err
	}
	*slot = id
	return slot, nil
}

func readText(d *jx.Decoder, slot *string) (*string, error) {
	text, ok, err := upstream.ReadText(d)
	if err != nil || !ok {
		return nil, err
	}
	*slot = text
	return slot, nil
}

func readDecimal(d *jx.Decoder, slot *upstream.Decimal) (*upstream.Decimal, error) {
	number, ok, err := upstream.ReadDecimal(d)
	if err != nil || !ok {
		return nil, err
	}
	*slot = number
	return slot, nil
}

func readBool(d *jx.Decoder, slot *bool) (*bool, error) {
	value, ok, err := upstream.ReadBool(d)
	if err != nil || !ok {
		return nil, err
	}
	*slot = value
	return slot, nil
}

// readProjectID reads which project a part belongs to; 0 where that is not told. A
// part of a project that was not asked for must not pass for one that was.
func (r *reader) readProjectID(d *jx.Decoder) (uint64, error) {
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
func (r *reader) readTime(d *jx.Decoder, slot *time.Time) (*time.Time, error) {
	text, ok, err := upstream.ReadText(d)
	if err != nil || !ok {
		return nil, err
	}
	at, ok, err := parseTime(strings.TrimSpace(text), r.zone)
	if err != nil || !ok {
		return nil, err
	}
	*slot = at
	return slot, nil
}

// errNoTime is the error of a text that is no time.
var errNoTime = upstream.Unreadable("a date or time was due")

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
func (r *reader) readIDs(d *jx.Decoder) ([]uint64, error) {
	switch d.Next() {
	case jx.Array:
		return r.readIDArray(d)
	case jx.String:
		text, err := d.StrBytes()
		if err != nil {
			return nil, err
		}
		return splitIDs(string(text))
	default:
		id, _, err := upstream.ReadUint(d)
		if err != nil || id == 0 {
			return nil, err
		}
		return []uint64{id}, nil
	}
}

func splitIDs(text string) ([]uint64, error) {
	isSeparator := func(c rune) bool { return strings.ContainsRune(";,_ ", c) }
	var ids []uint64
	for part := range strings.FieldsFuncSeq(text, isSeparator) {
		id, err := strconv.ParseUint(part, 10, 64)
		if err != nil {
			return nil, upstream.Unreadable("a list of ids was due")
		}
		if id != 0 {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (r *reader) readIDArray(d *jx.Decoder) ([]uint64, error) {
	elements, err := d.ArrIter()
	if err != nil {
		return nil, err
	}
	ids := []uint64{}
	for index := 0; elements.Next(); index++ {
		id, err := r.readMemberID(d)
		if err != nil {
			return nil, upstream.AtIndex(index, err)
		}
		if id != 0 {
			ids = append(ids, id)
		}
	}
	return ids, elements.Err()
}

// readMemberID reads one element of a list of ids, 0 where it stands for none.
func (r *reader) readMemberID(d *jx.Decoder) (uint64, error) {
	if d.Next() != jx.Object {
		id, _, err := upstream.ReadUint(d)
		return id, err
	}
	var id uint64
	err := upstream.ReadObject(d, func(d *jx.Decoder, key []byte) (err error) {
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
