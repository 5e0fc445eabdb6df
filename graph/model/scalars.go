package model

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"crmgraph/upstream"
)

// Every scalar is written by its Append function: the compiled executor calls it, and
// Marshal wraps it for gqlgen's own.
func marshal[T any](value T, appendTo func([]byte, T) []byte) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(appendTo(nil, value)) })
}

// AppendDateTime appends an instant in RFC 3339 and UTC.
func AppendDateTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

// MarshalDateTime writes an instant in RFC 3339 and UTC.
func MarshalDateTime(t time.Time) graphql.Marshaler { return marshal(t, AppendDateTime) }

// UnmarshalDateTime reads an instant in RFC 3339.
func UnmarshalDateTime(value any) (time.Time, error) {
	if text, ok := value.(string); ok {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, InputError("A DateTime is an instant in RFC 3339, e.g. 2026-09-01T06:00:00Z.")
}

// AppendDate appends a day.
func AppendDate(dst []byte, day upstream.Date) []byte { return appendPlain(dst, string(day)) }

// MarshalDate writes a day.
func MarshalDate(day upstream.Date) graphql.Marshaler { return marshal(day, AppendDate) }

// UnmarshalDate reads a day written YYYY-MM-DD.
func UnmarshalDate(value any) (upstream.Date, error) {
	if text, ok := value.(string); ok {
		if day, ok := upstream.ParseDate(text); ok {
			return day, nil
		}
	}
	return "", InputError("A Date is a day of the calendar written YYYY-MM-DD.")
}

// AppendDecimal appends an exact number as a string.
func AppendDecimal(dst []byte, number upstream.Decimal) []byte {
	return appendPlain(dst, string(number))
}

// MarshalDecimal writes an exact number as a string.
func MarshalDecimal(number upstream.Decimal) graphql.Marshaler {
	return marshal(number, AppendDecimal)
}

// UnmarshalDecimal reads an exact number from a string, or from a number as it is
// written in the query. A float has lost its digits already and is refused.
func UnmarshalDecimal(value any) (upstream.Decimal, error) {
	var text string
	switch value := value.(type) {
	case string:
		text = value
	case json.Number:
		text = value.String()
	case int64:
		text = strconv.FormatInt(value, 10)
	case int:
		text = strconv.Itoa(value)
	}
	if number, ok := upstream.ParseDecimal(text); ok {
		return number, nil
	}
	return "", InputError("A Decimal is a number in a string, e.g. \"1250000.50\".")
}

// AppendJSON appends a value as the CRM sent it, and nothing where it sent none.
func AppendJSON(dst []byte, value json.RawMessage) []byte { return append(dst, value...) }

// MarshalJSON writes a value as the CRM sent it.
func MarshalJSON(value json.RawMessage) graphql.Marshaler {
	if len(value) == 0 {
		return graphql.Null
	}
	return marshal(value, AppendJSON)
}

// UnmarshalJSON takes any value a query can hold.
func UnmarshalJSON(value any) (json.RawMessage, error) {
	if list, ok := value.([]any); ok && len(list) == 0 {
		return json.RawMessage("[]"), nil // a literal's is nil
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, InputError("The value is not valid JSON.")
	}
	return raw, nil
}

// AppendNodeID appends the opaque form of a node's id.
func AppendNodeID(dst []byte, id NodeID) []byte {
	return append(id.appendTo(append(dst, '"')), '"')
}

// MarshalNodeID writes the opaque form of a node's id.
func MarshalNodeID(id NodeID) graphql.Marshaler { return marshal(id, AppendNodeID) }

// UnmarshalNodeID reads the opaque form of a node's id.
func UnmarshalNodeID(value any) (NodeID, error) {
	text, err := graphql.UnmarshalID(value)
	if err != nil {
		return NodeID{}, errForeignID
	}
	return ParseNodeID(text)
}

// AppendInt64ID appends one of ProPortal's numbers as an ID.
func AppendInt64ID(dst []byte, number int64) []byte {
	dst = strconv.AppendInt(append(dst, '"'), number, 10)
	return append(dst, '"')
}

// MarshalInt64ID writes one of ProPortal's numbers as an ID.
func MarshalInt64ID(number int64) graphql.Marshaler { return marshal(number, AppendInt64ID) }

// UnmarshalInt64ID reads one of ProPortal's numbers.
func UnmarshalInt64ID(value any) (int64, error) {
	number, err := UnmarshalUint64ID(value)
	if err != nil || number > math.MaxInt64 {
		return 0, errBadNumber
	}
	return int64(number), nil
}

// AppendUint64ID appends one of solOS's numbers as an ID.
func AppendUint64ID(dst []byte, number uint64) []byte {
	dst = strconv.AppendUint(append(dst, '"'), number, 10)
	return append(dst, '"')
}

// MarshalUint64ID writes one of solOS's numbers as an ID.
func MarshalUint64ID(number uint64) graphql.Marshaler { return marshal(number, AppendUint64ID) }

// UnmarshalUint64ID reads one of solOS's numbers.
func UnmarshalUint64ID(value any) (uint64, error) {
	text, err := graphql.UnmarshalID(value)
	if err != nil {
		return 0, errBadNumber
	}
	return ParseNumber(text)
}

// appendPlain appends a string of digits and signs, which need no escapes.
func appendPlain(dst []byte, text string) []byte {
	dst = append(append(dst, '"'), text...)
	return append(dst, '"')
}
