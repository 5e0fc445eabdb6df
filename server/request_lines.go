package main

import (
	"bytes"
	"context"
	"log/slog"
	"math"
	"strconv"
	"time"
)

// requestLines is slog's JSON handler for lines of texts and numbers, as those of requests are. It
// writes the same bytes, in a fraction of the time; what else there is goes to slog's own.
type requestLines struct {
	slog.Handler

	out patientLines
}

// usualLine is how long most lines are at most.
const usualLine = 512

// Handle is part of slog.Handler.
func (h requestLines) Handle(ctx context.Context, r slog.Record) error {
	var room [usualLine]byte
	line, ok := appendLine(room[:0], &r)
	if !ok {
		return h.Handler.Handle(ctx, r)
	}
	_, err := h.out.Write(line)
	return err
}

// appendLine appends the line of a record. It is not ok if slog is to write that.
func appendLine(line []byte, r *slog.Record) (_ []byte, ok bool) {
	if year := r.Time.Year(); r.Time.IsZero() || year < 0 || year > maxYear || !isPlainText(r.Message) {
		return line, false
	}
	line = append(line, `{"time":"`...)
	line = r.Time.AppendFormat(line, time.RFC3339Nano)
	line = append(line, `","level":"`...)
	line = append(line, r.Level.String()...)
	line = append(line, `","msg":"`...)
	line = append(line, r.Message...)
	line = append(line, '"')
	ok = true
	r.Attrs(func(a slog.Attr) bool {
		line, ok = appendAttr(line, a)
		return ok
	})
	return append(line, "}\n"...), ok
}

// maxYear is the last year that RFC 3339 has.
const maxYear = 9999

// appendAttr appends an attribute, nothing for an empty one.
func appendAttr(line []byte, a slog.Attr) (_ []byte, ok bool) {
	if a.Equal(slog.Attr{}) {
		return line, true
	}
	if !isPlainText(a.Key) {
		return line, false
	}
	line = append(line, `,"`...)
	line = append(line, a.Key...)
	line = append(line, `":`...)
	switch a.Value.Kind() {
	case slog.KindString:
		text := a.Value.String()
		line = append(line, '"')
		line = append(line, text...)
		return append(line, '"'), isPlainText(text)
	case slog.KindInt64:
		return strconv.AppendInt(line, a.Value.Int64(), 10), true
	case slog.KindFloat64:
		return appendNumber(line, a.Value.Float64())
	default:
		return line, false
	}
}

// isPlainText reports whether text stands in JSON as it is.
func isPlainText(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// maxThousandths is the largest number of thousandths that all stand for numbers of their own.
const maxThousandths = 1e15

// appendNumber appends a number as encoding/json writes it, if that is without an exponent. Where
// there are no more than three decimals, as in times, they are all that there is to find.
func appendNumber(line []byte, number float64) (_ []byte, ok bool) {
	if thousandths := int64(number*1000 + 0.5); 0 < number && number < maxThousandths/1000 && float64(thousandths)/1000 == number {
		return appendThousandths(line, thousandths), true
	}
	size := math.Abs(number)
	return strconv.AppendFloat(line, number, 'f', -1, 64), size == 0 || size >= 1e-6 && size < 1e21
}

// appendThousandths appends a number of thousandths, with as many decimals as it takes.
func appendThousandths(line []byte, thousandths int64) []byte {
	line = strconv.AppendInt(line, thousandths/1000, 10)
	if decimals := thousandths % 1000; decimals > 0 {
		line = append(line, '.', byte('0'+decimals/100), byte('0'+decimals/10%10), byte('0'+decimals%10))
		line = bytes.TrimRight(line, "0")
	}
	return line
}
