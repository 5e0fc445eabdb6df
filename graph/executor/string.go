package executor

import "math/bits"

// appendString appends a JSON string with the very escapes that gqlgen writes. Most texts need
// none at all.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for {
		n := plainLength(s)
		dst = append(dst, s[:n]...)
		if n == len(s) {
			return append(dst, '"')
		}
		dst = appendEscape(dst, s[n])
		s = s[n+1:]
	}
}

const (
	wordSize  = 8
	blockSize = 4 * wordSize
)

// plainLength returns how many bytes stand before the first one of s that needs an escape. Most
// are looked at in blocks.
func plainLength(s string) int {
	n := 0
	for ; n <= len(s)-blockSize; n += blockSize {
		block := s[n : n+blockSize]
		if found := escapesIn(wordAt(block)); found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
		if found := escapesIn(wordAt(block[wordSize:])); found != 0 {
			return n + wordSize + bits.TrailingZeros64(found)/8
		}
		if found := escapesIn(wordAt(block[2*wordSize:])); found != 0 {
			return n + 2*wordSize + bits.TrailingZeros64(found)/8
		}
		if found := escapesIn(wordAt(block[3*wordSize:])); found != 0 {
			return n + 3*wordSize + bits.TrailingZeros64(found)/8
		}
	}
	for ; n <= len(s)-wordSize; n += wordSize {
		if found := escapesIn(wordAt(s[n:])); found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for n < len(s) && !escapes(s[n]) {
		n++
	}
	return n
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
	// With the quote and the space in each other's place, the quote is next to what is below.
	low := word ^ ones*('"'^' ') - ones*(' '+1)
	backslash := word ^ ones*'\\' - ones
	return (low | backslash) &^ word & (ones * 0x80)
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
