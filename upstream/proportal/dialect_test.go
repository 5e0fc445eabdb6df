package proportal

import (
	"strings"
	"testing"
)

// The words for null may be in any case and have space around them; no other text is one.
func TestMeansNull(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"Не указан", "Не указано", "Не указана", "Отсутствует"} {
		for _, text := range []string{
			word, strings.ToUpper(word), strings.ToLower(word), strings.ToLower(word[:2]) + strings.ToUpper(word[2:]),
			" " + word + "\n", "\u00a0" + word + "\u2003",
		} {
			if !meansNull(text) {
				t.Errorf("%q does not mean null, want it does", text)
			}
		}
		for _, text := range []string{
			"", "Н", word + "ы", "О" + word, word + " " + word, strings.ReplaceAll(word, "у", "y"), // a Latin one
		} {
			if meansNull(text) {
				t.Errorf("%q means null, want it does not", text)
			}
		}
	}
	for _, text := range []string{"ООО «Отсутствует»", "Нефтяные платформы", "Открытие счёта", "не звонить до мая", "Ё не указано", "указано: не знаю"} {
		if meansNull(text) {
			t.Errorf("%q means null, want it does not", text)
		}
	}
}
