package upstream

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/jsonread"
)

// reading is the outcome of one of the readers.
type reading struct {
	Value any
	OK    bool
	Err   string
}

func readingOf[T any](read func(*jsonread.Decoder) (T, bool, error)) func(string) reading {
	return func(input string) reading {
		value, ok, err := read(jsonread.New([]byte(input)))
		if err != nil {
			return reading{value, ok, err.Error()}
		}
		return reading{Value: value, OK: ok}
	}
}

func TestReaders(t *testing.T) {
	t.Parallel()
	const (
		noText   = "text was due"
		noNumber = "a number was due"
		noWhole  = "a whole number was due"
		range64  = "the number is out of range"
		noBool   = "yes or no was due"
		broken   = "not valid JSON"
	)
	readers := map[string]func(string) reading{
		"text":    readingOf(func(d *jsonread.Decoder) (string, bool, error) { return new(Texts).ReadText(d) }),
		"int":     readingOf(ReadInt),
		"int32":   readingOf(ReadInt32),
		"uint":    readingOf(ReadUint),
		"decimal": readingOf(func(d *jsonread.Decoder) (Decimal, bool, error) { return new(Texts).ReadDecimal(d) }),
		"bool":    readingOf(ReadBool),
	}
	tests := []struct {
		reader string
		input  string
		want   reading
	}{
		{"text", `"а\"б"`, reading{`а"б`, true, ""}},
		{"text", `""`, reading{"", true, ""}},
		{"text", `10.0`, reading{"10.0", true, ""}},
		{"text", ` true`, reading{"true", true, ""}},
		{"text", `null`, reading{"", false, ""}},
		{"text", `{}`, reading{"", false, noText}},
		{"text", `[]`, reading{"", false, noText}},
		{"text", `"cut`, reading{"", false, broken}},
		{"text", `nul`, reading{"", false, broken}},
		{"text", `tru`, reading{"", false, broken}},
		{"text", ``, reading{"", false, noText}},

		{"int", `10`, reading{int64(10), true, ""}},
		{"int", `"10"`, reading{int64(10), true, ""}},
		{"int", `10.0`, reading{int64(10), true, ""}},
		{"int", `" 10.00 "`, reading{int64(10), true, ""}},
		{"int", `1e3`, reading{int64(1000), true, ""}},
		{"int", `-5`, reading{int64(-5), true, ""}},
		{"int", `9223372036854775807`, reading{int64(math.MaxInt64), true, ""}},
		{"int", `"-9223372036854775808"`, reading{int64(math.MinInt64), true, ""}},
		{"int", `9223372036854775808`, reading{int64(0), false, range64}},
		{"int", `1e60`, reading{int64(0), false, range64}},
		{"int", `null`, reading{int64(0), false, ""}},
		{"int", `""`, reading{int64(0), false, ""}},
		{"int", `" "`, reading{int64(0), false, ""}},
		{"int", `1.5`, reading{int64(0), false, noWhole}},
		{"int", `"ten"`, reading{int64(0), false, noNumber}},
		{"int", `"1_0"`, reading{int64(0), false, noNumber}},
		{"int", `"0x10"`, reading{int64(0), false, noNumber}},
		{"int", `true`, reading{int64(0), false, noNumber}},
		{"int", `[1]`, reading{int64(0), false, noNumber}},
		{"int", `1.`, reading{int64(0), false, broken}},

		{"int32", `2147483647`, reading{math.MaxInt32, true, ""}},
		{"int32", `-2147483648`, reading{math.MinInt32, true, ""}},
		{"int32", `2147483648`, reading{0, false, range64}},
		{"int32", `-2147483649`, reading{0, false, range64}},
		{"int32", `null`, reading{0, false, ""}},

		{"uint", `18446744073709551615`, reading{uint64(math.MaxUint64), true, ""}},
		{"uint", `"5000000001.0"`, reading{uint64(5000000001), true, ""}},
		{"uint", `0`, reading{uint64(0), true, ""}},
		{"uint", `-1`, reading{uint64(0), false, range64}},
		{"uint", `18446744073709551616`, reading{uint64(0), false, range64}},
		{"uint", `""`, reading{uint64(0), false, ""}},
		{"uint", `{}`, reading{uint64(0), false, noNumber}},

		{"decimal", `2279000`, reading{Decimal("2279000"), true, ""}},
		{"decimal", `"1250000.50"`, reading{Decimal("1250000.50"), true, ""}},
		{"decimal", `0.1e-1`, reading{Decimal("0.01"), true, ""}},
		{"decimal", `null`, reading{Decimal(""), false, ""}},
		{"decimal", `""`, reading{Decimal(""), false, ""}},
		{"decimal", `"1 000"`, reading{Decimal(""), false, noNumber}},
		{"decimal", `false`, reading{Decimal(""), false, noNumber}},

		{"bool", `true`, reading{true, true, ""}},
		{"bool", `0`, reading{false, true, ""}},
		{"bool", `"1"`, reading{true, true, ""}},
		{"bool", `1.0`, reading{true, true, ""}},
		{"bool", `" FALSE "`, reading{false, true, ""}},
		{"bool", `"yes"`, reading{true, true, ""}},
		{"bool", `"off"`, reading{false, true, ""}},
		{"bool", `""`, reading{false, false, ""}},
		{"bool", `null`, reading{false, false, ""}},
		{"bool", `2`, reading{false, false, noBool}},
		{"bool", `"maybe"`, reading{false, false, noBool}},
		{"bool", `[]`, reading{false, false, noText}},
	}
	for _, test := range tests {
		t.Run(test.reader+" "+test.input, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, readers[test.reader](test.input)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	body := []byte(` { "a" : [ 1.50, "x y" ] } `)
	got, err := AppendJSON([]byte("x:"), jsonread.New(body))
	if err != nil {
		t.Fatal(err)
	}
	clear(body)
	if want := `x:{"a":[1.50,"x y"]}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, input := range []string{`{`, `{"a":}`, `[1,]`, `tru`, ``, "\"\n\""} {
		if got, err := AppendJSON(nil, jsonread.New([]byte(input))); err == nil {
			t.Errorf("%q: got %s, want an error", input, got)
		}
	}
}

func TestAppendKey(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"":            `,"":`,
		"город":       `,"город":`,
		"a\"b":        `,"a\"b":`,
		"12345678\\":  `,"12345678\\":`,
		"line\n":      `,"line\n":`,
		"long enough": `,"long enough":`,
	} {
		if got := AppendKey([]byte(","), []byte(name)); string(got) != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}

func TestReadList(t *testing.T) {
	t.Parallel()
	untold := Page{Total: -1, Count: -1, PerPage: -1, Current: -1, LastPage: -1}
	type list struct {
		Elements []int64
		Page     Page
		Err      string
	}
	tests := []struct {
		name  string
		input string
		want  list
	}{
		{"plain", `[1,2]`, list{[]int64{1, 2}, untold, ""}},
		{"empty", ` [ ] `, list{nil, untold, ""}},
		{"envelope", `{"status":"ok","items":[1]}`, list{[]int64{1}, untold, ""}},
		{
			"envelope that counts", `{"items":[1],"total":"7","count":1}`,
			list{[]int64{1}, Page{Total: 7, Count: 1, PerPage: -1, Current: -1, LastPage: -1}, ""},
		},
		{"null in an envelope", `{"data":null,"total":0}`, list{nil, Page{Total: 0, Count: -1, PerPage: -1, Current: -1, LastPage: -1}, ""}},
		{"list beside a null envelope", `{"data":null,"items":[1]}`, list{[]int64{1}, untold, ""}},
		{
			"flat paginator", `{"current_page":2,"data":[1],"first_page_url":"x","from":51,"last_page":3,"per_page":50,"prev_page_url":null,"to":51,"total":120}`,
			list{[]int64{1}, Page{Total: 120, Count: -1, PerPage: 50, Current: 2, LastPage: 3}, ""},
		},
		{
			"resource paginator", `{"data":[1],"links":{"next":null},"meta":{"current_page":2,"from":51,"last_page":3,"path":"x","per_page":"50","to":51,"total":120}}`,
			list{[]int64{1}, Page{Total: 120, Count: -1, PerPage: 50, Current: 2, LastPage: 3}, ""},
		},
		{
			"beyond the last page", `{"current_page":9,"data":[],"from":null,"to":null,"total":null}`,
			list{nil, Page{Total: -1, Count: -1, PerPage: -1, Current: 9, LastPage: -1}, ""},
		},
		{"meta of another kind", `{"data":[1],"meta":[]}`, list{[]int64{1}, untold, ""}},
		{"null", `null`, list{nil, untold, "a list was due"}},
		{"text", `"x"`, list{nil, untold, "a list was due"}},
		{"no list", `{"message":"x"}`, list{nil, untold, "a list was due"}},
		{"list under another name", `{"rows":[1]}`, list{nil, untold, "a list was due"}},
		{"object under the name", `{"data":{"a":1}}`, list{nil, untold, "field data: a list was due"}},
		{"nothing under the name", `{"data":false,"message":"x"}`, list{nil, untold, "field data: a list was due"}},
		{"two lists", `{"data":[1],"items":[2]}`, list{[]int64{1}, untold, "two lists in one answer"}},
		{"element", `{"data":[1,"x"]}`, list{[]int64{1}, untold, "field data[1]: a number was due"}},
		{"element of a plain list", `[1,{}]`, list{[]int64{1}, untold, "field [1]: a number was due"}},
		{"negative total", `{"data":[],"total":-1}`, list{nil, untold, "field total: a count was due"}},
		{"total of another kind", `{"data":[],"meta":{"total":[]}}`, list{nil, untold, "field meta.total: a count was due"}},
		{"comma at the end", `[1,]`, list{[]int64{1}, untold, "field [1]: a number was due"}},
		{"cut off", `{"data":[1`, list{[]int64{1}, untold, "field data: not valid JSON"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got list
			var err error
			got.Page, err = ReadList(jsonread.New([]byte(test.input)), []string{"data", "items"}, func(d *jsonread.Decoder, index int) error {
				value, _, err := ReadInt(d)
				if err == nil {
					if index != len(got.Elements) {
						t.Errorf("index %d of element %d", index, len(got.Elements))
					}
					got.Elements = append(got.Elements, value)
				}
				return err
			})
			if err != nil {
				got.Err = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadObject(t *testing.T) {
	t.Parallel()
	var names []string
	err := ReadObject(jsonread.New([]byte(`{"b":1,"\u0061":[2]}`)), func(d *jsonread.Decoder, key []byte) error {
		names = append(names, string(key))
		return d.Skip()
	})
	if diff := cmp.Diff([]string{"b", "a"}, names); diff != "" || err != nil {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}

	skip := func(d *jsonread.Decoder, _ []byte) error { return d.Skip() }
	for input, want := range map[string]string{`[]`: "an object was due", `null`: "an object was due", `{"secret":`: "not valid JSON", `{"a":1,}`: "not valid JSON"} {
		if err := ReadObject(jsonread.New([]byte(input)), skip); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", input, err, want)
		}
	}
	err = ReadObject(jsonread.New([]byte(`{"a":1}`)), func(*jsonread.Decoder, []byte) error { return fmt.Errorf("x: %w", NotFound) })
	if !errors.Is(err, NotFound) {
		t.Errorf("got %v, want not found", err)
	}
}

// FuzzReaders checks the readers against each other and against encoding/json.
func FuzzReaders(f *testing.F) {
	for _, seed := range []string{`10`, `"10"`, `10.0`, `null`, `""`, `true`, `-1e2`, `"x"`, `{}`, `[1,{"a":null}]`, `{"data":[1],"total":3}`, `t`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		text, hasText, textErr := new(Texts).ReadText(jsonread.New(input))
		if textErr != nil && (hasText || text != "") {
			t.Errorf("text %q beside %v", text, textErr)
		}
		whole, hasWhole, wholeErr := ReadInt(jsonread.New(input))
		decimal, hasDecimal, _ := new(Texts).ReadDecimal(jsonread.New(input))
		if hasWhole != (wholeErr == nil && hasDecimal) {
			t.Errorf("a whole number %t, %v, a decimal %t", hasWhole, wholeErr, hasDecimal)
		}
		if hasWhole {
			if again, _ := ParseDecimal(strconv.FormatInt(whole, 10)); again.Compare(decimal) != 0 {
				t.Errorf("a whole number %d, a decimal %s", whole, decimal)
			}
		}
		natural, hasNatural, _ := ReadUint(jsonread.New(input))
		if hasWhole && hasNatural && strconv.FormatInt(whole, 10) != strconv.FormatUint(natural, 10) {
			t.Errorf("an integer %d, an unsigned one %d", whole, natural)
		}
		small, hasSmall, _ := ReadInt32(jsonread.New(input))
		if hasSmall && int64(small) != whole {
			t.Errorf("an integer %d, a small one %d", whole, small)
		}
		if _, ok, err := ReadBool(jsonread.New(input)); ok && err != nil {
			t.Errorf("a boolean beside %v", err)
		}
		if raw, err := AppendJSON(nil, jsonread.New(input)); err == nil && !json.Valid(raw) && utf8.Valid(input) {
			t.Errorf("invalid copy %q", raw)
		}
		elements := 0
		page, err := ReadList(jsonread.New(input), []string{"data"}, func(d *jsonread.Decoder, index int) error {
			if index != elements {
				t.Errorf("index %d of element %d", index, elements)
			}
			elements++
			return d.Skip()
		})
		if err == nil && min(page.Total, page.Count, page.PerPage, page.Current, page.LastPage) < -1 {
			t.Errorf("page %+v", page)
		}
	})
}
