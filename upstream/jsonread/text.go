package jsonread

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Text reads a string. Without escapes it is part of the input, else a copy.
func (d *Decoder) Text() ([]byte, error) {
	text, escaped, err := d.RawText()
	if escaped {
		text = AppendUnescaped(make([]byte, 0, len(text)), text)
	}
	return text, err
}

// RawText reads a string and returns what is between its quotes, as part of the input.
// Where that is escaped, AppendUnescaped makes text of it.
func (d *Decoder) RawText() (text []byte, escaped bool, err error) {
	buf, start := d.buf, d.at+1
	if start >= len(buf) || buf[start-1] != '"' {
		return nil, false, ErrSyntax
	}
	end := plainEnd(buf, start)
	if end >= len(buf) || buf[end] != '"' {
		if end = escapedEnd(buf, end); end < 0 {
			return nil, false, ErrSyntax
		}
		escaped = true
	}
	d.at = end + 1
	return buf[start:end], escaped, nil
}

// plainEnd returns the position of the first byte from at that does not stand for itself
// in a string: a quote, a backslash or a control character. But for the end of the input it
// looks at four words in a row, which takes half as long as one at a time.
func plainEnd(buf []byte, at int) int {
	for ; at+blockSize <= len(buf); at += blockSize {
		block := buf[at : at+blockSize]
		if found := notPlain(binary.LittleEndian.Uint64(block)); found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
		if found := notPlain(binary.LittleEndian.Uint64(block[wordSize:])); found != 0 {
			return at + wordSize + bits.TrailingZeros64(found)/8
		}
		if found := notPlain(binary.LittleEndian.Uint64(block[2*wordSize:])); found != 0 {
			return at + 2*wordSize + bits.TrailingZeros64(found)/8
		}
		if found := notPlain(binary.LittleEndian.Uint64(block[3*wordSize:])); found != 0 {
			return at + 3*wordSize + bits.TrailingZeros64(found)/8
		}
	}
	for at < len(buf) && buf[at] >= ' ' && buf[at] != '"' && buf[at] != '\\' {
		at++
	}
	return at
}

const (
	wordSize  = 8
	blockSize = 4 * wordSize
	each      = 0x0101010101010101 // times a byte is eight of them
	highest   = each * 0x80
)

// notPlain sets the highest bit of the first of eight bytes, counted from the lowest, that
// plainEnd looks for. Bits above it mean nothing; it is 0 if there is no such byte.
func notPlain(eight uint64) uint64 {
	// What is smaller borrows from its highest bit, and perhaps from the bytes above it.
	// Flipping one bit lets the quote and the space change places, so that the quote is next
	// to the control characters, which stay among themselves.
	control := eight ^ each*('"'^' ') - each*(' '+1)
	backslash := eight ^ each*'\\' - each
	return (control | backslash) &^ eight & highest
}

// IsPlain reports whether text stands for itself in a string.
func IsPlain(text []byte) bool { return plainEnd(text, 0) == len(text) }

// escapedEnd returns the position of the quote that ends the string of which at is the
// first byte that plainEnd found; -1 if none does.
func escapedEnd(buf []byte, at int) int {
	for at < len(buf) && buf[at] != '"' {
		size := escapeSize(buf[at:])
		if size == 0 {
			return -1
		}
		at = plainEnd(buf, at+size)
	}
	if at >= len(buf) {
		return -1
	}
	return at
}

// escapeSize returns how many bytes the escape has that text begins with, 0 for none.
func escapeSize(text []byte) int {
	const short, long = len(`\n`), len(`\u0000`)
	switch {
	case len(text) < short || text[0] != '\\':
		return 0
	case text[1] != 'u':
		if escapes[text[1]] == 0 {
			return 0
		}
		return short
	case len(text) < long:
		return 0
	}
	for _, c := range text[short:long] {
		if hexDigits[c] == 0 {
			return 0
		}
	}
	return long
}

// escapes has what is meant by the letter after a backslash.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// hexDigits has 1 + the value of each digit.
var hexDigits = [256]byte{
	'0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10,
	'a': 11, 'b': 12, 'c': 13, 'd': 14, 'e': 15, 'f': 16, 'A': 11, 'B': 12, 'C': 13, 'D': 14, 'E': 15, 'F': 16,
}

// AppendUnescaped appends the text that raw, which RawText returned, stands for. It is not
// longer than raw. What is half of a surrogate pair becomes U+FFFD, and so does what follows
// it if that is half of one too.
func AppendUnescaped(to, raw []byte) []byte {
	for {
		at := bytes.IndexByte(raw, '\\')
		if at < 0 {
			return append(to, raw...)
		}
		to = append(to, raw[:at]...)
		raw = raw[at:]
		if raw[1] != 'u' {
			to, raw = append(to, escapes[raw[1]]), raw[2:]
			continue
		}
		letter := codeUnit(raw)
		raw = raw[len(`\u0000`):]
		if utf16.IsSurrogate(letter) && bytes.HasPrefix(raw, []byte(`\u`)) {
			second := codeUnit(raw)
			raw = raw[len(`\u0000`):]
			pair := utf16.DecodeRune(letter, second)
			if pair == utf8.RuneError {
				to, pair = utf8.AppendRune(to, letter), second
			}
			letter = pair
		}
		to = utf8.AppendRune(to, letter)
	}
}

// codeUnit returns the number of the escape that text begins with.
func codeUnit(text []byte) (unit rune) {
	for _, c := range text[len(`\u`):len(`\u0000`)] {
		unit = unit<<4 | rune(hexDigits[c]-1)
	}
	return unit
}
