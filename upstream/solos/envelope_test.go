package solos

import (
	"strings"
	"testing"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

func TestListEnvelopes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		ids   []uint64
		total int
	}{
		{`[{"id": 1}, {"id": 2}]`, []uint64{1, 2}, -1},
		{`{"payload": [{"id": 1}]}`, []uint64{1}, -1},
		{`{"data": [{"id": 1}]}`, []uint64{1}, -1},
		{`{"items": [{"id": 1}]}`, []uint64{1}, -1},
		{`{"result": [{"id": 1}]}`, []uint64{1}, -1},
		{`{"data": [{"id": 1}], "total": 7}`, []uint64{1}, 7},
		{`{"total": "7", "data": [{"id": 1}]}`, []uint64{1}, 7},
		{`{"data": [{"id": 1}], "total": 1}`, []uint64{1}, 1},
		{`{"data": [{"id": 1}], "total": null, "count": 7}`, []uint64{1}, 7},
		{`{"data": [{"id": 1}], "count": "7"}`, []uint64{1}, 7},
		{`{"data": [{"id": 1}], "count": 1}`, []uint64{1}, -1},
		{`{"count": 9, "data": [{"id": 1}], "total": 7}`, []uint64{1}, 7},
		{`{"data": [], "total": 0}`, []uint64{}, 0},
		{`{"data": [], "count": 3}`, []uint64{}, 3},
		{`{"data": null, "total": 0}`, []uint64{}, 0},
		{`{"payload": null, "data": [{"id": 1}]}`, []uint64{1}, -1},
		{`{"payload": {"items": [{"id": 1}], "total": 3}}`, []uint64{1}, 3},
		{`{"payload": {"items": [{"id": 1}]}, "total": 3}`, []uint64{1}, 3},
		{`{"status": "ok", "result": {"data": [{"id": 1}]}}`, []uint64{1}, -1},
		{`{"result": true, "data": [{"id": 1}], "errors": []}`, []uint64{1}, -1},
		{`{"data": {"page": 1}, "items": [{"id": 1}]}`, []uint64{1}, -1},
		{`{"payload": {"data": null}}`, []uint64{}, -1},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			type ids = List[uint64]
			got, err := read(t, Options{}, 9, test.text, func(r *reader, d *jsonread.Decoder) (ids, error) {
				return readList(r, d, func(r *reader, d *jsonread.Decoder) (uint64, error) {
					step, err := r.step(d)
					if err != nil {
						return 0, err
					}
					return step.ID, nil
				})
			})
			if err != nil {
				t.Fatalf("got error %v", err)
			}
			if d := diff(ids{Items: test.ids, Total: test.total}, got); d != "" {
				t.Errorf("list (-want +got):\n%s", d)
			}
		})
	}
}

func TestListEnvelopesRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want upstream.FieldError
	}{
		{`null`, upstream.FieldError{Reason: "a list was due"}},
		{`{}`, upstream.FieldError{Reason: "a list was due"}},
		{`{"rows": [{"id": 1}]}`, upstream.FieldError{Reason: "a list was due"}},
		{`{"id": 1}`, upstream.FieldError{Reason: "a list was due"}},
		{`{"data": "x"}`, upstream.FieldError{Field: "data", Reason: "a list was due"}},
		{`{"status": "error", "payload": false}`, upstream.FieldError{Field: "payload", Reason: "a list was due"}},
		{`{"payload": {"1": {"id": 1}}}`, upstream.FieldError{Field: "payload", Reason: "a list was due"}},
		{`{"payload": {"total": 1, "items": 5}}`, upstream.FieldError{Field: "payload.items", Reason: "a list was due"}},
		{`{"payload": {"result": {"data": []}}}`, upstream.FieldError{Field: "payload.result", Reason: "a list was due"}},
		{`{"payload": {"data": []}, "items": []}`, upstream.FieldError{Field: "items", Reason: "a second list in one answer"}},
		{`{"data": [], "total": "x"}`, upstream.FieldError{Field: "total", Reason: "a number was due"}},
		{`{"data": [], "total": -1}`, upstream.FieldError{Field: "total", Reason: "a count was due"}},
		{`{"data": [], "count": 2147483648}`, upstream.FieldError{Field: "count", Reason: "a count was due"}},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, Options{}, 9, test.text, func(r *reader, d *jsonread.Decoder) (List[*Step], error) {
				return readList(r, d, (*reader).step)
			})
			if d := diff(error(&test.want), err); d != "" {
				t.Errorf("error (-want +got):\n%s", d)
			}
		})
	}
}

func TestObjectEnvelopes(t *testing.T) {
	t.Parallel()
	const bare = `{"id": 1, "data": {"id": 2, "a": 1}}`
	want, err := read(t, Options{}, 0, bare, (*reader).readProject)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		bare,
		`{"data": {"id": 2, "a": 1}, "id": 1}`,
		`[` + bare + `]`,
		`{"payload": ` + bare + `}`,
		`{"data": ` + bare + `}`,
		`{"items": [` + bare + `]}`,
		`{"result": ` + bare + `, "status": "ok"}`,
		`{"status": "ok", "result": {"data": ` + bare + `}}`,
		`{"payload": {"items": [` + bare + `], "total": 1}}`,
		`{"payload": null, "data": ` + bare + `}`,
		`{"result": true, "data": ` + bare + `}`,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, Options{}, 0, text, func(r *reader, d *jsonread.Decoder) (*Project, error) {
				return readOne(r, d, r.names.project, (*reader).readProject)
			})
			if err != nil {
				t.Fatalf("got error %v", err)
			}
			if d := diff(want, got); d != "" {
				t.Errorf("project (-want +got):\n%s", d)
			}
		})
	}
}

// PHP sends false where it has nothing. The error names the envelope, not a field of what is not there.
func TestObjectEnvelopesRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want upstream.FieldError
	}{
		{`false`, upstream.FieldError{Reason: "an object was due"}},
		{`{"payload": false}`, upstream.FieldError{Field: "payload", Reason: "an object was due"}},
		{`{"status": "error", "result": {"data": 5}}`, upstream.FieldError{Field: "result.data", Reason: "an object was due"}},
		{`{"title": "A", "payload": false}`, upstream.FieldError{Field: "id", Reason: "missing"}},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, Options{}, 0, test.text, func(r *reader, d *jsonread.Decoder) (*Project, error) {
				return readOne(r, d, r.names.project, (*reader).readProject)
			})
			if d := diff(error(&test.want), err); d != "" {
				t.Errorf("error (-want +got):\n%s", d)
			}
		})
	}
}

// What is not sent still takes memory, so that a short answer may be a long list.
func TestListsOfTooMany(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, before, element, behind string
		field                         string // of the list
		decode                        func(*reader, *jsonread.Decoder) (length int, err error)
	}{
		{"elements", `[`, `{"id":1}`, `]`, "", func(r *reader, d *jsonread.Decoder) (int, error) {
			list, err := readList(r, d, (*reader).step)
			return len(list.Items), err
		}},
		{"items", `{"id":1,"items":[`, `{}`, `]}`, "items", func(r *reader, d *jsonread.Decoder) (int, error) {
			checklist, err := r.checklist(d)
			if err != nil {
				return 0, err
			}
			return len(checklist.Items), nil
		}},
		{"participants", `{"id":1,"participants_user_id":[`, `1`, `]}`, "participants_user_id", func(r *reader, d *jsonread.Decoder) (int, error) {
			project, err := r.readProject(d)
			if err != nil {
				return 0, err
			}
			return len(project.ParticipantUserIDs), nil
		}},
		{"dynamic fields", `{"id":1,"data":[`, `{"name":1}`, `]}`, "data", func(r *reader, d *jsonread.Decoder) (int, error) {
			project, err := r.readProject(d)
			if err != nil {
				return 0, err
			}
			return len(project.Fields), nil
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for elements, want := range map[int]error{
				upstream.MaxElements:     nil,
				upstream.MaxElements + 1: &upstream.FieldError{Field: test.field, Reason: "a list of more than 100000 elements"},
			} {
				text := test.before + strings.Repeat(test.element+",", elements-1) + test.element + test.behind
				length, err := read(t, Options{}, 9, text, test.decode)
				if d := diff(want, err); d != "" || want == nil && length != elements {
					t.Errorf("%d elements: got %d, error (-want +got):\n%s", elements, length, d)
				}
			}
		})
	}
}
