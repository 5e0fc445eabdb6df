package main

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// buffer is what is written of an answer.
type buffer []byte

// raw writes text as it is.
func (b *buffer) raw(text string) { *b = append(*b, text...) }

// comma separates an element from the one before it.
func (b *buffer) comma(index int) {
	if index > 0 {
		*b = append(*b, ',')
	}
}

// nodeID writes an opaque node id.
func (b *buffer) nodeID(kind string, number int64) {
	var plain [48]byte
	id := strconv.AppendInt(append(append(plain[:0], kind...), ':'), number, 10)
	*b = append(base64.RawURLEncoding.AppendEncode(append(*b, '"'), id), '"')
}

// json writes a value as the CRM sent it.
func (b *buffer) json(v value) {
	if v.isNull() {
		b.raw("null")
		return
	}
	*b = append(*b, v...)
}

// int writes a whole number.
func (b *buffer) int(v value) {
	if v.isNull() {
		b.raw("null")
		return
	}
	*b = strconv.AppendInt(*b, v.int(), 10)
}

// number writes a number, digit by digit as the CRM sent it, as text.
func (b *buffer) number(v value) {
	if v.isNull() {
		b.raw("null")
		return
	}
	*b = append(append(append(*b, '"'), v.bare()...), '"')
}

// instant writes a Unix time in seconds.
func (b *buffer) instant(v value) {
	if v.isNull() {
		b.raw("null")
		return
	}
	b.time(time.Unix(v.int(), 0))
}

func (b *buffer) time(t time.Time) {
	*b = append(t.UTC().AppendFormat(append(*b, '"'), time.RFC3339Nano), '"')
}

// moscow writes a date or a time of solOS, which are Moscow's, as an instant. Moscow has
// been three hours ahead of UTC in all years that the sandbox knows of.
func (b *buffer) moscow(v value) {
	const offset = 3
	if v.isNull() {
		b.raw("null")
		return
	}
	text := v.bare()
	day, clock := text[:len(time.DateOnly)], []byte("00:00:00")
	if len(text) > len(time.DateOnly) {
		clock = text[len(time.DateOnly)+1:]
	}
	hour := digits(clock[:2])
	if hour < offset {
		at := time.Date(digits(day[:4]), time.Month(digits(day[5:7])), digits(day[8:]), hour-offset, digits(clock[3:5]), digits(clock[6:8]), 0, time.UTC)
		b.time(at)
		return
	}
	hour -= offset
	*b = append(append(append(*b, '"'), day...), 'T', byte('0'+hour/10), byte('0'+hour%10))
	*b = append(append(*b, clock[2:]...), 'Z', '"')
}

func digits(text []byte) int {
	number := 0
	for _, c := range text {
		number = number*10 + int(c-'0')
	}
	return number
}

// text writes a text with the escapes that crmgraph writes.
func (b *buffer) text(v value) {
	if v.isNull() {
		b.raw("null")
		return
	}
	for {
		at := bytes.IndexByte(v, '\\')
		if at < 0 {
			*b = append(*b, v...)
			return
		}
		*b = append(*b, v[:at]...)
		v = b.escape(v[at:])
	}
}

// escape writes the character whose escape v begins with, and returns the rest of v.
func (b *buffer) escape(v value) value {
	switch v[1] {
	case 'u':
		r, rest := hexRune(v), v[6:]
		if utf16.IsSurrogate(r) {
			r, rest = utf16.DecodeRune(r, hexRune(rest)), rest[6:]
		}
		b.rune(r)
		return rest
	case '/':
		b.raw("/")
	case 'b':
		b.raw(`\u0008`)
	case 'f':
		b.raw(`\u000C`)
	default: // quote, backslash, line feed, carriage return, tab
		*b = append(*b, v[:2]...)
	}
	return v[2:]
}

// hexRune reads an escape of the form \u0000.
func hexRune(v value) rune {
	number, _ := strconv.ParseUint(string(v[2:6]), 16, 32)
	return rune(number)
}

func (b *buffer) rune(r rune) {
	switch {
	case r == '"' || r == '\\':
		*b = append(*b, '\\', byte(r))
	case r == '\n':
		b.raw(`\n`)
	case r == '\r':
		b.raw(`\r`)
	case r == '\t':
		b.raw(`\t`)
	case r < ' ':
		const hex = "0123456789ABCDEF"
		*b = append(*b, '\\', 'u', '0', '0', hex[r>>4], hex[r&0xf])
	default:
		*b = utf8.AppendRune(*b, r)
	}
}
