package sandbox

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"
)

// spelling writes the numbers of one raw record as MySQL and PHP do: the same column is
// 10 in one row, "10" or 10.0 in another. It depends on the row and the column alone.
type spelling struct {
	row int64
	// plain keeps to 10, for the reference's samples.
	plain bool
}

func (s spelling) number(column string, n int64) json.RawMessage {
	digits := strconv.FormatInt(n, 10)
	switch s.turn(column) {
	case 0, 1:
		return json.RawMessage(strconv.Quote(digits))
	case 2:
		return json.RawMessage(digits + ".0")
	default:
		return json.RawMessage(digits)
	}
}

// whole is number without the form 10.0, for columns that are text as well as numbers.
func (s spelling) whole(column, digits string) json.RawMessage {
	if s.turn(column) < 2 {
		return json.RawMessage(digits)
	}
	return json.RawMessage(strconv.Quote(digits))
}

func (s spelling) turn(column string) uint32 {
	const turns = 8
	if s.plain {
		return turns
	}
	h := fnv.New32a()
	_, _ = fmt.Fprint(h, column, s.row)
	return h.Sum32() % turns
}

// optional is number, or null for nil.
func (s spelling) optional(column string, n *int64) json.RawMessage {
	if n == nil {
		return json.RawMessage("null")
	}
	return s.number(column, *n)
}

func (s spelling) moment(column string, t *time.Time) json.RawMessage {
	if t == nil {
		return json.RawMessage("null")
	}
	return s.number(column, t.Unix())
}

func (s spelling) flag(column string, set bool) json.RawMessage {
	return s.number(column, zeroOrOne(set))
}

func zeroOrOne(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

// unixSeconds is the time of a resource, which writes numbers plainly.
func unixSeconds(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	return new(t.Unix())
}
