package main

import "testing"

func TestDifference(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ want, got, path string }{
		{`{"a":1,"b":[true,null]}`, `{"b":[true,null],"a":1}`, ""},
		{`"\u003cb\u003e"`, `"<b>"`, ""},
		{`{"a":1}`, `{"a":2}`, ".a: 2 in place of 1"},
		{`{"a":1.0}`, `{"a":1}`, ".a: 1 in place of 1.0"},
		{`{"a":9007199254740993}`, `{"a":9007199254740992}`, ".a: 9007199254740992 in place of 9007199254740993"},
		{`{"a":null}`, `{"b":null}`, ".a: missing"},
		{`{"a":[1,2]}`, `{"a":[1,3]}`, ".a[1]: 3 in place of 2"},
		{`[1]`, `[1,2]`, ": [1 2] in place of [1]"},
		{`{"a":"1"}`, `{"a":1}`, ".a: 1 in place of 1"},
		{`{"a":[]}`, `{"a":null}`, ".a: <nil> in place of []"},
	} {
		want, err := parse([]byte(tt.want))
		if err != nil {
			t.Fatal(err)
		}
		got, err := parse([]byte(tt.got))
		if err != nil {
			t.Fatal(err)
		}
		if path := difference("", want, got); path != tt.path {
			t.Errorf("%s and %s differ at %q, want %q", tt.want, tt.got, path, tt.path)
		}
	}
}
