package jsonread

import (
	"encoding/binary"
	"math/bits"
)

// behindNumber has what may follow a number.
var behindNumber = [256]bool{',': true, ']': true, '}': true, ' ': true, '\n': true, '\t': true, '\r': true}

// numberEnd returns the position behind the number that begins at at; -1 if none does.
func numberEnd(buf []byte, at int) int {
	if at < len(buf) && buf[at] == '-' {
		at++
	}
	whole := at
	at = digitsEnd(buf, at)
	if at == whole || buf[whole] == '0' && at > whole+1 {
		return -1
	}
	if at < len(buf) && buf[at] == '.' {
		fraction := at + 1
		if at = digitsEnd(buf, fraction); at == fraction {
			return -1
		}
	}
	if at < len(buf) && buf[at]|0x20 == 'e' {
		at++
		if at < len(buf) && (buf[at] == '-' || buf[at] == '+') {
			at++
		}
		exponent := at
		if at = digitsEnd(buf, exponent); at == exponent {
			return -1
		}
	}
	if at < len(buf) && !behindNumber[buf[at]] {
		return -1
	}
	return at
}

// digitsEnd returns the position of the first byte from at that is no digit.
func digitsEnd(buf []byte, at int) int {
	for ; at+wordSize <= len(buf); at += wordSize {
		if others := notDigits(binary.LittleEndian.Uint64(buf[at:]) ^ each*'0'); others != 0 {
			return at + bits.TrailingZeros64(others)/8
		}
	}
	for at < len(buf) && buf[at]-'0' <= 9 {
		at++
	}
	return at
}

// maxNaturalDigits is how many digits fit int64, whatever they are.
const maxNaturalDigits = 18

// Natural reads what nearly all numbers are: a few digits and nothing else, also in quotes.
// Where ok is false, it has read nothing.
func (d *Decoder) Natural() (value uint64, ok bool) {
	buf, at := d.buf, d.at
	if at+len(`"`)+2*wordSize >= len(buf) {
		return d.anyNatural()
	}
	quoted := buf[at] == '"'
	if quoted {
		at++
	}
	value, digits := leadingDigits(binary.LittleEndian.Uint64(buf[at:]))
	if digits == wordSize {
		var some uint64
		some, digits = leadingDigits(binary.LittleEndian.Uint64(buf[at+wordSize:]))
		value = value*powersOf10[digits] + some
		digits += wordSize
	}
	end := at + digits
	switch {
	case buf[at]-'1' > 8 || digits == 2*wordSize:
		return d.anyNatural() // there are none, or a zero in front, or perhaps more
	case !quoted && behindNumber[buf[end]]:
		d.at = end
	case quoted && buf[end] == '"':
		d.at = end + 1
	default:
		return 0, false
	}
	return value, true
}

// anyNatural is Natural digit by digit.
func (d *Decoder) anyNatural() (value uint64, ok bool) {
	buf, start := d.buf, d.at
	quoted := start < len(buf) && buf[start] == '"'
	if quoted {
		start++
	}
	at := start
	for ; at < len(buf) && buf[at]-'0' <= 9; at++ {
		value = value*10 + uint64(buf[at]-'0')
	}
	switch digits := at - start; {
	case digits == 0 || digits > maxNaturalDigits:
		return 0, false
	case quoted:
		if at >= len(buf) || buf[at] != '"' {
			return 0, false
		}
		at++
	case digits > 1 && buf[start] == '0', at < len(buf) && !behindNumber[buf[at]]:
		return 0, false
	}
	d.at = at
	return value, true
}

// leadingDigits returns what the digits say that eight bytes begin with, counted from the
// lowest, and how many these are.
func leadingDigits(eight uint64) (value uint64, digits int) {
	eight ^= each * '0'
	digits = bits.TrailingZeros64(notDigits(eight)) / 8
	eight <<= 64 - 8*digits // as if there were zeros before them
	// Neighbours become a number of two digits, these one of four, and these one of eight.
	eight = eight*10 + eight>>8
	const pairs = 0x000000FF000000FF
	return (eight&pairs*(100+1_000_000<<32) + eight>>16&pairs*(1+10_000<<32)) >> 32, digits
}

// notDigits sets the highest bit of the first of eight bytes, counted from the lowest, that is
// not from 0 to 9. Bits above it mean nothing; it is 0 if there is no such byte.
func notDigits(eight uint64) uint64 { return (eight + each*(0x80-10) | eight) & highest }

var powersOf10 = [...]uint64{1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000}
