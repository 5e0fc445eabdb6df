package upstream

import (
	"encoding/binary"
	"unicode/utf8"
)

// validUTF8 is utf8.Valid for texts that are nearly all ASCII, which is checked eight
// letters at a time, or Russian, two at a time.
func validUTF8(text []byte) bool {
	const (
		notASCII = 0x8080808080808080
		// A Russian letter is 0xD0 or 0xD1 and a continuation byte.
		mask1, russian1 = 0xC0FE, 0x80D0
		mask2, russian2 = mask1<<16 | mask1, russian1<<16 | russian1
	)
	text = text[:len(text):len(text)] // spares the loops the arithmetic of capacities
	for len(text) > 0 {
		if text[0] < utf8.RuneSelf {
			text = text[1:]
			for len(text) >= 8 && binary.LittleEndian.Uint64(text)&notASCII == 0 {
				text = text[8:]
			}
			continue
		}
		for len(text) >= 4 && binary.LittleEndian.Uint32(text)&mask2 == russian2 {
			text = text[4:]
		}
		if len(text) >= 2 && binary.LittleEndian.Uint16(text)&mask1 == russian1 {
			text = text[2:]
			continue
		}
		letter, size := utf8.DecodeRune(text)
		if letter == utf8.RuneError && size == 1 {
			return false
		}
		text = text[size:]
	}
	return true
}
