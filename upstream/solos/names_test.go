package solos

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
)

func TestAliases(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		aliases map[string][]string
		text    string
		want    *Good
	}{
		{
			"before the built-in names",
			map[string][]string{"price": {"cost"}},
			`{"id": 1, "price": 5, "cost": 6}`,
			&Good{Price: new(upstream.Decimal("6")), Extra: json.RawMessage(`{"price":5}`)},
		},
		{
			"beside the built-in names",
			map[string][]string{"price": {"cost"}},
			`{"id": 1, "price": 5}`,
			&Good{Price: new(upstream.Decimal("5"))},
		},
		{
			"in the order given",
			map[string][]string{"price": {"a", "b"}},
			`{"id": 1, "b": 5, "a": 6}`,
			&Good{Price: new(upstream.Decimal("6")), Extra: json.RawMessage(`{"b":5}`)},
		},
		{
			"built-in names in another order",
			map[string][]string{"sum": {"total"}},
			`{"id": 1, "sum": 5, "total": 6}`,
			&Good{Sum: new(upstream.Decimal("6")), Extra: json.RawMessage(`{"sum":5}`)},
		},
		{
			"taken from another field",
			map[string][]string{"sum": {"amount"}},
			`{"id": 1, "amount": 5, "count": 2}`,
			&Good{Sum: new(upstream.Decimal("5")), Quantity: new(upstream.Decimal("2"))},
		},
		{
			"not of another type",
			map[string][]string{},
			`{"id": 1, "title": "a"}`,
			&Good{Extra: json.RawMessage(`{"title":"a"}`)},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := Options{Aliases: map[string]map[string][]string{"good": test.aliases}}
			got, err := read(t, opts, 9, test.text, (*reader).good)
			if err != nil {
				t.Fatalf("got error %v", err)
			}
			test.want.ID, test.want.ProjectID = 1, 9
			if d := diff(test.want, got); d != "" {
				t.Errorf("good (-want +got):\n%s", d)
			}
		})
	}
}

func TestConfiguredNameInErrors(t *testing.T) {
	t.Parallel()
	opts := Options{Aliases: map[string]map[string][]string{"good": {"price": {"cost"}}}}
	_, err := read(t, opts, 9, `{"id": 1, "cost": "cheap"}`, (*reader).good)
	want := &upstream.FieldError{Field: "cost", Reason: "a number was due"}
	if d := cmp.Diff(error(want), err); d != "" {
		t.Errorf("error (-want +got):\n%s", d)
	}
}

func TestAliasesValidated(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		aliases map[string]map[string][]string
		want    string // "" for no error
	}{
		{name: "none"},
		{name: "every type", aliases: map[string]map[string][]string{
			"project":       {"participantGroupIds": {"teams"}, "fields": {"props"}},
			"step":          {"projectId": {"deal"}, "comment": {"note"}},
			"action":        {"typeName": {"kind"}},
			"checklist":     {"items": {"rows"}},
			"checklistItem": {"isDone": {"ready"}},
			"good":          {"goodId": {"sku"}},
			"payment":       {"type": {"direction"}},
		}},
		{
			name: "unknown type", aliases: map[string]map[string][]string{"deal": {"name": {"a"}}},
			want: `aliases: unknown type "deal": want one of project, step, action, checklist, checklistItem, good, payment`,
		},
		{
			name: "unknown field", aliases: map[string]map[string][]string{"payment": {"amount": {"a"}}},
			want: `aliases: unknown field "amount" of payment: want one of id, projectId, type, date, sum, currencyId, comment`,
		},
		{name: "all faults", aliases: map[string]map[string][]string{
			"payment": {"sum": {"", "a"}, "date": {"a"}, "when": {"b"}},
			"deal":    {},
		}, want: `aliases: unknown type "deal": want one of project, step, action, checklist, checklistItem, good, payment
unknown field "when" of payment: want one of id, projectId, type, date, sum, currencyId, comment
empty name for payment.sum
name "a" given to payment.date and to payment.sum`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := newNameTables(test.aliases)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("error (-want +got):\n%s", d)
			}
		})
	}
}
