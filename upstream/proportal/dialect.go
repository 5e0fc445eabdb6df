package proportal

import (
	"bytes"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// dialect ranks the two spellings of a field: where an object has both, the higher wins.
type dialect uint8

const (
	unsent dialect = iota
	raw
	resource
)

// slot holds a field on its way from the wire into an object.
type slot[T any] struct {
	value T
	from  dialect // whose value it is; unsent when there is none
	seen  dialect // the best spelling met, with or without a value
}

func (s *slot[T]) read(d *jsonread.Decoder, from dialect, read func(*jsonread.Decoder) (T, bool, error)) error {
	value, ok, err := read(d)
	s.seen = max(s.seen, from)
	if ok && from >= s.from {
		s.value, s.from = value, from
	}
	return err
}

func (s *slot[T]) isSet() bool { return s.from != unsent }

// pointer sets what a nullable field points to, which lies beside the object: that saves
// an allocation a field. It returns nil if there is no value.
func (s *slot[T]) pointer(to *T) *T {
	if s.from == unsent {
		return nil
	}
	*to = s.value
	return to
}

// require returns an error with the field's name as it was spelled if there is no value.
func (s *slot[T]) require(resourceName, rawName string) error {
	switch {
	case s.isSet():
		return nil
	case s.seen == raw:
		return upstream.AtField(rawName, upstream.Unreadable("required, but missing"))
	default:
		return upstream.AtField(resourceName, upstream.Unreadable("required, but missing"))
	}
}

// meansNull reports whether text is one of the words the CRM writes for an absent value.
func meansNull(text string) bool {
	// Folding is slow, and most texts are too short or too long for it. Looking for space is
	// slow as well, and most texts begin with another letter.
	if len(text) < len("Не указан") || beginsOtherwise(text) {
		return false
	}
	text = strings.TrimSpace(text)
	if len(text) > len("Отсутствует") {
		return false
	}
	return strings.EqualFold(text, "Не указан") || strings.EqualFold(text, "Не указано") ||
		strings.EqualFold(text, "Не указана") || strings.EqualFold(text, "Отсутствует")
}

// beginsOtherwise reports whether text, which has four bytes at least, begins with letters with
// which none of the words for null begins. It does not know all such letters.
func beginsOtherwise(text string) bool {
	if ' ' < text[0] && text[0] < utf8.RuneSelf {
		return true
	}
	switch text[:len("Не")] {
	case "Не", "НЕ", "не", "нЕ", "От", "ОТ", "от", "оТ":
		return false
	default:
		return isRussian(text[0]) && isRussian(text[len("Н")])
	}
}

// isRussian reports whether a Russian letter begins with first; it is one of the common ones then.
func isRussian(first byte) bool { return first == "А"[0] || first == "я"[0] }

// skipAbsent consumes the next value if it is null, blank or a word for null.
func skipAbsent(d *jsonread.Decoder) (bool, error) {
	switch d.Next() {
	case jsonread.Null:
		return true, d.Null()
	case jsonread.String:
		start := *d
		text, err := d.Text()
		if err != nil || len(bytes.TrimSpace(text)) == 0 || meansNull(string(text)) {
			return true, err
		}
		*d = start
		return false, nil
	default:
		return false, nil
	}
}

// skipAbsentObject is skipAbsent where an object is due: PHP writes one without members as [].
func skipAbsentObject(d *jsonread.Decoder) (bool, error) {
	switch d.Next() {
	case jsonread.Object:
		return false, nil
	case jsonread.Array:
		elements := d.Elements()
		if elements.Next() {
			return true, upstream.Unreadable("an object was due")
		}
		return true, elements.Err()
	default:
		return skipAbsent(d)
	}
}

// readNumber reads what parse understands, or a word for null.
func readNumber[T any](d *jsonread.Decoder, parse func(number []byte) (T, error)) (value T, ok bool, err error) {
	number, ok, err := upstream.ReadNumber(d)
	if !ok || err != nil {
		return value, false, err
	}
	if value, err = parse(number); err == nil {
		return value, true, nil
	}
	// Only now look for the words, which are rare.
	var none T
	if meansNull(string(number)) {
		return none, false, nil
	}
	return none, false, err
}

// readText reads a text of the CRM's own, in which a word may stand for null. What
// people typed, names and comments, is read with upstream.Texts.ReadText instead.
func (r *reader) readText(d *jsonread.Decoder) (string, bool, error) {
	text, ok, err := r.texts.ReadText(d)
	if !ok || err != nil || meansNull(text) {
		return "", false, err
	}
	return text, true, nil
}

// readWord reads one of the words that meaning knows, whose meaning is not "". A blank text is
// none, as where a number is due.
func readWord[T ~string](d *jsonread.Decoder, meaning func(word []byte) T, unknown string) (T, bool, error) {
	text, ok, err := upstream.ReadBytes(d)
	if !ok || err != nil {
		return "", false, err
	}
	// Nearly all come as the CRM's own pages spell them.
	if value := meaning(text); value != "" {
		return value, true, nil
	}
	if len(bytes.TrimSpace(text)) == 0 || meansNull(string(text)) {
		return "", false, nil
	}
	value := meaning(bytes.ToLower(bytes.TrimSpace(text)))
	if value == "" {
		return "", false, upstream.Unreadable(unknown)
	}
	return value, true, nil
}

// readCode reads a short text that some rows have as a number: 4, "4" and 4.0 are the same.
func (r *reader) readCode(d *jsonread.Decoder) (string, bool, error) {
	if d.Next() != jsonread.Number {
		return r.readText(d)
	}
	number, ok, err := r.texts.ReadDecimal(d)
	whole, fraction, _ := strings.Cut(string(number), ".")
	if strings.Trim(fraction, "0") == "" {
		return whole, ok, err
	}
	return string(number), ok, err
}

func readInt(d *jsonread.Decoder) (int, bool, error) {
	natural, ok := d.Natural()
	switch {
	case !ok:
		return readNumber(d, upstream.ParseInt32)
	case natural > math.MaxInt32:
		return 0, false, upstream.Unreadable("the number is out of range")
	default:
		return int(natural), true, nil
	}
}

func (r *reader) readDecimal(d *jsonread.Decoder) (upstream.Decimal, bool, error) {
	return readNumber(d, r.texts.ParseDecimal)
}

func readFlag(d *jsonread.Decoder) (value, ok bool, err error) {
	text, ok, err := upstream.ReadBytes(d)
	if !ok || err != nil {
		return false, false, err
	}
	value, ok, err = upstream.ParseBool(text)
	if err != nil && meansNull(string(text)) {
		return false, false, nil
	}
	return value, ok, err
}

// readID reads the id of an object; 0 stands for none.
func readID(d *jsonread.Decoder) (int64, bool, error) {
	if natural, ok := d.Natural(); ok {
		return int64(natural), natural != 0, nil
	}
	id, ok, err := readNumber(d, upstream.ParseInt)
	if id < 0 {
		return 0, false, upstream.Unreadable("an id above 0 was due")
	}
	return id, ok && id != 0, err
}

// maxSeconds is the last second of the year 9999, after which RFC 3339 ends.
const maxSeconds = 253402300799

// readSeconds reads a count of seconds since 1970; 0 stands for no time.
func readSeconds(d *jsonread.Decoder) (time.Time, bool, error) {
	count, ok, err := readInstant(d, maxSeconds)
	if !ok || err != nil {
		return time.Time{}, false, err
	}
	return time.Unix(count, 0).UTC(), true, nil
}

// readMillis reads a count of milliseconds since 1970; 0 stands for no time.
func readMillis(d *jsonread.Decoder) (time.Time, bool, error) {
	count, ok, err := readInstant(d, maxSeconds*1000+999)
	if !ok || err != nil {
		return time.Time{}, false, err
	}
	return time.UnixMilli(count).UTC(), true, nil
}

func readInstant(d *jsonread.Decoder, last int64) (count int64, ok bool, err error) {
	natural, ok := d.Natural()
	if count = int64(natural); !ok {
		count, ok, err = readNumber(d, upstream.ParseInt)
	}
	if count < 0 || count > last {
		return 0, false, upstream.Unreadable("no time between the years 1970 and 9999")
	}
	return count, ok && count != 0, err
}
