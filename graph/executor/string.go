package executor

// appendString appends a JSON string with the very escapes that gqlgen writes.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	dst = append(dst, '"')
	for {
		n := plain(s)
		dst = append(dst, s[:n]...)
		if n == len(s) {
			return append(dst, '"')
		}
		switch c := s[n]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\t':
			dst = append(dst, '\\', 't')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\n':
			dst = append(dst, '\\', 'n')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
		s = s[n+1:]
	}
}

// plain returns how many of the first bytes of s need no escape. Most texts need none at
// all, so it looks at eight bytes at a time.
func plain(s string) int {
	n := 0
	for ; len(s)-n >= 8; n += 8 {
		b := s[n : n+8]
		word := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		if anyBelow(word, ' ')|anyBelow(word^ones*'"', 1)|anyBelow(word^ones*'\\', 1) != 0 {
			break
		}
	}
	for ; n < len(s); n++ {
		if c := s[n]; c < ' ' || c == '"' || c == '\\' {
			break
		}
	}
	return n
}

// ones has a one in each byte.
const ones = 0x0101010101010101

// anyBelow returns 0 unless one of the eight bytes of word is below limit, which is at most 128.
func anyBelow(word, limit uint64) uint64 { return (word - ones*limit) &^ word & (ones * 0x80) }
