package http1

import "encoding/binary"

// isLine reports whether text can stand in one line of a head: it has no control character but
// tabs.
func isLine(text []byte) bool {
	if !hasBelow(text, ' ') {
		return true
	}
	for _, b := range text {
		if b < ' ' && b != '\t' || b == del {
			return false
		}
	}
	return true
}

// isWord reports whether text can stand between two spaces of a line.
func isWord(text []byte) bool { return !hasBelow(text, ' '+1) }

const (
	del   = 0x7f
	ones  = 0x0101010101010101
	signs = 0x80 * ones
)

// hasBelow reports whether text has a byte below limit, which is no more than 0x80, or a DEL. It
// looks at eight bytes at a time.
func hasBelow(text []byte, limit byte) bool {
	for len(text) >= 8 {
		eight := binary.LittleEndian.Uint64(text)
		dels := eight ^ del*ones // which become 0
		if ((eight-uint64(limit)*ones)&^eight|(dels-ones)&^dels)&signs != 0 {
			return true
		}
		text = text[8:]
	}
	for _, b := range text {
		if b < limit || b == del {
			return true
		}
	}
	return false
}

// isToken reports whether name can be a header's.
func isToken[T string | []byte](name T) bool {
	for i := range len(name) {
		if !tokens[name[i]] {
			return false
		}
	}
	return len(name) > 0
}

// tokens are the bytes of tokens.
var tokens = func() (tokens [256]bool) {
	for _, b := range []byte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		tokens[b] = true
	}
	return tokens
}()
