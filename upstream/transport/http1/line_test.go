package http1

import (
	"strings"
	"testing"
)

// Wherever a byte stands, it is looked at.
func TestLines(t *testing.T) {
	t.Parallel()
	for b := range 256 {
		line := b >= 0x20 && b != 0x7f || b == '\t'
		word := line && b != ' ' && b != '\t'
		for before := range 18 {
			for after := range 18 {
				text := []byte(strings.Repeat("a", before) + string([]byte{byte(b)}) + strings.Repeat("\xff", after))
				if isLine(text) != line || isWord(text) != word {
					t.Fatalf("%q: line %t, word %t; want %t and %t", text, isLine(text), isWord(text), line, word)
				}
			}
		}
	}
}
