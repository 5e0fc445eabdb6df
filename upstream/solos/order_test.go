package solos

import (
	"testing"
	"unicode/utf8"

	"crmgraph/upstream/jsonread"
)

// FuzzOrder checks that what a project reads as does not depend on the one before.
func FuzzOrder(f *testing.F) {
	for _, pair := range [][2]string{
		{testdata(f, "project_bare.json"), testdata(f, "project_bare.json")},
		{`{"id":1,"name":"a","x":1,"data":{"a":1,"b":2}}`, `{"id":2,"x":3,"name":"b","data":{"b":1,"a":2}}`},
		{`{"id":1,"name":"a","title":"b"}`, `{"id":2,"name":"c","name":"d"}`},
		{`{"id":1,"data":{"a\":1,\"b":1,"c":2}}`, `{"id":2,"data":{"a":1,"b":1,"c":2}}`},
		{`{"id":1,"data":[{"name":"a\":1,\"b","value":1}]}`, `{"id":2,"data":{"a":1,"b":1}}`},
		{`{"id":1,"own\"name":"a"}`, `{"id":2,"own"name":"b"}`},
		{`{"id":1,"":2,"name":"a"}`, `{"id":2,"" :3,"name" : "b"}`},
	} {
		f.Add([]byte(pair[0]), []byte(pair[1]))
	}
	c := newClient(f, "https://crm.example", Options{Aliases: map[string]map[string][]string{"project": {"name": {`own"name`}}}})
	f.Fuzz(func(t *testing.T, before, body []byte) {
		if !utf8.Valid(before) || !utf8.Valid(body) {
			return // the Caller refuses it
		}
		r := c.reader(&ListProjectsCall, 0)
		if _, err := r.readProject(jsonread.New(before)); err != nil {
			return // nothing is read behind it
		}
		got, gotErr := r.readProject(jsonread.New(body))
		want, wantErr := c.reader(&ListProjectsCall, 0).readProject(jsonread.New(body))
		if (gotErr == nil) != (wantErr == nil) {
			t.Fatalf("got error %v, want %v", gotErr, wantErr)
		}
		if d := diff(want, got); d != "" {
			t.Errorf("project (-want +got):\n%s", d)
		}
	})
}

// TestTypesHaveOrders checks that there is an order for each type.
func TestTypesHaveOrders(t *testing.T) {
	t.Parallel()
	if got := len(typeNames()); got != numberOfTypes {
		t.Errorf("got %d types, want %d", got, numberOfTypes)
	}
}
