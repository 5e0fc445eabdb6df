package solos_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
)

// TestSandbox compares what the client reads with the facts the sandbox tells, for
// every operation in both dialects and in every envelope.
func TestSandbox(t *testing.T) {
	t.Parallel()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		for _, envelope := range []string{
			sandbox.EnvelopeBare, sandbox.EnvelopePayload, sandbox.EnvelopeData, sandbox.EnvelopeItems, sandbox.EnvelopeResult,
		} {
			t.Run(string(dialect)+"/"+envelope, func(t *testing.T) {
				t.Parallel()
				testSandbox(t, sandbox.Options{
					Dialect: dialect, Envelope: envelope, Totals: envelope == sandbox.EnvelopePayload,
					Customers: 20, Tasks: 20, Projects: 60,
				})
			})
		}
	}
}

func testSandbox(t *testing.T, opts sandbox.Options) {
	crm, err := sandbox.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = crm.Close() })
	c, err := solos.New(crm.SolosURL(), crm.SolosToken(), crm.SolosSecret(), solos.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	total := func(n int) int {
		if opts.Totals {
			return n
		}
		return -1
	}
	check := func(what string, want, got any, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: got error %v", what, err)
			return
		}
		if d := diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", what, d)
		}
	}

	var active, deleted []*solos.Project
	for _, p := range crm.Data().Projects {
		if p.Deleted {
			deleted = append(deleted, project(p))
		} else {
			active = append(active, project(p))
		}
	}
	if len(active) < 20 || len(deleted) == 0 {
		t.Fatalf("got %d active and %d deleted projects, too few to compare", len(active), len(deleted))
	}

	projects, err := c.ListProjects(ctx, solos.ProjectsOptions{Count: 100, OrderBy: "id"})
	check("active projects", solos.List[*solos.Project]{Items: active, Total: total(len(active))}, projects, err)
	projects, err = c.ListProjects(ctx, solos.ProjectsOptions{Deleted: true})
	check("deleted projects", solos.List[*solos.Project]{Items: deleted, Total: total(len(deleted))}, projects, err)
	reversed := slices.Clone(active)
	slices.Reverse(reversed)
	projects, err = c.ListProjects(ctx, solos.ProjectsOptions{Count: 5, Offset: 3, OrderBy: "id", Descending: true})
	check("a page of projects", solos.List[*solos.Project]{Items: reversed[3:8], Total: total(len(active))}, projects, err)

	customers := []int64{*active[0].CustomerID, *active[1].CustomerID}
	var ofCustomers []*solos.Project
	for _, p := range active {
		if p.CustomerID != nil && slices.Contains(customers, *p.CustomerID) {
			ofCustomers = append(ofCustomers, p)
		}
	}
	ids, err := json.Marshal(customers)
	if err != nil {
		t.Fatal(err)
	}
	projects, err = c.FilterProjects(ctx,
		solos.ProjectFilter{Fields: []solos.Field{{Name: "client_id", Value: ids}}}, solos.ProjectsOptions{OrderBy: "id"})
	check("projects of customers", solos.List[*solos.Project]{Items: ofCustomers, Total: total(len(ofCustomers))}, projects, err)

	for _, p := range crm.Data().Projects[:10] {
		name := fmt.Sprintf("project %d: ", p.ID)
		got, err := c.GetProject(ctx, p.ID)
		check(name+"itself", project(p), got, err)

		steps, err := c.ListSteps(ctx, p.ID, solos.StepsOptions{})
		check(name+"steps", convert(p.Steps, func(s sandbox.Step) *solos.Step { return step(p.ID, s) }), steps, err)

		wantActions := convert(p.Actions, func(a sandbox.Action) *solos.Action { return action(p.ID, a) })
		actions, err := c.ListActions(ctx, p.ID, solos.ActionsOptions{Count: 1000})
		check(name+"actions", solos.List[*solos.Action]{Items: wantActions, Total: total(len(wantActions))}, actions, err)
		for _, want := range wantActions {
			one, err := c.GetAction(ctx, want.ID)
			check(name+"one action", want, one, err)
			actions, err := c.ListActions(ctx, p.ID, solos.ActionsOptions{Count: 1, ID: want.ID, TypeIDs: []uint64{*want.TypeID, 1_000_000}})
			check(name+"actions by id and type", solos.List[*solos.Action]{Items: []*solos.Action{want}, Total: total(1)}, actions, err)
		}

		checklists, err := c.ListChecklists(ctx, p.ID)
		check(name+"checklists", convert(p.Checklists, func(l sandbox.Checklist) *solos.Checklist { return checklist(p.ID, l) }), checklists, err)

		goods, err := c.ListGoods(ctx, p.ID)
		check(name+"goods", convert(p.Goods, func(g sandbox.Good) *solos.Good { return good(p.ID, g) }), goods, err)

		wantPayments := convert(p.Payments, func(pay sandbox.Payment) *solos.Payment { return payment(p.ID, pay) })
		payments, err := c.ListPayments(ctx, p.ID, solos.PaymentsOptions{Count: 1000})
		check(name+"payments", solos.List[*solos.Payment]{Items: wantPayments, Total: total(len(wantPayments))}, payments, err)
		receipts := slices.DeleteFunc(slices.Clone(wantPayments), func(p *solos.Payment) bool { return *p.Type != solos.Receipt })
		payments, err = c.ListPayments(ctx, p.ID, solos.PaymentsOptions{Count: 1000, Type: solos.Receipt})
		check(name+"receipts", solos.List[*solos.Payment]{Items: receipts, Total: total(len(receipts))}, payments, err)
	}

	if _, err := c.GetProject(ctx, 1<<60); !errors.Is(err, upstream.NotFound) {
		t.Errorf("unknown project: got error %v, want %v", err, upstream.NotFound)
	}
	if _, err := c.GetAction(ctx, 1<<60); !errors.Is(err, upstream.NotFound) {
		t.Errorf("unknown action: got error %v, want %v", err, upstream.NotFound)
	}
	stranger, err := solos.New(crm.SolosURL(), "another", crm.SolosSecret(), solos.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.ListProjects(ctx, solos.ProjectsOptions{}); !errors.Is(err, upstream.Rejected) {
		t.Errorf("wrong token: got error %v, want %v", err, upstream.Rejected)
	}
}

// diff compares facts: amounts by their value, ids without the difference between none
// and an empty list, and dynamic fields in any order, the values as text.
func diff(want, got any) string {
	return cmp.Diff(want, got,
		cmp.Transformer("amount", func(d upstream.Decimal) string {
			if !strings.Contains(string(d), ".") {
				return string(d)
			}
			return strings.TrimSuffix(strings.TrimRight(string(d), "0"), ".")
		}),
		cmp.Transformer("ids", func(ids []uint64) string { return fmt.Sprint(ids) }),
		cmp.Transformer("fields", func(fields []solos.Field) map[string]string {
			values := map[string]string{}
			for _, f := range fields {
				values[f.Name] = strings.Trim(string(f.Value), `"`)
			}
			return values
		}),
		cmp.Transformer("extra", func(raw json.RawMessage) string { return string(raw) }),
	)
}

func convert[From, To any](list []From, one func(From) To) []To {
	out := make([]To, 0, len(list))
	for _, from := range list {
		out = append(out, one(from))
	}
	return out
}

func decimal(text *string) *upstream.Decimal {
	if text == nil {
		return nil
	}
	return new(upstream.Decimal(*text))
}

func instant(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC())
}

func extra(kind string, id uint64) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"external_code":"%s-%d"}`, kind, id))
}

func project(p *sandbox.Project) *solos.Project {
	fields := convert(p.Fields, func(f sandbox.Field) solos.Field {
		value, err := json.Marshal(f.Value)
		if err != nil {
			panic(err)
		}
		return solos.Field{Name: f.Name, Value: value}
	})
	return &solos.Project{
		ID:                  p.ID,
		Name:                new(p.Name),
		Price:               decimal(p.Price),
		CurrencyID:          new(p.CurrencyID),
		CreatedAt:           instant(&p.CreatedAt),
		IsDeleted:           new(p.Deleted),
		SalesFunnelID:       new(p.SalesFunnelID),
		StepID:              new(p.StepID),
		UserID:              p.UserID,
		GroupID:             p.GroupID,
		ParticipantUserIDs:  p.ParticipantUserIDs,
		ParticipantGroupIDs: p.ParticipantGroupIDs,
		Fields:              fields,
		Extra:               json.RawMessage(fmt.Sprintf(`{"external_code":%q,"tasks_count":%d}`, p.ExternalCode, p.TaskCount)),
		CustomerID:          p.CustomerID,
	}
}

func step(project uint64, s sandbox.Step) *solos.Step {
	return &solos.Step{
		ID: s.ID, ProjectID: project, StepID: new(s.StepID), Name: new(s.Name), Date: instant(&s.Date),
		UserID: s.UserID, Comment: s.Comment, Extra: extra("STEP", s.ID),
	}
}

func action(project uint64, a sandbox.Action) *solos.Action {
	return &solos.Action{
		ID: a.ID, ProjectID: new(project), TypeID: new(a.TypeID), TypeName: new(a.TypeName), Date: instant(&a.Date),
		UserID: a.UserID, Text: a.Text, Extra: extra("ACTION", a.ID),
	}
}

func checklist(project uint64, l sandbox.Checklist) *solos.Checklist {
	return &solos.Checklist{
		ID: l.ID, ProjectID: project, Name: new(l.Name), IsExpired: new(l.Expired),
		Items: convert(l.Items, func(i sandbox.ChecklistItem) *solos.ChecklistItem {
			return &solos.ChecklistItem{ID: new(i.ID), Name: new(i.Name), IsDone: new(i.Done), Deadline: instant(i.Deadline)}
		}),
		Extra: extra("LIST", l.ID),
	}
}

func good(project uint64, g sandbox.Good) *solos.Good {
	return &solos.Good{
		ID: g.ID, ProjectID: project, GoodID: new(g.GoodID), Name: new(g.Name), Quantity: decimal(&g.Quantity),
		Price: decimal(&g.Price), CurrencyID: new(g.CurrencyID), Sum: decimal(&g.Sum), Extra: extra("GOOD", g.ID),
	}
}

func payment(project uint64, p sandbox.Payment) *solos.Payment {
	kind := solos.WriteOff
	if p.Type == sandbox.PaymentReceipt {
		kind = solos.Receipt
	}
	return &solos.Payment{
		ID: p.ID, ProjectID: project, Type: new(kind), Date: instant(&p.Date), Sum: decimal(&p.Sum),
		CurrencyID: new(p.CurrencyID), Comment: p.Comment, Extra: extra("PAYMENT", p.ID),
	}
}
