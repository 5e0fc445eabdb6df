package model

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"

	"crmgraph/upstream/proportal"
)

// Scope identifies a list: the field, its parent and every argument that decides what
// the list holds. A cursor carries its list's scope, so that it is refused elsewhere.
type Scope struct {
	field     string
	of        uint64 // the number of the parent, 0 for a list of all there are
	arguments any
}

// NewScope returns the scope of a field's list. Of its arguments, nil for none, the text decides.
func NewScope(field string, of uint64, arguments any) Scope {
	return Scope{field: field, of: of, arguments: arguments}
}

// PortfolioScope returns the scope of the portfolio, or of its customers with tasks of a status.
func PortfolioScope(tasks proportal.TaskStatus) Scope { return NewScope("portfolio", 0, tasks) }

// sum is what cursors carry of the scope. Few lists are asked for cursors.
func (s Scope) sum() uint32 {
	hash := fnv.New32a()
	_, _ = fmt.Fprintf(hash, "%s\x00", s.field) // a hash takes everything
	if s.of != 0 {
		_, _ = fmt.Fprintf(hash, "%d\x00", s.of)
	}
	if s.arguments != nil {
		_, _ = fmt.Fprintf(hash, "%v\x00", s.arguments)
	}
	return hash.Sum32()
}

const errBadCursor = InputError("The cursor is not one of this list.")

// Cursors are a kind, the list's scope, and what the kind needs to find its place.
const (
	offsetCursor   = 'o'
	timelineCursor = 't'
)

func encodeCursor(kind byte, scope Scope, place []byte) string {
	plain := make([]byte, 0, 5+len(place))
	plain = append(plain, kind)
	plain = binary.BigEndian.AppendUint32(plain, scope.sum())
	return base64.RawURLEncoding.EncodeToString(append(plain, place...))
}

func decodeCursor(kind byte, scope Scope, cursor string) (place []byte, err error) {
	plain, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(plain) < 5 || plain[0] != kind || binary.BigEndian.Uint32(plain[1:5]) != scope.sum() {
		return nil, errBadCursor
	}
	return plain[5:], nil
}

// OffsetCursor returns the cursor of the element that has before elements in front of it.
func OffsetCursor(scope Scope, before int) string {
	return encodeCursor(offsetCursor, scope, binary.AppendUvarint(nil, uint64(before)))
}

// maxOffset bounds what a made-up cursor can ask of the CRMs.
const maxOffset = 1 << 30

// ParseOffsetCursor returns how many elements stand in front of the cursor's; a cursor
// of another list, or of none, is an InputError.
func ParseOffsetCursor(scope Scope, cursor string) (before int, err error) {
	place, err := decodeCursor(offsetCursor, scope, cursor)
	if err != nil {
		return 0, err
	}
	value, n := binary.Uvarint(place)
	if n != len(place) || n <= 0 || value > maxOffset || OffsetCursor(scope, int(value)) != cursor {
		return 0, errBadCursor
	}
	return int(value), nil
}
