package upstream

import (
	"cmp"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want Decimal
		ok   bool
	}{
		{"2279000", "2279000", true},
		{"0", "0", true},
		{"-12.50", "-12.50", true},
		{"+7", "7", true},
		{" 7 ", "7", true},
		{"007.10", "7.10", true},
		{".5", "0.5", true},
		{"-0", "0", true},
		{"-0.00", "0.00", true},
		{"1e3", "1000", true},
		{"1.5E+2", "150", true},
		{"1.50e1", "15.0", true},
		{"12e-1", "1.2", true},
		{"12e-4", "0.0012", true},
		{"-1e-1", "-0.1", true},
		{"1e64", "10000000000000000000000000000000000000000000000000000000000000000", true},
		{"123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789", true},
		{"", "", false},
		{" ", "", false},
		{"-", "", false},
		{".", "", false},
		{"5.", "", false},
		{"-+5", "", false},
		{"+-5", "", false},
		{"--5", "", false},
		{"1e", "", false},
		{"1e-+1", "", false},
		{"e5", "", false},
		{"1e65", "", false},
		{"1e999999999999999999999", "", false},
		{"1,5", "", false},
		{"1 000", "", false},
		{"1_000", "", false},
		{"0x10", "", false},
		{"NaN", "", false},
		{"Inf", "", false},
		{"１", "", false},
	}
	for _, test := range tests {
		got, ok := ParseDecimal(test.text)
		if got != test.want || ok != test.ok {
			t.Errorf("ParseDecimal(%q): got %q, %t, want %q, %t", test.text, got, ok, test.want, test.ok)
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"2024-02-29": true, "2023-02-29": false, "2024-13-01": false, "20240229": false, "2024-2-9": false, "": false,
	} {
		want := Date("")
		if ok {
			want = Date(text)
		}
		if got, gotOK := ParseDate(text); got != want || gotOK != ok {
			t.Errorf("ParseDate(%q): got %q, %t, want %q, %t", text, got, gotOK, want, ok)
		}
	}
}

func TestDateOf(t *testing.T) {
	t.Parallel()
	lastSecond := time.Date(2018, time.November, 8, 23, 59, 59, 0, time.FixedZone("MSK", 3*60*60))
	for at, want := range map[time.Time]Date{
		lastSecond:                        "2018-11-08",
		lastSecond.Add(time.Second):       "2018-11-09",
		lastSecond.Add(time.Second).UTC(): "2018-11-08",
	} {
		if got := DateOf(at); got != want {
			t.Errorf("DateOf(%v): got %s, want %s", at, got, want)
		}
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, seed := range []string{"0", "-12.50", "1.5e-3", "+7", "1e64", ".5", "007", "-+5"} {
		f.Add(seed)
	}
	plain := regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := ParseDecimal(text)
		if !ok {
			if got != "" {
				t.Errorf("%q: got %q beside a refusal", text, got)
			}
			return
		}
		if !plain.MatchString(string(got)) {
			t.Fatalf("%q: got %q, which is not plain notation", text, got)
		}
		again, ok := ParseDecimal(string(got))
		if !ok || again != got {
			t.Errorf("%q: got %q, which reads as %q", text, got, again)
		}
		want, ok := new(big.Rat).SetString(strings.TrimSpace(text))
		if !ok {
			t.Fatalf("%q: got %q of what is no number", text, got)
		}
		value, _ := new(big.Rat).SetString(string(got))
		if value == nil || value.Cmp(want) != 0 {
			t.Errorf("%q: got %q, want %s", text, got, want)
		}
	})
}

func TestCompareDecimals(t *testing.T) {
	t.Parallel()
	ascending := []Decimal{"-100", "-20", "-1.50", "-1.05", "-0.5", "0", "0.05", "0.5", "1", "1.05", "1.5", "9", "10", "100.01"}
	for i, x := range ascending {
		for j, y := range ascending {
			if got, want := x.Compare(y), cmp.Compare(i, j); got != want {
				t.Errorf("%s to %s: got %d, want %d", x, y, got, want)
			}
		}
	}
	for _, equal := range [][2]Decimal{{"1.5", "1.50"}, {"0", "0.00"}, {"-2", "-2.0"}} {
		if got := equal[0].Compare(equal[1]); got != 0 {
			t.Errorf("%s to %s: got %d, want 0", equal[0], equal[1], got)
		}
	}
}
