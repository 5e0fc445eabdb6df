package solos

import (
	"context"
	"encoding/json"
	"testing"

	"crmgraph/upstream"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	const nine = "2021-05-21T06:00:00Z" // nine o'clock in Moscow
	listProjects := func(ctx context.Context, c *Client) (any, error) { return c.ListProjects(ctx, ProjectsOptions{}) }
	filterProjects := func(ctx context.Context, c *Client) (any, error) {
		return c.FilterProjects(ctx, ProjectFilter{}, ProjectsOptions{})
	}
	getProject := func(ctx context.Context, c *Client) (any, error) { return orNil(c.GetProject(ctx, 1)) }
	listSteps := func(ctx context.Context, c *Client) (any, error) { return c.ListSteps(ctx, 1, StepsOptions{}) }
	listActions := func(ctx context.Context, c *Client) (any, error) {
		return c.ListActions(ctx, 1, ActionsOptions{})
	}
	getAction := func(ctx context.Context, c *Client) (any, error) { return orNil(c.GetAction(ctx, 77)) }
	listChecklists := func(ctx context.Context, c *Client) (any, error) { return c.ListChecklists(ctx, 1) }
	listGoods := func(ctx context.Context, c *Client) (any, error) { return c.ListGoods(ctx, 1) }
	listPayments := func(ctx context.Context, c *Client) (any, error) {
		return c.ListPayments(ctx, 1, PaymentsOptions{})
	}

	bareProjects := List[*Project]{Total: -1, Items: []*Project{
		{
			ID:                  1,
			Name:                new("Кофейня на Тверской"),
			Price:               new(upstream.Decimal("1250000.50")),
			CurrencyID:          new(uint64(1)),
			CreatedAt:           utc(t, "2020-03-05T11:30:00Z"),
			IsDeleted:           new(false),
			SalesFunnelID:       new(uint64(2)),
			StepID:              new(uint64(5)),
			UserID:              new(uint64(8)),
			GroupID:             new(uint64(3)),
			ParticipantUserIDs:  []uint64{1, 2},
			ParticipantGroupIDs: []uint64{4},
			Fields: []Field{
				{Name: "client_id", Value: json.RawMessage("13")},
				{Name: "contract_date", Value: json.RawMessage(`"2020-01-01"`)},
				{Name: "tags", Value: json.RawMessage(`["a","b"]`)},
				{Name: "note", Value: json.RawMessage("null")},
			},
			Extra:      json.RawMessage(`{"external_code":"A-1","tasks_count":2}`),
			CustomerID: new(int64(13)),
		},
		{ID: 18446744073709551615, Fields: []Field{}},
	}}
	wrappedProjects := List[*Project]{Total: 57, Items: []*Project{{
		ID:                  1,
		Name:                new("Кофейня на Тверской"),
		Price:               new(upstream.Decimal("1250000.50")),
		CurrencyID:          new(uint64(1)),
		CreatedAt:           utc(t, "2020-03-05T11:30:00Z"),
		IsDeleted:           new(true),
		SalesFunnelID:       new(uint64(2)),
		StepID:              new(uint64(5)),
		UserID:              new(uint64(8)),
		ParticipantUserIDs:  []uint64{1, 2},
		ParticipantGroupIDs: []uint64{4},
		Fields: []Field{
			{Name: "client_id", Value: json.RawMessage(`["13"]`)},
			{Name: "contract_date", Value: json.RawMessage(`"2020-01-01"`)},
		},
		CustomerID: new(int64(13)),
	}}}

	for _, test := range []struct {
		file string
		run  func(context.Context, *Client) (any, error)
		want any
	}{
		{"projects_bare.json", listProjects, bareProjects},
		{"projects_bare.json", filterProjects, bareProjects},
		{"projects_payload.json", listProjects, wrappedProjects},
		{"projects_payload.json", filterProjects, wrappedProjects},
		{"project_bare.json", getProject, &Project{
			ID:         1,
			Name:       new("Кофейня на Тверской"),
			Fields:     []Field{{Name: "client_id", Value: json.RawMessage(`"13"`)}},
			CustomerID: new(int64(13)),
		}},
		{"project_result.json", getProject, &Project{
			ID:         1,
			Name:       new("Кофейня на Тверской"),
			Fields:     []Field{{Name: "client_id", Value: json.RawMessage("13")}},
			CustomerID: new(int64(13)),
		}},
		{"steps_bare.json", listSteps, []*Step{{
			ID: 10, ProjectID: 1, StepID: new(uint64(4)), Name: new("Переговоры"), Date: utc(t, nine),
			UserID: new(uint64(8)), Comment: new("Созвонились"), Extra: json.RawMessage(`{"duration":3}`),
		}}},
		{"steps_data.json", listSteps, []*Step{{
			ID: 10, ProjectID: 1, StepID: new(uint64(4)), Name: new("Переговоры"), Date: utc(t, nine),
			UserID: new(uint64(8)), Comment: new("Созвонились"),
		}}},
		{"actions_bare.json", listActions, List[*Action]{Total: -1, Items: []*Action{{
			ID: 77, ProjectID: new(uint64(1)), TypeID: new(uint64(3)), TypeName: new("Звонок"), Date: utc(t, nine),
			UserID: new(uint64(8)), Text: new("Обсудили условия"),
		}}}},
		{"actions_items.json", listActions, List[*Action]{Total: 12, Items: []*Action{{
			ID: 77, ProjectID: new(uint64(1)), TypeID: new(uint64(3)), TypeName: new("Звонок"), Date: utc(t, nine),
			Text: new("Обсудили условия"), Extra: json.RawMessage(`{"duration":61}`),
		}}}},
		{"action_bare.json", getAction, &Action{
			ID: 77, ProjectID: new(uint64(1)), TypeID: new(uint64(3)), TypeName: new("Звонок"),
			Date: utc(t, "2021-05-20T21:00:00Z"), Text: new("Обсудили условия"),
		}},
		{"action_payload.json", getAction, &Action{ID: 77, TypeID: new(uint64(3)), TypeName: new("Звонок")}},
		{"checklists_bare.json", listChecklists, []*Checklist{
			{ID: 20, ProjectID: 1, Name: new("Документы"), IsExpired: new(true), Items: []*ChecklistItem{
				{ID: new(uint64(1)), Name: new("Устав"), IsDone: new(true), Deadline: utc(t, "2021-05-31T21:00:00Z")},
				{ID: new(uint64(2)), Name: new("Выписка"), IsDone: new(false), Extra: json.RawMessage(`{"author":"Иванов"}`)},
			}},
			{ID: 21, ProjectID: 1, Name: new("Пустой"), IsExpired: new(false), Items: []*ChecklistItem{}},
		}},
		{"checklists_payload.json", listChecklists, []*Checklist{
			{ID: 20, ProjectID: 1, Name: new("Документы"), IsExpired: new(false), Items: []*ChecklistItem{
				{Name: new("Устав"), IsDone: new(true), Deadline: utc(t, "2021-06-01T09:00:00Z")},
			}, Extra: json.RawMessage(`{"sort":5}`)},
		}},
		{"goods_bare.json", listGoods, []*Good{{
			ID: 30, ProjectID: 1, GoodID: new(uint64(11)), Name: new("Касса"), Quantity: new(upstream.Decimal("2.500")),
			Price: new(upstream.Decimal("100.10")), CurrencyID: new(uint64(1)), Sum: new(upstream.Decimal("250.25")),
			Extra: json.RawMessage(`{"discount":0}`),
		}}},
		{"goods_result.json", listGoods, []*Good{{
			ID: 30, ProjectID: 1, GoodID: new(uint64(11)), Name: new("Касса"), Quantity: new(upstream.Decimal("2.500")),
			Price: new(upstream.Decimal("100.10")), CurrencyID: new(uint64(1)), Sum: new(upstream.Decimal("250.25")),
		}}},
		{"payments_bare.json", listPayments, List[*Payment]{Total: -1, Items: []*Payment{
			{
				ID: 40, ProjectID: 1, Type: new(Receipt), Date: utc(t, "2021-05-20T21:00:00Z"),
				Sum: new(upstream.Decimal("5000.00")), CurrencyID: new(uint64(1)), Comment: new("Аванс"),
			},
			{
				ID: 41, ProjectID: 1, Type: new(WriteOff), Date: utc(t, "2021-05-21T21:00:00Z"),
				Sum: new(upstream.Decimal("10")), CurrencyID: new(uint64(1)),
			},
		}}},
		{"payments_payload.json", listPayments, List[*Payment]{Total: 3, Items: []*Payment{{
			ID: 40, ProjectID: 1, Type: new(Receipt), Date: utc(t, "2021-05-20T21:00:00.25Z"),
			Sum: new(upstream.Decimal("5000.00")), CurrencyID: new(uint64(1)), Extra: json.RawMessage(`{"purpose":"Счёт 7"}`),
		}}}},
	} {
		t.Run(test.file, func(t *testing.T) {
			t.Parallel()
			client, _ := serve(t, Options{}, answer(200, testdata(t, test.file)))
			got, err := test.run(t.Context(), client)
			if err != nil {
				t.Fatalf("got error %v", err)
			}
			if d := diff(test.want, got); d != "" {
				t.Errorf("answer (-want +got):\n%s", d)
			}
		})
	}
}

// TestUnreadable has a row for each field that can be unreadable.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	ops := map[string]operation{}
	for _, op := range operations() {
		ops[op.call.Operation] = op
	}
	for _, test := range []struct{ operation, body, field string }{
		{"projects", `[{"name": "a"}]`, "[0].id"},
		{"projects", `[{"id": 1}, {"id": 0}]`, "[1].id"},
		{"projects", `[{"id": null}]`, "[0].id"},
		{"projects", `[{"id": ""}]`, "[0].id"},
		{"projects", `[{"id": -1}]`, "[0].id"},
		{"projects", `[{"id": 1.5}]`, "[0].id"},
		{"projects", `[{"id": 18446744073709551616}]`, "[0].id"},
		{"projects", `[{"id": "one"}]`, "[0].id"},
		{"projects", `[{"id": {"id": 1}}]`, "[0].id"},
		{"projects", `[{"id": 1, "name": ["a"]}]`, "[0].name"},
		{"projects", `[{"id": 1, "title": {}}]`, "[0].title"},
		{"projects", `[{"id": 1, "price": "cheap"}]`, "[0].price"},
		{"projects", `[{"id": 1, "budget": true}]`, "[0].budget"},
		{"projects", `[{"id": 1, "currency_id": "RUB"}]`, "[0].currency_id"},
		{"projects", `[{"id": 1, "created": "21.05.2021"}]`, "[0].created"},
		{"projects", `[{"id": 1, "created_at": -1}]`, "[0].created_at"},
		{"projects", `[{"id": 1, "deleted": "perhaps"}]`, "[0].deleted"},
		{"projects", `[{"id": 1, "sales_funnel_id": -2}]`, "[0].sales_funnel_id"},
		{"projects", `[{"id": 1, "step_id": []}]`, "[0].step_id"},
		{"projects", `[{"id": 1, "user_id": {"id": 5}}]`, "[0].user_id"},
		{"projects", `[{"id": 1, "group_id": "x"}]`, "[0].group_id"},
		{"projects", `[{"id": 1, "participants_user_id": {"a": 1}}]`, "[0].participants_user_id"},
		{"projects", `[{"id": 1, "participants_user_id": [1, "x"]}]`, "[0].participants_user_id[1]"},
		{"projects", `[{"id": 1, "participants_group_id": "1;x"}]`, "[0].participants_group_id"},
		{"projects", `[{"id": 1, "participants_group_id": [{"name": "x"}]}]`, "[0].participants_group_id[0].id"},
		{"projects", `[{"id": 1, "participants_group_id": true}]`, "[0].participants_group_id"},
		{"projects", `[{"id": 1, "data": "x"}]`, "[0].data"},
		{"projects", `[{"id": 1, "fields": [{"value": 1}]}]`, "[0].fields[0].name"},
		{"projects", `[{"id": 1, "custom_fields": [{"name": "a"}, 5]}]`, "[0].custom_fields[1]"},
		{"projects", `[5]`, "[0]"},
		{"projects", `[null]`, "[0]"},
		{"projects", `[[]]`, "[0]"},
		{"projects", `{"data": [{"id": 1}, {"id": "x"}]}`, "data[1].id"},
		{"projects", `{"payload": {"items": [{"id": "x"}]}}`, "payload.items[0].id"},
		{"projects", `{"payload": {"items": [{"id": 1}], "total": "many"}}`, "payload.total"},
		{"projects", `{"payload": [{"id": 1}], "count": -1}`, "count"},
		{"projects", `{"payload": [{"id": 1}], "items": [{"id": 2}]}`, "items"},
		{"filterProjects", `{"items": [{"id": "x"}]}`, "items[0].id"},
		{"project", `{"name": "a"}`, "id"},
		{"project", `{"name": "a", "data": {"id": 1}}`, "id"},
		{"project", `{"id": 2}`, "id"},
		{"project", `{"payload": {"id": 1, "price": "cheap"}}`, "payload.price"},
		{"project", `[{"id": "x"}]`, "[0].id"},
		{"project", `[{"id": 1}, {"id": 1}]`, ""},
		{"project", `{"payload": {"result": {"data": {"id": 1}}}}`, "payload.result.id"},
		{"steps", `[{"step_id": 4}]`, "[0].id"},
		{"steps", `[{"id": 10, "project_id": 2}]`, "[0].project_id"},
		{"steps", `[{"id": 10, "project_id": "x"}]`, "[0].project_id"},
		{"steps", `[{"id": 10, "step_id": "x"}]`, "[0].step_id"},
		{"steps", `[{"id": 10, "name": []}]`, "[0].name"},
		{"steps", `[{"id": 10, "date": "2021-13-01"}]`, "[0].date"},
		{"steps", `[{"id": 10, "creator_id": "x"}]`, "[0].creator_id"},
		{"steps", `[{"id": 10, "text": {}}]`, "[0].text"},
		{"actions", `[{"type_id": 3}]`, "[0].id"},
		{"actions", `[{"id": 77, "project_id": 2}]`, "[0].project_id"},
		{"actions", `[{"id": 77, "action_id": "x"}]`, "[0].action_id"},
		{"actions", `[{"id": 77, "type": {"id": 3}}]`, "[0].type"},
		{"actions", `[{"id": 77, "datetime": "noon"}]`, "[0].datetime"},
		{"actions", `[{"id": 77, "user_id": "x"}]`, "[0].user_id"},
		{"actions", `[{"id": 77, "description": []}]`, "[0].description"},
		{"action", `{"id": 78}`, "id"},
		{"action", `{"id": 77, "project_id": "x"}`, "project_id"},
		{"checklists", `[{"name": "a"}]`, "[0].id"},
		{"checklists", `[{"id": 20, "project_id": 2}]`, "[0].project_id"},
		{"checklists", `[{"id": 20, "name": {}}]`, "[0].name"},
		{"checklists", `[{"id": 20, "expired": "soon"}]`, "[0].expired"},
		{"checklists", `[{"id": 20, "items": "a"}]`, "[0].items"},
		{"checklists", `[{"id": 20, "items": ["a"]}]`, "[0].items[0]"},
		{"checklists", `[{"id": 20, "tasks": [{}, {"id": "x"}]}]`, "[0].tasks[1].id"},
		{"checklists", `[{"id": 20, "points": [{"name": []}]}]`, "[0].points[0].name"},
		{"checklists", `[{"id": 20, "items": [{"done": 2}]}]`, "[0].items[0].done"},
		{"checklists", `[{"id": 20, "items": [{"date_end": "x"}]}]`, "[0].items[0].date_end"},
		{"goods", `[{"good_id": 1}]`, "[0].id"},
		{"goods", `[{"id": 30, "project_id": 2}]`, "[0].project_id"},
		{"goods", `[{"id": 30, "product_id": "x"}]`, "[0].product_id"},
		{"goods", `[{"id": 30, "name": []}]`, "[0].name"},
		{"goods", `[{"id": 30, "amount": "some"}]`, "[0].amount"},
		{"goods", `[{"id": 30, "price": []}]`, "[0].price"},
		{"goods", `[{"id": 30, "currency_id": "x"}]`, "[0].currency_id"},
		{"goods", `[{"id": 30, "total": "x"}]`, "[0].total"},
		{"payments", `[{"type": 1}]`, "[0].id"},
		{"payments", `[{"id": 40, "project_id": 2}]`, "[0].project_id"},
		{"payments", `[{"id": 40, "type": 2}]`, "[0].type"},
		{"payments", `[{"id": 40, "type": "receipt"}]`, "[0].type"},
		{"payments", `[{"id": 40, "type": true}]`, "[0].type"},
		{"payments", `[{"id": 40, "date": "soon"}]`, "[0].date"},
		{"payments", `[{"id": 40, "value": "x"}]`, "[0].value"},
		{"payments", `[{"id": 40, "currency_id": "x"}]`, "[0].currency_id"},
		{"payments", `[{"id": 40, "comment": []}]`, "[0].comment"},
	} {
		t.Run(test.operation+"/"+test.body, func(t *testing.T) {
			t.Parallel()
			client, _ := serve(t, Options{}, answer(200, test.body))
			op := ops[test.operation]
			got, err := op.run(t.Context(), client)
			if err == nil {
				t.Fatalf("got %v, want an error at %q", got, test.field)
			}
			checkFailure(t, err, upstream.Error{Call: op.call, Kind: upstream.Malformed, Status: 200, Field: test.field})
		})
	}
}
