package executor

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// appendString appends a JSON string with the very escapes that gqlgen writes. Most texts need
// none at all, so it copies eight bytes at a time until there is one.
func appendString(dst []byte, s string) []byte {
	dst = append(slices.Grow(dst, len(s)+len(`""`)), '"')
	for {
		n := 0
		if len(s) >= wordSize {
			dst, n = appendWords(dst, s)
		} else {
			for n < len(s) && !escapes(s[n]) {
				n++
			}
			dst = append(dst, s[:n]...)
		}
		if n == len(s) {
			return append(dst, '"')
		}
		dst = appendEscape(dst, s[n])
		s = s[n+1:]
	}
}

const wordSize = 8

// appendWords appends what stands before the first byte of s that needs an escape, all of s if
// none does, and returns how much that is. There are eight bytes or more.
func appendWords(dst []byte, s string) ([]byte, int) {
	start := len(dst)
	dst = slices.Grow(dst, len(s))
	room := dst[start : start+len(s)]
	n := 0
	for ; n <= len(s)-wordSize; n += wordSize {
		word := wordAt(s[n:])
		binary.LittleEndian.PutUint64(room[n:], word)
		if found := escapesIn(word); found != 0 {
			n += bits.TrailingZeros64(found) / 8
			return dst[:start+n], n
		}
	}
	if n < len(s) { // the last eight overlap with those before, of which none needs an escape
		n = len(s) - wordSize
		word := wordAt(s[n:])
		binary.LittleEndian.PutUint64(room[n:], word)
		if found := escapesIn(word); found != 0 {
			n += bits.TrailingZeros64(found) / 8
			return dst[:start+n], n
		}
	}
	return dst[:start+len(s)], len(s)
}

// wordAt returns the first eight bytes of s. It is compiled to one load.
func wordAt(s string) uint64 {
	b := s[:wordSize]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// ones has a one in each byte.
const ones = 0x0101010101010101

// escapesIn returns 0 unless any of the eight bytes of word needs an escape: is a quote, a
// backslash or below a space. Otherwise its lowest bit is the highest of the first that does.
// Subtraction borrows from the bytes behind such a one, which may be found in vain.
func escapesIn(word uint64) uint64 {
	return ((word - ones*' ') | (word ^ ones*'"' - ones) | (word ^ ones*'\\' - ones)) &^ word & (ones * 0x80)
}

func escapes(c byte) bool { return c < ' ' || c == '"' || c == '\\' }

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\t':
		return append(dst, '\\', 't')
	case '\r':
		return append(dst, '\\', 'r')
	case '\n':
		return append(dst, '\\', 'n')
	default:
		return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
	}
}
