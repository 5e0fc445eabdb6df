package solos

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/go-faster/jx"
	"github.com/google/go-cmp/cmp"
)

// FuzzPlainField checks that a dynamic field that is read the short way reads as it does the
// long way, and that the short way is gone where it can be.
func FuzzPlainField(f *testing.F) {
	for _, element := range []string{
		`{"name":"a","value":"b"}`, `{"name":"a","value":-1.5}`, `{"name":"a","value":null}`, `{"name":"a","value":"\u0436"}`,
		`{"name":"a","value":"\\"}`, `{"name":"a","value":"\""}`, `{"name":"\"","value":1}`, `{"name":"a\\","value":1}`, `{"name":"","value":1}`,
		`{"name":"a","value":[1]}`, `{"name":"a","value": 1}`, `{"name":"a","value":1 }`, `{"name":"a","value":"b" }`,
		`{"name":"a","value":1,"unit":"kg"}`, `{"name":"a","value":"b","value":"c"}`, `{"name":"a","value":1,"name":"b"}`,
		`{"value":1,"name":"a"}`, `{"name":"a"}`, `[]`,
	} {
		f.Add([]byte(element))
	}
	c := newClient(f, "https://crm.example", Options{})
	f.Fuzz(func(t *testing.T, element []byte) {
		if !json.Valid(element) {
			return // no such element gets here
		}
		got, ok := c.reader(ListProjectsCall, 0).plainField(element, 0)
		if !ok {
			return
		}
		r := c.reader(ListProjectsCall, 0)
		want, err := r.readListedField(jx.DecodeBytes(element), 0)
		if err != nil || r.partial {
			t.Fatalf("the long way: partial %t, error %v", r.partial, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("field (-want +got):\n%s", d)
		}
	})
}

func TestPlainField(t *testing.T) {
	t.Parallel()
	c := newClient(t, "https://crm.example", Options{})
	for element, want := range map[string]bool{
		`{"name":"a","value":"b"}`:            true,
		`{"name":"a","value":12.50}`:          true,
		`{"name":"a","value":null}`:           true,
		`{"name":"a","value":[1]}`:            false,
		`{"name":"a","value":1,"unit":"kg"}`:  false,
		`{"name":"a","value":"b","unit":"g"}`: false,
		`{"name": "a","value":1}`:             false,
		`{"name":"\"","value":1}`:             false,
	} {
		if _, ok := c.reader(ListProjectsCall, 0).plainField([]byte(element), 0); ok != want {
			t.Errorf("%s: plain %t, want %t", element, ok, want)
		}
	}
}

// FuzzIDs checks that lists of ids that are read the short way read as they do the long way.
func FuzzIDs(f *testing.F) {
	for _, list := range []string{`[1,2]`, `[]`, `[ 1 , 0 ]`, `"1;2,3_4 5"`, `"_1__2_"`, `""`, `"007"`, `[1.0]`, `["2"]`, `"18446744073709551615"`, `[9999999999999999999]`, `"99999999999999999999"`} {
		f.Add([]byte(list))
	}
	c := newClient(f, "https://crm.example", Options{})
	f.Fuzz(func(t *testing.T, list []byte) {
		if len(list) < 2 || !json.Valid(list) {
			return
		}
		got, want := c.reader(ListProjectsCall, 0), c.reader(ListProjectsCall, 0)
		var err error
		switch list[0] {
		case '[':
			if !got.addPlainIDs(list[1 : len(list)-1]) {
				return
			}
			err = want.readIDArray(jx.DecodeBytes(list))
		case '"':
			text, textErr := jx.DecodeBytes(list).StrBytes()
			if textErr != nil || !got.addPlainIDs(text) {
				return
			}
			err = want.addJoinedIDs(text)
		default:
			return
		}
		if err != nil || !slices.Equal(got.someIDs, want.someIDs) {
			t.Errorf("got %v, want %v, %v", got.someIDs, want.someIDs, err)
		}
	})
}
