package solos

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// read decodes text with a fresh reader of a client with the given options.
func read[T any](t testing.TB, opts Options, project uint64, text string, decode func(*reader, *jsonread.Decoder) (T, error)) (T, error) {
	t.Helper()
	c := newClient(t, "https://crm.example", opts)
	return decode(c.reader(&ListProjectsCall, project), jsonread.New([]byte(text)))
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, want string // want "" for no time, "error" for an error
	}{
		{`null`, ""},
		{`""`, ""},
		{`" "`, ""},
		{`0`, ""},
		{`"0"`, ""},
		{`"0000-00-00"`, ""},
		{`"0000-00-00 00:00:00"`, ""},
		{`"0000-00-00T00:00:00.000000Z"`, ""},
		{`"2021-05-21"`, "2021-05-20T21:00:00Z"},
		{`"2021-05-21 14:30"`, "2021-05-21T11:30:00Z"},
		{`"2021-05-21T14:30"`, "2021-05-21T11:30:00Z"},
		{`"2021-05-21 14:30:15"`, "2021-05-21T11:30:15Z"},
		{`"2021-05-21T14:30:15"`, "2021-05-21T11:30:15Z"},
		{`"2021-05-21 14:30:15.250000"`, "2021-05-21T11:30:15.25Z"},
		{`" 2021-05-21 14:30:15 "`, "2021-05-21T11:30:15Z"},
		{`"2021-05-21T14:30:15Z"`, "2021-05-21T14:30:15Z"},
		{`"2021-05-21T14:30:15.5+05:00"`, "2021-05-21T09:30:15.5Z"},
		{`"2021-05-21 14:30:15-03:00"`, "2021-05-21T17:30:15Z"},
		{`"2021-05-21T14:30:15+0300"`, "2021-05-21T11:30:15Z"},
		{`"2012-07-01 12:00:00"`, "2012-07-01T08:00:00Z"}, // Moscow was four hours ahead in 2012
		{`1621576800`, "2021-05-21T06:00:00Z"},
		{`"1621576800"`, "2021-05-21T06:00:00Z"},
		{`1621576800.0`, "2021-05-21T06:00:00Z"},
		{`1621576800250`, "2021-05-21T06:00:00.25Z"},
		{`"1621576800250"`, "2021-05-21T06:00:00.25Z"},
		{`"9999-12-31 23:59:59"`, "9999-12-31T20:59:59Z"},
		{`"9999-12-31T23:59:59-05:00"`, "error"},
		{`"0001-01-01 00:00:00"`, "error"},
		{`"0000-00-00 later"`, "error"},
		{`"2021-02-30"`, "error"},
		{`"2021-05-21 24:01:00"`, "error"},
		{`"2021-5-1"`, "error"},
		{`"21.05.2021"`, "error"},
		{`"20210521"`, "error"},
		{`20210521`, "error"},
		{`-1621576800`, "error"},
		{`1621576800.5`, "error"},
		{`16215768002`, "error"},
		{`99999999999999`, "error"},
		{`"yesterday"`, "error"},
		{`true`, "error"},
		{`{}`, "error"},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, Options{}, 1, test.text, func(r *reader, d *jsonread.Decoder) (*time.Time, error) {
				return r.readTime(d, new(time.Time))
			})
			if test.want == "error" {
				if err == nil {
					t.Errorf("got %v, want an error", got)
				}
				return
			}
			if err != nil {
				t.Fatalf("got error %v, want %q", err, test.want)
			}
			var want *time.Time
			if test.want != "" {
				want = utc(t, test.want)
			}
			if d := diff(want, got); d != "" {
				t.Errorf("time (-want +got):\n%s", d)
			}
		})
	}
}

func TestLocation(t *testing.T) {
	t.Parallel()
	opts := Options{Location: time.FixedZone("", 5*60*60)}
	got, err := read(t, opts, 1, `{"id": 1, "date": "2021-05-21 14:30:00"}`, (*reader).step)
	if err != nil {
		t.Fatal(err)
	}
	want := &Step{ID: 1, ProjectID: 1, Date: utc(t, "2021-05-21T09:30:00Z")}
	if d := diff(want, got); d != "" {
		t.Errorf("step (-want +got):\n%s", d)
	}
}

func TestIDLists(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want []uint64
	}{
		{`null`, nil},
		{`""`, nil},
		{`0`, nil},
		{`"0"`, nil},
		{`[]`, []uint64{}},
		{`[null, 0, ""]`, []uint64{}},
		{`5`, []uint64{5}},
		{`"5"`, []uint64{5}},
		{`5.0`, []uint64{5}},
		{`[1, "2", 3.0]`, []uint64{1, 2, 3}},
		{`[{"id": 1}, {"id": "2"}, 3]`, []uint64{1, 2, 3}},
		{`"1;2;3"`, []uint64{1, 2, 3}},
		{`"1,2, 3"`, []uint64{1, 2, 3}},
		{`"_1_2_"`, []uint64{1, 2}},
		{`"18446744073709551615"`, []uint64{18446744073709551615}},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, Options{}, 0, test.text, (*reader).readIDs)
			if err != nil {
				t.Fatalf("got error %v, want %v", err, test.want)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("ids (-want +got):\n%s", d)
			}
		})
	}
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	day, noon := utc(t, "2021-05-20T21:00:00Z"), utc(t, "2021-05-21T09:00:00Z")
	for _, test := range []struct {
		name, text string
		want       *Step
	}{
		{
			"preferred first", `{"id": 1, "date": "2021-05-21", "created": "2021-05-21 12:00:00"}`,
			&Step{Date: day, Extra: json.RawMessage(`{"created":"2021-05-21 12:00:00"}`)},
		},
		{
			"preferred last", `{"id": 1, "created": "2021-05-21 12:00:00", "date": "2021-05-21"}`,
			&Step{Date: day, Extra: json.RawMessage(`{"created":"2021-05-21 12:00:00"}`)},
		},
		{
			"others in reverse order", `{"datetime": "2021-05-21 12:00:00", "created": "2021-05-21", "id": 1}`,
			&Step{Date: day, Extra: json.RawMessage(`{"datetime":"2021-05-21 12:00:00"}`)},
		},
		{
			"preferred is null", `{"id": 1, "date": null, "created": "2021-05-21 12:00:00"}`,
			&Step{Date: noon, Extra: json.RawMessage(`{"date":null}`)},
		},
		{
			"preferred is null and last", `{"created": "2021-05-21 12:00:00", "date": null, "id": 1}`,
			&Step{Date: noon, Extra: json.RawMessage(`{"date":null}`)},
		},
		{
			"all are null", `{"id": 1, "date": null, "created": null}`,
			&Step{Extra: json.RawMessage(`{"created":null}`)},
		},
		{"null alone", `{"id": 1, "date": null}`, &Step{}},
		{
			"the other is unreadable", `{"id": 1, "date": "2021-05-21", "created": "soon"}`,
			&Step{Date: day, Extra: json.RawMessage(`{"created":"soon"}`)},
		},
		{
			"twice the same", `{"id": 1, "date": "2021-05-21", "date": "2021-05-21 12:00:00"}`,
			&Step{Date: day, Extra: json.RawMessage(`{"date":"2021-05-21 12:00:00"}`)},
		},
		{
			"order of arrival", `{"z": {"b": [1, 2]}, "text": "t", "comment": "c", "id": 1, "a\"\u0436": null}`,
			&Step{Comment: new("c"), Extra: json.RawMessage(`{"z":{"b":[1,2]},"text":"t","a\"ж":null}`)},
		},
		{
			"another type's name", `{"id": 1, "amount": 5, "group_id": 2}`,
			&Step{Extra: json.RawMessage(`{"amount":5,"group_id":2}`)},
		},
		{
			"words for nothing", `{"id": "1", "project_id": "", "step_id": "0", "user_id": "", "comment": ""}`,
			&Step{Comment: new("")},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, Options{}, 9, test.text, (*reader).step)
			if err != nil {
				t.Fatalf("got error %v", err)
			}
			test.want.ID, test.want.ProjectID = 1, 9
			if d := diff(test.want, got); d != "" {
				t.Errorf("step (-want +got):\n%s", d)
			}
		})
	}
}

// TestTables reads every field under each of its names.
func TestTables(t *testing.T) {
	t.Parallel()
	c := newClient(t, "https://crm.example", Options{})
	for typeName, decode := range map[string]func(*reader, *jsonread.Decoder) (any, error){
		typeProject:       func(r *reader, d *jsonread.Decoder) (any, error) { return r.readProject(d) },
		typeStep:          func(r *reader, d *jsonread.Decoder) (any, error) { return r.step(d) },
		typeAction:        func(r *reader, d *jsonread.Decoder) (any, error) { return r.action(d) },
		typeChecklist:     func(r *reader, d *jsonread.Decoder) (any, error) { return r.checklist(d) },
		typeChecklistItem: func(r *reader, d *jsonread.Decoder) (any, error) { return r.checklistItem(d) },
		typeGood:          func(r *reader, d *jsonread.Decoder) (any, error) { return r.good(d) },
		typePayment:       func(r *reader, d *jsonread.Decoder) (any, error) { return r.payment(d) },
	} {
		if n := len(builtIn(typeName)); n > maxFields {
			t.Errorf("%s has %d fields, more than %d", typeName, n, maxFields)
		}
		for _, s := range builtIn(typeName) {
			value := "1"
			switch s.field {
			case "id":
				continue
			case "fields":
				value = `{"a":1}`
			case "items":
				value = `[{}]`
			case "createdAt", "date", "deadline":
				value = `"2021-05-21"`
			case "projectId":
				value = "9"
			}
			var first any
			for i, name := range s.names {
				text := `{"id":1,"` + name + `":` + value + `}`
				got, err := decode(c.reader(&ListProjectsCall, 9), jsonread.New([]byte(text)))
				if err != nil {
					t.Errorf("%s %s: got error %v", typeName, text, err)
				}
				if i == 0 {
					first = got
					empty, err := decode(c.reader(&ListProjectsCall, 9), jsonread.New([]byte(`{"id":1}`)))
					if err != nil || (s.field != "projectId" && diff(empty, got) == "") {
						t.Errorf("%s %s: nothing was read (%v)", typeName, text, err)
					}
				}
				if d := diff(first, got); d != "" {
					t.Errorf("%s %s: (-%s +%s)\n%s", typeName, text, s.names[0], name, d)
				}
			}
		}
	}
}

func TestDynamicFields(t *testing.T) {
	t.Parallel()
	failed := func(reason string) error {
		return &upstream.Error{
			Call: ListProjectsCall, Kind: upstream.Malformed, Status: 200, Field: "data.client_id",
			Err: &upstream.FieldError{Field: "data.client_id", Reason: reason},
		}
	}
	raw := func(name, value string) Field { return Field{Name: name, Value: json.RawMessage(value)} }
	for _, test := range []struct {
		name, data string // members of the project beside the id
		opts       Options
		want       Project
	}{
		{name: "none", data: `"data": null`},
		{name: "empty list", data: `"data": []`, want: Project{Fields: []Field{}}},
		{name: "empty object", data: `"data": {}`, want: Project{Fields: []Field{}}},
		{
			name: "number", data: `"data": {"client_id": 13}`,
			want: Project{Fields: []Field{raw("client_id", "13")}, CustomerID: new(int64(13))},
		},
		{
			name: "text", data: `"data": {"client_id": " 13 "}`,
			want: Project{Fields: []Field{raw("client_id", `" 13 "`)}, CustomerID: new(int64(13))},
		},
		{
			name: "array of one", data: `"data": {"client_id": ["13"]}`,
			want: Project{Fields: []Field{raw("client_id", `["13"]`)}, CustomerID: new(int64(13))},
		},
		{name: "empty array", data: `"data": {"client_id": []}`, want: Project{Fields: []Field{raw("client_id", "[]")}}},
		{name: "zero", data: `"data": {"client_id": 0}`, want: Project{Fields: []Field{raw("client_id", "0")}}},
		{name: "null", data: `"data": {"client_id": null}`, want: Project{Fields: []Field{raw("client_id", "null")}}},
		{name: "empty text", data: `"data": {"client_id": ""}`, want: Project{Fields: []Field{raw("client_id", `""`)}}},
		{
			name: "another field", data: `"data": {"client": 13}`, opts: Options{CustomerField: "client"},
			want: Project{Fields: []Field{raw("client", "13")}, CustomerID: new(int64(13))},
		},
		{
			name: "a name", data: `"data": {"client_id": "ООО Ромашка"}`,
			want: Project{Fields: []Field{raw("client_id", `"ООО Ромашка"`)}, CustomerErr: failed("a number was due")},
		},
		{
			name: "negative", data: `"data": {"client_id": -1}`,
			want: Project{Fields: []Field{raw("client_id", "-1")}, CustomerErr: failed("an id was due")},
		},
		{
			name: "several", data: `"data": {"client_id": [1, 2]}`,
			want: Project{Fields: []Field{raw("client_id", "[1,2]")}, CustomerErr: failed("one customer was due, not several")},
		},
		{
			name: "an object", data: `"data": {"client_id": {"id": 1}}`,
			want: Project{Fields: []Field{raw("client_id", `{"id":1}`)}, CustomerErr: failed("a number was due")},
		},
		{
			name: "too large", data: `"data": {"client_id": 9223372036854775808}`,
			want: Project{Fields: []Field{raw("client_id", "9223372036854775808")}, CustomerErr: failed("the number is out of range")},
		},
		{
			name: "list", data: `"fields": [{"value": [1, 2], "name": "b"}, {"name": "a"}]`,
			want: Project{Fields: []Field{raw("b", "[1,2]"), raw("a", "null")}},
		},
		{
			name: "list that tells more", data: `"fields": [{"name": "b", "value": 1, "unit": "kg"}]`,
			want: Project{Fields: []Field{raw("b", "1")}, Extra: json.RawMessage(`{"fields":[{"name":"b","value":1,"unit":"kg"}]}`)},
		},
		{
			name: "two spellings", data: `"fields": {"a": 1}, "data": {"b": 2}`,
			want: Project{Fields: []Field{raw("b", "2")}, Extra: json.RawMessage(`{"fields":{"a":1}}`)},
		},
		{
			name: "only what tells more is kept", data: `"participants_user_id": [{"id": 5, "name": "Иван"}], "participants_group_id": [4]`,
			want: Project{
				ParticipantUserIDs: []uint64{5}, ParticipantGroupIDs: []uint64{4},
				Extra: json.RawMessage(`{"participants_user_id":[{"id":5,"name":"Иван"}]}`),
			},
		},
		{
			name: "participants that tell more", data: `"participants_user_id": [{"id": 5, "name": "Иван"}], "x": 1`,
			want: Project{ParticipantUserIDs: []uint64{5}, Extra: json.RawMessage(`{"participants_user_id":[{"id":5,"name":"Иван"}],"x":1}`)},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, test.opts, 0, `{"id": 1, `+test.data+`}`, (*reader).readProject)
			if err != nil {
				t.Fatalf("got error %v", err)
			}
			test.want.ID = 1
			if d := diff(&test.want, got); d != "" {
				t.Errorf("project (-want +got):\n%s", d)
			}
		})
	}
}
