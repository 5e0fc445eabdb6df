package upstream

import (
	"testing"
	"unicode/utf8"
)

// FuzzUTF8 compares with the standard library.
func FuzzUTF8(f *testing.F) {
	for _, text := range []string{
		"", "a", "12345678", "Ждет счет до пятницы, 5 €", "Ёжик", "\u0400\u047f\u0480", "日本語 😀", "\ufffd",
		"\xd0", "\xd0 ", "Жд\xd1", "\xd0\xd0\x96", "\xd0\x96\x96", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "1234567\x80", "Ждет\xff",
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
