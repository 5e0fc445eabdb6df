package upstream

import (
	"strings"
	"testing"

	"crmgraph/upstream/jsonread"
)

func TestTextsKeepNothingOfTheirSource(t *testing.T) {
	t.Parallel()
	var texts Texts
	var got, want []string
	for n := range 400 {
		text := strings.Repeat(string(rune('a'+n%26)), n*n%(maxSlab/2))
		source := []byte(text)
		got = append(got, texts.Copy(source))
		want = append(want, text)
		clear(source)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("text %d: got %q, want %q", i, got[i], want[i])
		}
	}
}

func TestTextsRead(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ж", 1000)
	body := []byte(`["a\"\u0436","","` + long + `\n",-1.50,"12.0"]`)
	d := jsonread.New(body)
	var texts Texts
	var got []string
	if _, err := ReadList(d, nil, func(d *jsonread.Decoder, index int) error {
		if index < 3 {
			text, _, err := texts.ReadText(d)
			got = append(got, text)
			return err
		}
		number, _, err := texts.ReadDecimal(d)
		got = append(got, string(number))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	clear(body)
	for i, want := range []string{`a"ж`, "", long + "\n", "-1.50", "12.0"} {
		if got[i] != want {
			t.Errorf("value %d: got %q, want %q", i, got[i], want)
		}
	}
}
