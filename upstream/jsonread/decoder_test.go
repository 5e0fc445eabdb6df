package jsonread

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-faster/jx"
)

// samples are texts that are JSON, or nearly.
func samples() []string {
	return []string{
		``, ` `, `null`, ` null `, "\n\t\r true", `false`, `nul`, `nulL`, `tru`, `falsy`, `nullx`, `x`, `true false`, "\x00", "\xff", `,`, `]`,
		`0`, `-0`, `-`, `01`, `-01`, `00`, `10`, `1.`, `.5`, `1.50`, `1.e5`, `1e`, `1e+`, `1E-5`, `1e05`, `-1.5e+10`, `+1`, `1x`, `1"`, `1:`, `1_0`, `0x1`,
		`123456789012345678`, `1234567890123456789`, `18446744073709551616`, `"007"`, `"12"`, `"12`, `"1.0"`, `""`, `"`, `NaN`, `Infinity`,
		`"plain"`, `"Русский текст, который длиннее восьми байтов"`, "\"\x7f\"", "\"\x1f\"", "\"1234567\x00\"", "\"12345678\n\"", "\"\xff\xfe\"",
		`"12345678"`, `"1234567"`, `"1234567\\"`, `"123456\"8"`, `"\"\\\/\b\f\n\r\t"`, `"\'"`, `"\`, `"\"`, `"\u"`, `"\u00"`, `"\u00zz"`, `"\u0436Ж\u0416"`, `"\U0436"`,
		`"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\ude00\ud83d"`, `"\ud83dx"`, `"\ud83d\n"`, `"\ud83d\u0041"`, `"\ud83d\ud83d\ude00"`, `"\ud83d\u00"`, `"\ud83d\`, `"\ud83d\x"`, `"\uD83D\uDE00"`, `"\ufffd"`,
		`[]`, `[ ]`, `[`, `[1`, `[1,`, `[1,]`, `[,1]`, `[1 2]`, `[1,2]`, ` [ 1 , "a" , [ ] , { } , null ] `, `[1}`, `[[[]]`, `[]]`, "[1\v]",
		`{}`, `{ }`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{"a" 1}`, `{"a",1}`, `{a:1}`, `{1:1}`, `{"a":1 "b":2}`, `{"a":1]`, `{"\u0061":1,"a":2,"\"":3}`,
		` { "a" : { "b" : [ 1 , { "c" : null } ] } , "d" : " x : , " } `, `{"a":}`, `{"a"::1}`, `{"":""}`, `/**/1`, "\ufeff1",
		strings.Repeat("[", 200) + strings.Repeat("]", 200),
		strings.Repeat(`{"a": [ `, 70) + "1 , 2" + strings.Repeat("] }", 70),
		strings.Repeat("[", 65) + "[ ]" + strings.Repeat("]", 64),
		strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
		strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
		strings.Repeat(`{"":`, MaxDepth) + "1" + strings.Repeat("}", MaxDepth),
		strings.Repeat(`{"":`, MaxDepth+1) + "1" + strings.Repeat("}", MaxDepth+1),
	}
}

// FuzzDecoder checks that a Decoder reads what jx and encoding/json read, and refuses what
// they refuse.
func FuzzDecoder(f *testing.F) {
	for _, sample := range samples() {
		f.Add([]byte(sample))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		valid := json.Valid(input)
		if got := read(input) != nil; got != valid {
			t.Errorf("value by value: valid %t, encoding/json %t", got, valid)
		}
		if want, got := readWithJX(input), read(input); !slices.Equal(got, want) {
			t.Errorf("got tokens %q, jx %q", got, want)
		}
		if got := readMixed(input); valid != got {
			t.Errorf("every other value as a whole: valid %t, encoding/json %t", got, valid)
		}
		d := New(input)
		err := d.Skip()
		if err == nil {
			err = d.End()
		}
		if (err == nil) != valid {
			t.Errorf("passed: error %v, valid %t", err, valid)
		}
	})
}

// FuzzFirst checks that the first value of a text, whatever is behind it, ends where it
// does for jx, as it is and in compact form.
func FuzzFirst(f *testing.F) {
	for _, sample := range samples() {
		f.Add([]byte(sample))
		f.Add([]byte(sample + ` , "x"`))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		want, wantErr := jx.DecodeBytes(input).Raw()
		want = bytes.TrimLeft(want, " \n\t\r")
		got, spaced, err := New(input).Raw()
		if (err == nil) != (wantErr == nil) || !bytes.Equal(got, want) {
			t.Fatalf("got %q, %v, jx %q, %v", got, err, want, wantErr)
		}
		if err != nil {
			return
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, want); err != nil {
			t.Fatal(err)
		}
		if got := AppendCompact(nil, got); !bytes.Equal(got, compact.Bytes()) {
			t.Errorf("got compact %q, want %q", got, compact.Bytes())
		}
		if isSpaced := compact.Len() < len(want); spaced != isSpaced {
			t.Errorf("%q: spaced %t, want %t", want, spaced, isSpaced)
		}
	})
}

// FuzzText checks that a string is what it is for jx.
func FuzzText(f *testing.F) {
	for _, sample := range samples() {
		f.Add([]byte(sample))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		want, wantErr := jx.DecodeBytes(input).StrBytes()
		got, err := New(input).Text()
		if (err == nil) != (wantErr == nil) || !bytes.Equal(got, want) {
			t.Errorf("got %q, %v, jx %q, %v", got, err, want, wantErr)
		}
		raw, escaped, err := New(input).RawText()
		if err == nil && (escaped != bytes.Contains(raw, []byte(`\`)) || len(got) > len(raw)) {
			t.Errorf("%q: escaped %t, longer as text %q", raw, escaped, got)
		}
	})
}

// FuzzNatural checks that numbers that are read the short way are what strconv makes of
// them, and that whole numbers of few digits are read that way.
func FuzzNatural(f *testing.F) {
	for _, sample := range samples() {
		f.Add([]byte(sample))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		d := New(input)
		value, ok := d.Natural()
		reference := New(input)
		raw, _, err := reference.Raw()
		digits := string(bytes.Trim(raw, `"`))
		want, parseErr := strconv.ParseUint(digits, 10, 64)
		if isNatural := err == nil && parseErr == nil && len(digits) <= 18; ok != isNatural {
			t.Fatalf("natural %t, want %t", ok, isNatural)
		}
		switch {
		case ok && (value != want || d.at != reference.at):
			t.Errorf("got %d up to %d, want %d up to %d", value, d.at, want, reference.at)
		case !ok && d.at != New(input).at:
			t.Error("it read something")
		}
	})
}

// FuzzExpect checks that members are the same whatever names are expected.
func FuzzExpect(f *testing.F) {
	for _, sample := range samples() {
		for _, name := range []string{"", "a", "b", `\u0061`, `a":1,"b`} {
			f.Add([]byte(sample), name)
		}
	}
	f.Add([]byte(`{"a":{"b":1,"a" :2,"b": 3},"aa":4,"a":[{"a":5},{ "a":6}],"b"}`), "a")
	f.Fuzz(func(t *testing.T, input []byte, name string) {
		if !IsPlain([]byte(name)) {
			return
		}
		got := readBy(input, func(m *Members) bool { return m.Expect(name) || m.Next() })
		if want := read(input); !slices.Equal(got, want) {
			t.Errorf("got tokens %q, want %q", got, want)
		}
	})
}

// TestExpect checks which members can be expected.
func TestExpect(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		input string
		want  bool
	}{
		{`{"name":1}`, true},
		{`{"name":`, false},
		{`{"name"`, false},
		{`{"name" :1}`, false},
		{`{"name": 1}`, false},
		{`{ "name":1}`, false},
		{`{"names":1}`, false},
		{`{"nam":1}`, false},
		{`{"n\u0061me":1}`, false},
		{`["name":1}`, false},
		{`,"name":1}`, false},
		{strings.Repeat("[", MaxDepth) + `{"name":1}`, false},
	} {
		d := New([]byte(test.input))
		for d.Next() == Array && d.depth < MaxDepth {
			elements := d.Elements()
			elements.Next()
		}
		before := *d
		members := d.Members()
		got := members.Expect("name")
		switch {
		case got != test.want:
			t.Errorf("%.20s: expected %t, want %t", test.input, got, test.want)
		case !got && (d.at != before.at || d.depth != before.depth):
			t.Errorf("%.20s: it read something", test.input)
		case got && (string(members.Key()) != "name" || d.Next() != Number):
			t.Errorf("%.20s: got key %q, then a value of kind %d", test.input, members.Key(), d.Next())
		}
	}
}

// read returns what is in input, read value by value; nil if it is no JSON.
func read(input []byte) []string { return readBy(input, (*Members).Next) }

// readBy is read with another way to go to the next member.
func readBy(input []byte, next func(*Members) bool) []string {
	d := New(input)
	tokens, err := appendTokens(nil, d, next)
	if err != nil || d.End() != nil {
		return nil
	}
	return tokens
}

func appendTokens(to []string, d *Decoder, next func(*Members) bool) ([]string, error) {
	switch d.Next() {
	case Null:
		return append(to, "null"), d.Null()
	case Bool, Number:
		raw, _, err := d.Raw()
		return append(to, string(raw)), err
	case String:
		text, err := d.Text()
		return append(to, `"`+string(text)), err
	case Array:
		to = append(to, "[")
		elements := d.Elements()
		for elements.Next() {
			var err error
			if to, err = appendTokens(to, d, next); err != nil {
				return to, err
			}
		}
		return append(to, "]"), elements.Err()
	case Object:
		to = append(to, "{")
		members := d.Members()
		for next(&members) {
			var err error
			if to, err = appendTokens(append(to, string(members.Key())), d, next); err != nil {
				return to, err
			}
		}
		return append(to, "}"), members.Err()
	default:
		return to, ErrSyntax
	}
}

// readWithJX is read with jx.
func readWithJX(input []byte) []string {
	d := jx.DecodeBytes(input)
	tokens, err := appendTokensOfJX(nil, d)
	// Of a value that is cut off, Skip finds the end as well.
	if err != nil || d.Next() != jx.Invalid || !errors.Is(d.Skip(), io.EOF) {
		return nil
	}
	return tokens
}

func appendTokensOfJX(to []string, d *jx.Decoder) ([]string, error) {
	switch d.Next() {
	case jx.Null:
		return append(to, "null"), d.Null()
	case jx.Bool, jx.Number:
		raw, err := d.Raw()
		return append(to, strings.TrimLeft(string(raw), " \n\t\r")), err
	case jx.String:
		text, err := d.StrBytes()
		return append(to, `"`+string(text)), err
	case jx.Array:
		to = append(to, "[")
		err := d.Arr(func(d *jx.Decoder) (err error) {
			to, err = appendTokensOfJX(to, d)
			return err
		})
		return append(to, "]"), err
	case jx.Object:
		to = append(to, "{")
		err := d.ObjBytes(func(d *jx.Decoder, key []byte) (err error) {
			to, err = appendTokensOfJX(append(to, string(key)), d)
			return err
		})
		return append(to, "}"), err
	default:
		return to, errors.New("no value")
	}
}

// readMixed reports whether input is JSON, of which it reads every other value as a whole.
func readMixed(input []byte) bool {
	d := New(input)
	return mixed(d, 0) == nil && d.End() == nil
}

func mixed(d *Decoder, index int) error {
	switch kind := d.Next(); {
	case index%2 == 1:
		return d.Skip()
	case kind == Array:
		elements := d.Elements()
		for ; elements.Next(); index++ {
			if err := mixed(d, index); err != nil {
				return err
			}
		}
		return elements.Err()
	case kind == Object:
		members := d.Members()
		for ; members.Next(); index++ {
			if err := mixed(d, index); err != nil {
				return err
			}
		}
		return members.Err()
	default:
		return d.Skip()
	}
}
