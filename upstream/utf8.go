package upstream

import (
	"encoding/binary"
	"unicode/utf8"
)

// highest is the highest bit of each of eight bytes.
const highest = 0x8080808080808080

// validUTF8 is utf8.Valid for texts that are nearly all ASCII and Russian, however mixed:
// they are checked 32 bytes at a time.
func validUTF8(text []byte) bool {
	const block = 32
	for {
		text = text[commonLetters(text):]
		if len(text) == 0 {
			return true
		}
		// It begins with less than a block, or with one that has other letters.
		for end := len(text) - block; len(text) > max(0, end); {
			letter, size := utf8.DecodeRune(text)
			if letter == utf8.RuneError && size == 1 {
				return false
			}
			text = text[size:]
		}
	}
}

// commonLetters returns the length of what text begins with, some blocks of ASCII and of the
// letters of two bytes that uncommon knows.
func commonLetters(text []byte) int {
	at := 0
	due := uint64(0) // the highest bit of the first byte if that has to end a letter
	for ; at+32 <= len(text); at += 32 {
		block := text[at : at+32]
		a, b := binary.LittleEndian.Uint64(block), binary.LittleEndian.Uint64(block[8:])
		c, d := binary.LittleEndian.Uint64(block[16:]), binary.LittleEndian.Uint64(block[24:])
		if (a|b|c|d|due)&highest == 0 {
			continue
		}
		wrongA, dueB := uncommon(a, due)
		wrongB, dueC := uncommon(b, dueB)
		wrongC, dueD := uncommon(c, dueC)
		wrongD, dueNext := uncommon(d, dueD)
		if (wrongA|wrongB|wrongC|wrongD)&highest != 0 {
			break
		}
		due = dueNext
	}
	if due != 0 {
		at-- // back to where the letter begins
	}
	return at
}

// uncommon looks at eight bytes, counted from the lowest, of which the first has to end a letter
// if due has its highest bit. In wrong, the highest bits of all bytes are 0 if they are ASCII, or
// letters of two bytes that begin with a byte from 0xD0 to 0xDF (0xD0 and 0xD1 are Russian)
// or with some that are as good, 0xC2 (quotation marks) among them. Otherwise some are not.
func uncommon(eight, due uint64) (wrong, dueNext uint64) {
	// What begins a letter has the two highest bits, what ends one the highest alone.
	begins := eight & (eight << 1)
	ends := eight &^ begins
	longer := eight << 2
	common := eight<<3 | eight<<6
	behind := begins & highest << 8
	return ends ^ (behind | due) | begins&(longer|^common), begins & highest >> 56
}
