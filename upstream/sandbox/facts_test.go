package sandbox_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// These tests read both dialects back into the data they were made of, with the tables of
// the upstreams' description and no code of the sandbox.

// text reads a number or a text as a text; nil is null.
func text(t *testing.T, value any) *string {
	t.Helper()
	switch value := value.(type) {
	case nil:
		return nil
	case string:
		return &value
	case json.Number:
		return new(value.String())
	}
	t.Fatalf("neither number nor text: %#v", value)
	return nil
}

// get returns the field under the first of its names that is there.
func get(t *testing.T, o object, names ...string) any {
	t.Helper()
	for _, name := range names {
		if value, ok := o[name]; ok {
			return value
		}
	}
	t.Fatalf("none of %v in %v", names, o)
	return nil
}

func seconds(t *testing.T, value any) *time.Time {
	t.Helper()
	n := integer(t, value)
	if n == nil {
		return nil
	}
	return new(time.Unix(*n, 0).UTC())
}

// sqlTime reads an SQL date or datetime in Moscow; nil is null.
func sqlTime(t *testing.T, value any) *time.Time {
	t.Helper()
	written, ok := value.(string)
	if !ok {
		return nil
	}
	if len(written) == len(time.DateOnly) {
		written += " 00:00:00"
	}
	return new(moscow(t, written).UTC())
}

func unsigned(t *testing.T, value any) *uint64 {
	t.Helper()
	n := integer(t, value)
	if n == nil {
		return nil
	}
	return new(uint64(*n))
}

func unsignedList(t *testing.T, value any) []uint64 {
	t.Helper()
	if joined, ok := value.(string); ok {
		value = []any{}
		for part := range strings.SplitSeq(joined, ";") {
			if part != "" {
				value = append(value.([]any), part)
			}
		}
	}
	var ids []uint64
	for _, item := range value.([]any) {
		ids = append(ids, *unsigned(t, item))
	}
	return ids
}

func bothDialects(t *testing.T, o sandbox.Options) []*sandbox.Sandbox {
	t.Helper()
	o.Dialect = sandbox.DialectReference
	reference := start(t, o)
	o.Dialect = sandbox.DialectResource
	return []*sandbox.Sandbox{reference, start(t, o)}
}

// customerFact is what both forms of a portfolio item say.
type customerFact struct {
	ID, Valuation                    int64
	Name                             string
	Industry, Result, Period, Amount *string
	ContactAt                        *time.Time
}

func TestBothDialectsShowTheSameCustomers(t *testing.T) {
	t.Parallel()
	for _, s := range bothDialects(t, sandbox.Options{}) {
		var want, got []customerFact
		for _, c := range s.Data().Managers[0].Customers {
			want = append(want, customerFact{
				ID: c.ID, Valuation: c.Valuation, Name: c.Name, Industry: c.Industry, Result: c.LastResult,
				Period: c.RevenuePeriod, Amount: c.RevenueAmount, ContactAt: c.LastContactAt,
			})
		}
		for _, item := range listOf(t, portal(t, s, workspace+"portfolio?perPage=1000")) {
			activity, money := item, item
			if nested, ok := item["activity"].(object); ok {
				activity = nested
				money = item["money"].(object)
			}
			got = append(got, customerFact{
				ID:        *integer(t, get(t, item, "id", "client_id")),
				Valuation: *integer(t, get(t, item, "valuation", "priority")),
				Name:      *text(t, item["name"]),
				Industry:  text(t, get(t, item, "industry", "okved_vid_deyatelnosti")),
				Result:    text(t, get(t, activity, "result", "posledniy_resultat_text")),
				ContactAt: seconds(t, get(t, activity, "date", "data_posledniy_contact_unixtime")),
				Period:    text(t, get(t, money, "period", "vyruchka_period")),
				Amount:    text(t, get(t, money, "amount", "vyruchka_za_god")),
			})
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("customers (-want +got):\n%s", diff)
		}
	}
}

func TestRawTasksShowAllFacts(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	spellings := map[string]bool{}
	for _, c := range s.Data().Managers[0].Customers {
		var got []*sandbox.Task
		for _, raw := range listOf(t, portal(t, s, fmt.Sprintf("%scustomers/%d/tasks", workspace, c.ID))) {
			spellings[fmt.Sprintf("%T %t", raw["a_id"], strings.HasSuffix(fmt.Sprint(raw["a_id"]), ".0"))] = true
			task := &sandbox.Task{
				ID:            *integer(t, raw["a_id"]),
				CustomerID:    *integer(t, raw["client_id"]),
				CreatorID:     *integer(t, raw["creator_uid"]),
				ExecutorID:    *integer(t, raw["executor_uid"]),
				GroupID:       *integer(t, raw["group_id"]),
				CreatedAt:     *seconds(t, raw["created_server_unixtime"]),
				Type:          *integer(t, raw["act_type"]),
				StartsAt:      *seconds(t, raw["act_start_time"]),
				EndsAt:        seconds(t, raw["act_end_time"]),
				Result:        integer(t, raw["act_result"]),
				ResultUserID:  integer(t, raw["act_result_uid"]),
				ResultAt:      seconds(t, raw["act_result_unixtime"]),
				NextStage:     integer(t, raw["act_result_next_etap"]),
				Reason:        text(t, raw["act_result_reason"]),
				NextContactAt: seconds(t, raw["next_contact"]),
				Comment:       text(t, raw["act_zametka_text"]),
				SubStatus:     integer(t, raw["act_sub_status"]),
				ActID:         integer(t, raw["act_id"]),
			}
			if first := integer(t, raw["act_is_first_contact"]); first != nil {
				task.FirstContact = new(*first == 1)
			}
			task.Status = sandbox.TaskStatus(statusOf(s, task))
			got = append(got, task)
		}
		ignore := gocmp.FilterPath(func(p gocmp.Path) bool { return p.Last().String() == ".sample" }, gocmp.Ignore())
		if diff := gocmp.Diff(c.Tasks, got, ignore); diff != "" {
			t.Errorf("tasks of customer %d (-want +got):\n%s", c.ID, diff)
		}
	}
	if want := 3; len(spellings) != want {
		t.Errorf("ids are spelled in %d ways (%v), want %d: 10, \"10\" and 10.0", len(spellings), spellings, want)
	}
}

// taskFact is what the resource form of a task says.
type taskFact struct {
	ID, CustomerID, Valuation  int64
	CustomerName, Status, Type string
	CreatedAt, StartsAt        time.Time
	Result, ResultUser         *int64
	Comment                    *string
}

func TestBothDialectsShowTheSameTaskResources(t *testing.T) {
	t.Parallel()
	for _, s := range bothDialects(t, sandbox.Options{}) {
		customers := map[int64]*sandbox.Customer{}
		for _, c := range s.Data().Managers[0].Customers {
			customers[c.ID] = c
		}
		for status, word := range map[string]string{"planned": "Запланировано", "completed": "Завершено", "duedate": "Просрочено"} {
			var want, got []taskFact
			for _, task := range s.Data().Managers[0].Tasks {
				if statusOf(s, task) != status {
					continue
				}
				c := customers[task.CustomerID]
				want = append(want, taskFact{
					ID: task.ID, CustomerID: c.ID, CustomerName: c.Name, Valuation: c.Valuation, Status: word,
					Type: []string{"Звонок", "Встреча"}[task.Type], CreatedAt: task.CreatedAt, StartsAt: task.StartsAt,
					Result: task.Result, ResultUser: task.ResultUserID, Comment: task.Comment,
				})
			}
			for _, resource := range listOf(t, portal(t, s, workspace+"tasks?status="+status)) {
				customer := resource["customer"].(object)
				fact := taskFact{
					ID:           *integer(t, resource["id"]),
					CustomerID:   *integer(t, customer["id"]),
					CustomerName: *text(t, customer["name"]),
					Valuation:    *integer(t, customer["valuation"]),
					Status:       *text(t, resource["status"]),
					Type:         *text(t, resource["type"]),
					CreatedAt:    *seconds(t, resource["created"]),
					StartsAt:     time.UnixMilli(*integer(t, resource["start_date"])).UTC(),
					Comment:      text(t, resource["comment"]),
				}
				if result, ok := resource["result"].(object); ok {
					fact.Result, fact.ResultUser = integer(t, result["status"]), integer(t, result["id"])
				} else {
					fact.Result = integer(t, resource["result"])
				}
				got = append(got, fact)
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("%s tasks (-want +got):\n%s", status, diff)
			}
		}
	}
}

func TestRawGroupsShowAllFacts(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	var want, got []*sandbox.Group
	for _, group := range s.Data().Managers[0].Groups {
		if group.ActiveCount > 0 {
			fact := *group
			fact.CustomerIDs, fact.CompleteCount = nil, 0 // not in this form
			want = append(want, &fact)
		}
	}
	flag := func(value any) bool { return *integer(t, value) == 1 }
	for _, raw := range listOf(t, portal(t, s, workspace+"groups").([]any)[0]) {
		got = append(got, &sandbox.Group{
			ID:          *integer(t, raw["spisok_id"]),
			Name:        *text(t, raw["spisok_name"]),
			Description: *text(t, raw["spisok_opisanie"]),
			Valuation:   *integer(t, raw["spisok_ball"]),
			AuthorID:    *integer(t, raw["spisok_creator_uid"]),
			CreatedAt:   *seconds(t, raw["spisok_create_time"]),
			EditorID:    integer(t, raw["spisok_edit_uid"]),
			EditedAt:    seconds(t, raw["spisok_edit_time"]),
			IsPro:       flag(raw["spisok_is_pro"]),
			IsPayroll:   flag(raw["spisok_is_payroll"]),
			IsVisible:   flag(raw["is_visible"]),
			BusinessID:  *integer(t, raw["business_id"]),
			ActiveCount: *integer(t, raw["customers_count"]),
		})
	}
	ignore := gocmp.FilterPath(func(p gocmp.Path) bool { return p.Last().String() == ".sample" }, gocmp.Ignore())
	if diff := gocmp.Diff(want, got, ignore); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func TestBothDialectsShowTheSameProjects(t *testing.T) {
	t.Parallel()
	for _, s := range bothDialects(t, sandbox.Options{Projects: 60}) {
		for _, p := range s.Data().Projects {
			answer := solos(t, s, fmt.Sprintf("%s/info?id=%d", projects, p.ID)).(object)
			if payload, ok := answer["payload"].(object); ok {
				answer = payload
			}
			got := &sandbox.Project{
				ID:                  *unsigned(t, answer["id"]),
				Name:                *text(t, get(t, answer, "name", "title")),
				CreatedAt:           *sqlTime(t, get(t, answer, "created", "created_at")),
				Price:               text(t, get(t, answer, "price", "budget")),
				CurrencyID:          *unsigned(t, answer["currency_id"]),
				Deleted:             *integer(t, get(t, answer, "deleted", "is_deleted")) == 1,
				SalesFunnelID:       *unsigned(t, answer["sales_funnel_id"]),
				StepID:              *unsigned(t, answer["step_id"]),
				UserID:              unsigned(t, answer["user_id"]),
				GroupID:             unsigned(t, answer["group_id"]),
				ParticipantUserIDs:  unsignedList(t, answer["participants_user_id"]),
				ParticipantGroupIDs: unsignedList(t, answer["participants_group_id"]),
				ExternalCode:        *text(t, answer["external_code"]),
				TaskCount:           int(*integer(t, answer["tasks_count"])),
				Fields:              dynamicFields(t, answer),
			}
			details(t, s, got)
			want := *p
			want.CustomerID, want.ManagerID = nil, 0 // not sent, or sent as a field
			want.Fields = nil
			for _, f := range p.Fields {
				if f.Value != nil {
					f.Value = fmt.Sprint(f.Value)
				}
				want.Fields = append(want.Fields, f)
			}
			slices.SortFunc(want.Fields, byName)
			if diff := gocmp.Diff(&want, got); diff != "" {
				t.Errorf("project %d (-want +got):\n%s", p.ID, diff)
			}
		}
	}
}

func byName(a, b sandbox.Field) int { return strings.Compare(a.Name, b.Name) }

// dynamicFields reads either form of the dynamic fields, values as texts, by name.
func dynamicFields(t *testing.T, answer object) []sandbox.Field {
	t.Helper()
	var fields []sandbox.Field
	add := func(name string, value any) {
		f := sandbox.Field{Name: name}
		if written := text(t, value); written != nil {
			f.Value = *written
		}
		fields = append(fields, f)
	}
	if named, ok := answer["data"].(object); ok {
		for name, value := range named {
			add(name, value)
		}
	} else {
		for _, f := range listOf(t, answer["custom_fields"]) {
			add(*text(t, f["name"]), f["value"])
		}
	}
	slices.SortFunc(fields, byName)
	return fields
}

// details reads everything below a project.
func details(t *testing.T, s *sandbox.Sandbox, p *sandbox.Project) {
	t.Helper()
	list := func(path string) []object {
		items := listOf(t, solos(t, s, fmt.Sprintf("%s/%s?count=1000&id=%d", projects, path, p.ID)))
		for _, item := range items {
			if id, ok := item["project_id"]; ok && *unsigned(t, id) != p.ID {
				t.Errorf("%s: project_id %v, want %d", path, id, p.ID)
			}
			if code := *text(t, item["external_code"]); !strings.HasSuffix(code, "-"+*text(t, item["id"])) {
				t.Errorf("%s: external_code %s of %v", path, code, item["id"])
			}
		}
		return items
	}
	for _, o := range list("steps") {
		p.Steps = append(p.Steps, sandbox.Step{
			ID: *unsigned(t, o["id"]), StepID: *unsigned(t, o["step_id"]), Name: *text(t, get(t, o, "name", "title")),
			Date: *sqlTime(t, get(t, o, "date", "datetime")), UserID: unsigned(t, get(t, o, "user_id", "creator_id")),
			Comment: text(t, get(t, o, "comment", "text")),
		})
	}
	for _, o := range list("actions") {
		p.Actions = append(p.Actions, sandbox.Action{
			ID: *unsigned(t, o["id"]), TypeID: *unsigned(t, get(t, o, "type_id", "actions_type_id")),
			TypeName: *text(t, get(t, o, "type", "type_name")), Date: *sqlTime(t, get(t, o, "date", "created")),
			UserID: unsigned(t, o["user_id"]), Text: text(t, get(t, o, "text", "description")),
		})
	}
	for _, o := range list("checklists") {
		l := sandbox.Checklist{
			ID: *unsigned(t, o["id"]), Name: *text(t, o["name"]), Expired: *integer(t, get(t, o, "expired", "is_expired")) == 1,
		}
		for _, item := range listOf(t, get(t, o, "items", "points")) {
			l.Items = append(l.Items, sandbox.ChecklistItem{
				ID: *unsigned(t, item["id"]), Name: *text(t, item["name"]), Done: *integer(t, get(t, item, "done", "checked")) == 1,
				Deadline: sqlTime(t, get(t, item, "deadline", "date_end")),
			})
		}
		p.Checklists = append(p.Checklists, l)
	}
	for _, o := range list("goods") {
		p.Goods = append(p.Goods, sandbox.Good{
			ID: *unsigned(t, o["id"]), GoodID: *unsigned(t, get(t, o, "good_id", "product_id")), Name: *text(t, o["name"]),
			Quantity: *text(t, get(t, o, "quantity", "count")), Price: *text(t, o["price"]),
			CurrencyID: *unsigned(t, o["currency_id"]), Sum: *text(t, get(t, o, "sum", "total")),
		})
	}
	for _, o := range list("payments") {
		p.Payments = append(p.Payments, sandbox.Payment{
			ID: *unsigned(t, o["id"]), Type: int(*integer(t, o["type"])), Date: *sqlTime(t, get(t, o, "date", "datetime")),
			Sum: *text(t, get(t, o, "sum", "amount")), CurrencyID: *unsigned(t, o["currency_id"]), Comment: text(t, o["comment"]),
		})
	}
}
