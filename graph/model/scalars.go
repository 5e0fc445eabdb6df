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

// MarshalDateTime writes an instant in RFC 3339 and UTC.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		buf := make([]byte, 0, len(time.RFC3339Nano)+2)
		buf = append(buf, '"')
		buf = t.UTC().AppendFormat(buf, time.RFC3339Nano)
		_, _ = w.Write(append(buf, '"'))
	})
}

// UnmarshalDateTime reads an instant in RFC 3339.
func UnmarshalDateTime(value any) (time.Time, error) {
	if text, ok := value.(string); ok {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, InputError("A DateTime is an instant in RFC 3339, e.g. 2026-09-01T06:00:00Z.")
}

// MarshalDate writes a day.
func MarshalDate(day upstream.Date) graphql.Marshaler { return graphql.MarshalString(string(day)) }

// UnmarshalDate reads a day written YYYY-MM-DD.
func UnmarshalDate(value any) (upstream.Date, error) {
	if text, ok := value.(string); ok {
		if day, ok := upstream.ParseDate(text); ok {
			return day, nil
		}
	}
	return "", InputError("A Date is a day of the calendar written YYYY-MM-DD.")
}

// MarshalDecimal writes an exact number as a string.
func MarshalDecimal(number upstream.Decimal) graphql.Marshaler {
	return graphql.MarshalString(string(number))
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

// MarshalJSON writes a value as the CRM sent it.
func MarshalJSON(value json.RawMessage) graphql.Marshaler {
	if len(value) == 0 {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(value) })
}

// UnmarshalJSON takes any value a query can hold.
func UnmarshalJSON(value any) (json.RawMessage, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, InputError("The value is not valid JSON.")
	}
	return raw, nil
}

// MarshalInt64ID writes one of ProPortal's numbers as an ID.
func MarshalInt64ID(number int64) graphql.Marshaler {
	return graphql.MarshalString(strconv.FormatInt(number, 10))
}

// UnmarshalInt64ID reads one of ProPortal's numbers.
func UnmarshalInt64ID(value any) (int64, error) {
	number, err := UnmarshalUint64ID(value)
	if err != nil || number > math.MaxInt64 {
		return 0, errBadNumber
	}
	return int64(number), nil
}

// MarshalUint64ID writes one of solOS's numbers as an ID.
func MarshalUint64ID(number uint64) graphql.Marshaler {
	return graphql.MarshalString(strconv.FormatUint(number, 10))
}

// UnmarshalUint64ID reads one of solOS's numbers.
func UnmarshalUint64ID(value any) (uint64, error) {
	text, err := graphql.UnmarshalID(value)
	if err != nil {
		return 0, errBadNumber
	}
	return ParseNumber(text)
}
