package upstream

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzUTF8 compares with the standard library.
func FuzzUTF8(f *testing.F) {
	for _, text := range []string{
		"", "a", "12345678", "Ждет счет до пятницы, 5 €", "Ёжик", "\u0400\u047f\u0480", "日本語 😀", "\ufffd",
		"\xd0", "\xd0 ", "Жд\xd1", "\xd0\xd0\x96", "\xd0\x96\x96", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "1234567\x80", "Ждет\xff",
		"ООО «Выхлопные системы», Ждет счет до пятницы, 5 €", "Ждет счет до пятницы, 5 рублей\xd0", strings.Repeat("«", 17) + "\xc1\xbf",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, want := validUTF8(text), utf8.Valid(text); got != want {
			t.Errorf("%q: valid %t, want %t", text, got, want)
		}
	})
}

// TestUTF8 puts a wrong byte in each place of a text that has all kinds of letters.
func TestUTF8(t *testing.T) {
	t.Parallel()
	const text = "Ждет счет № 12345678901234567890 до пятницы: 日本語 😀"
	if !validUTF8([]byte(text)) {
		t.Errorf("%q: not valid", text)
	}
	for i := range text {
		for _, wrong := range []byte{0x80, 0xd0, 0xff} {
			broken := []byte(text[:i] + string([]byte{wrong}) + text[i:])
			if got, want := validUTF8(broken), utf8.Valid(broken); got != want || got {
				t.Errorf("%q: valid %t, want %t", broken, got, want)
			}
		}
	}
}

// TestUTF8InBlocks puts a wrong byte in each place of long texts without rare letters, at every
// distance from where blocks begin.
func TestUTF8InBlocks(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		strings.Repeat("a", 130),
		strings.Repeat("ё", 65),
		strings.Repeat("ООО «Выхлопные системы» 2026 ", 4),
	} {
		for shift := range 32 {
			text := strings.Repeat(" ", shift) + text
			if !validUTF8([]byte(text)) {
				t.Fatalf("%q: not valid", text)
			}
			for i := range len(text) {
				for _, wrong := range []byte{0x80, 0xbf, 0xc0, 0xc1, 0xd0, 0xd1, 0xdf, 0xe0, 0xff, 'a'} {
					broken := []byte(text)
					broken[i] = wrong
					if got, want := validUTF8(broken), utf8.Valid(broken); got != want {
						t.Fatalf("%q: valid %t, want %t", broken, got, want)
					}
				}
			}
		}
	}
}
