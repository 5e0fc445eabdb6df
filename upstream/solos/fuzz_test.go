package solos

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// seed adds the answers of the given operation's files and its objects alone.
func seed(f *testing.F, files ...string) {
	f.Helper()
	for _, file := range files {
		f.Add([]byte(testdata(f, file)))
	}
	f.Add([]byte(`[]`))
	f.Add([]byte(`{"payload": {"items": [{"id": 1, "x": {"a\"": [null, "\u0436"]}}], "total": 3}}`))
	f.Add([]byte(`{"status": "ok", "result": {"data": [{"id": "1", "date": null, "created": 1621576800, "name": "a"}]}}`))
	f.Add([]byte(`[{"id": 1, "created": "0000-00-00", "datetime": "2021-05-21", "data": [{"name": "client_id", "value": [5], "x": 1}]}]`))
}

// fuzz reads bodies as lists and as single objects. It checks each object that was
// read with valid, and that none of its members is lost.
func fuzz[T any](f *testing.F, typeName string, table func(*nameTables) names, decode func(*reader, *jsonread.Decoder) (T, error), valid func(T) (extra json.RawMessage, ok bool)) {
	f.Helper()
	c := newClient(f, "https://crm.example", Options{})
	f.Fuzz(func(t *testing.T, body []byte) {
		if !utf8.Valid(body) {
			return // the Caller refuses it
		}
		var elements [][]byte
		capture := func(r *reader, d *jsonread.Decoder) (T, error) {
			ahead := *d
			if element, _, err := ahead.Raw(); err == nil {
				elements = append(elements, bytes.Clone(element))
			}
			return decode(r, d)
		}
		check := func(items []T, err error) {
			if err != nil {
				checkPath(t, err)
				return
			}
			for i, item := range items {
				extra, ok := valid(item)
				if !ok {
					t.Errorf("%s without a required field: %+v", typeName, item)
				}
				checkExtra(t, table(c.names), elements[i], extra)
			}
		}
		list, err := readList(c.reader(&ListProjectsCall, 1), jsonread.New(body), capture)
		check(list.Items, err)
		elements = nil
		one, err := readOne(c.reader(&GetProjectCall, 0), jsonread.New(body), table(c.names), capture)
		if len(elements) > 1 {
			elements = elements[len(elements)-1:]
		}
		check([]T{one}, err)
	})
}

// checkPath makes sure that an error names only what this program knows.
func checkPath(t *testing.T, err error) {
	t.Helper()
	var field *upstream.FieldError
	if !errors.As(err, &field) {
		return
	}
	allowed := map[string]bool{"name": true, "id": true, "total": true, "count": true, "payload": true, "data": true, "items": true, "result": true}
	for _, typeName := range typeNames() {
		for _, s := range builtIn(typeName) {
			for _, name := range s.names {
				allowed[name] = true
			}
		}
	}
	for _, step := range strings.FieldsFunc(field.Field, func(c rune) bool { return strings.ContainsRune(".[]0123456789", c) }) {
		if !allowed[step] {
			t.Errorf("error at %q names %q", field.Field, step)
		}
	}
}

// checkExtra makes sure that extra has each member of the object that no field can have
// taken, with its value, and that of each field's spellings all but one are there.
func checkExtra(t *testing.T, table names, object []byte, extra json.RawMessage) {
	t.Helper()
	if extra != nil && !json.Valid(extra) {
		t.Fatalf("extra is not JSON: %s", extra)
	}
	kept := map[string]int{}
	for _, m := range allMembers(t, extra) {
		kept[m]++
	}
	missing := map[string]int{} // members a field took, by field
	for _, m := range allMembers(t, object) {
		if kept[m] > 0 {
			kept[m]--
			continue
		}
		name, _, _ := strings.Cut(m, "\x00")
		at := table.find([]byte(name))
		if at == nil {
			t.Errorf("member %q of %s is lost, extra is %s", m, object, extra)
			continue
		}
		missing[at.field]++
	}
	for field, n := range missing {
		if n > 1 {
			t.Errorf("%d members of %s went into field %s, extra is %s", n, object, field, extra)
		}
	}
	for m, n := range kept {
		if n > 0 {
			t.Errorf("extra %s has %q, which %s has not", extra, m, object)
		}
	}
}

// allMembers lists the members of a JSON object as name, NUL and compact value.
func allMembers(t *testing.T, object []byte) []string {
	t.Helper()
	if object == nil {
		return nil
	}
	var all []string
	err := upstream.ReadObject(jsonread.New(object), func(d *jsonread.Decoder, key []byte) error {
		raw, _, err := d.Raw()
		if err != nil {
			return err
		}
		var value bytes.Buffer
		if err := json.Compact(&value, raw); err != nil {
			return err
		}
		all = append(all, string(key)+"\x00"+value.String())
		return nil
	})
	if err != nil {
		t.Fatalf("%s is no object: %v", object, err)
	}
	return all
}

func plausible(times ...*time.Time) bool {
	for _, at := range times {
		if at != nil && (at.Year() < 1 || at.Year() > 9999 || at.Location() != time.UTC) {
			return false
		}
	}
	return true
}

func positive(ids ...*uint64) bool {
	for _, id := range ids {
		if id != nil && *id == 0 {
			return false
		}
	}
	return true
}

func FuzzProjects(f *testing.F) {
	seed(f, "projects_bare.json", "projects_payload.json", "project_bare.json", "project_result.json")
	fuzz(f, typeProject, func(n *nameTables) names { return n.project }, (*reader).readProject,
		func(p *Project) (json.RawMessage, bool) {
			for _, field := range p.Fields {
				if !json.Valid(field.Value) {
					return p.Extra, false
				}
			}
			return p.Extra, p.ID > 0 && plausible(p.CreatedAt) && (p.CustomerID == nil || *p.CustomerID > 0 && p.CustomerErr == nil) &&
				positive(p.CurrencyID, p.SalesFunnelID, p.StepID, p.UserID, p.GroupID)
		})
}

func FuzzSteps(f *testing.F) {
	seed(f, "steps_bare.json", "steps_data.json")
	fuzz(f, typeStep, func(n *nameTables) names { return n.step }, (*reader).step,
		func(s *Step) (json.RawMessage, bool) {
			return s.Extra, s.ID > 0 && plausible(s.Date) && positive(s.StepID, s.UserID)
		})
}

func FuzzActions(f *testing.F) {
	seed(f, "actions_bare.json", "actions_items.json", "action_bare.json", "action_payload.json")
	fuzz(f, typeAction, func(n *nameTables) names { return n.action }, (*reader).action,
		func(a *Action) (json.RawMessage, bool) {
			return a.Extra, a.ID > 0 && plausible(a.Date) && positive(a.ProjectID, a.TypeID, a.UserID)
		})
}

func FuzzChecklists(f *testing.F) {
	seed(f, "checklists_bare.json", "checklists_payload.json")
	fuzz(f, typeChecklist, func(n *nameTables) names { return n.checklist }, (*reader).checklist,
		func(c *Checklist) (json.RawMessage, bool) {
			for _, item := range c.Items {
				if item == nil || !plausible(item.Deadline) || !positive(item.ID) || item.Extra != nil && !json.Valid(item.Extra) {
					return c.Extra, false
				}
			}
			return c.Extra, c.ID > 0
		})
}

func FuzzGoods(f *testing.F) {
	seed(f, "goods_bare.json", "goods_result.json")
	fuzz(f, typeGood, func(n *nameTables) names { return n.good }, (*reader).good,
		func(g *Good) (json.RawMessage, bool) {
			return g.Extra, g.ID > 0 && positive(g.GoodID, g.CurrencyID)
		})
}

func FuzzPayments(f *testing.F) {
	seed(f, "payments_bare.json", "payments_payload.json")
	fuzz(f, typePayment, func(n *nameTables) names { return n.payment }, (*reader).payment,
		func(p *Payment) (json.RawMessage, bool) {
			known := p.Type == nil || *p.Type == WriteOff || *p.Type == Receipt
			return p.Extra, p.ID > 0 && known && plausible(p.Date) && positive(p.CurrencyID)
		})
}

// FuzzInOrder checks that an object that can be read member by member reads as it does when
// all members are looked at first.
func FuzzInOrder(f *testing.F) {
	f.Add([]byte(testdata(f, "project_bare.json")))
	f.Add([]byte(`{"id": 1, "name": null, "title": "a", "data": [{"name": "client_id", "value": [5], "x": 1}], "x": {"y": [1]}}`))
	f.Add([]byte(`{"id": 1, "sum": "x", "price": 5, "participants_user_id": [{"id": 1, "name": "b"}], "id": 2}`))
	c := newClient(f, "https://crm.example", Options{})
	f.Fuzz(func(t *testing.T, body []byte) {
		if !utf8.Valid(body) {
			return // the Caller refuses it
		}
		var got, want projectRecord
		r := c.reader(&ListProjectsCall, 0)
		extra, gotErr := r.object(jsonread.New(body), r.names.project, &got)
		got.Extra = extra
		r = c.reader(&ListProjectsCall, 0)
		wantErr := r.bySpelling(jsonread.New(body), r.names.project, &want)
		if (gotErr == nil) != (wantErr == nil) {
			t.Fatalf("got error %v, want %v", gotErr, wantErr)
		}
		if gotErr != nil {
			return
		}
		if members := bytes.TrimPrefix(r.compact.Buf, []byte(",")); len(members) > 0 {
			want.Extra = slices.Concat([]byte("{"), members, []byte("}"))
		}
		if d := diff(want.Project, got.Project); d != "" {
			t.Errorf("project (-want +got):\n%s", d)
		}
	})
}
