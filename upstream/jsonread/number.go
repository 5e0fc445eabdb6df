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

func digitsEnd(buf []byte, at int) int {
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
	buf, start := d.buf, d.at
	quoted := start < len(buf) && buf[start] == '"'
	if quoted {
		start++
	}
	at := start
	for ; at+8 <= len(buf); at += 8 {
		some, digits := leadingDigits(binary.LittleEndian.Uint64(buf[at:]))
		value = value*powersOf10[digits] + some
		if digits < 8 {
			at += digits
			break
		}
	}
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
	others := (eight + each*(0x80-10) | eight) & highest
	digits = bits.TrailingZeros64(others) / 8
	eight <<= 64 - 8*digits // as if there were zeros before them
	// Neighbours become a number of two digits, these one of four, and these one of eight.
	eight = eight*10 + eight>>8
	const pairs = 0x000000FF000000FF
	return (eight&pairs*(100+1_000_000<<32) + eight>>16&pairs*(1+10_000<<32)) >> 32, digits
}

var powersOf10 = [...]uint64{1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000}
