package solos

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"crmgraph/upstream"
)

func TestGetRequests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		run         func(context.Context, *Client) error
		path, query string
	}{
		// The first row of each operation is the reference's own sample.
		{"projects", func(ctx context.Context, c *Client) error {
			_, err := c.ListProjects(ctx, ProjectsOptions{Count: 100, OrderBy: "id"})
			return err
		}, "projects", "count=100&offset=0&order_by=id&reverse=0&deleted=0"},
		{"projects, no options", func(ctx context.Context, c *Client) error {
			_, err := c.ListProjects(ctx, ProjectsOptions{})
			return err
		}, "projects", "reverse=0&deleted=0"},
		{"projects, all options", func(ctx context.Context, c *Client) error {
			_, err := c.ListProjects(ctx, ProjectsOptions{Offset: 20, OrderBy: "дата & #1", Descending: true, Deleted: true})
			return err
		}, "projects", "offset=20&order_by=%D0%B4%D0%B0%D1%82%D0%B0+%26+%231&reverse=1&deleted=1"},
		{"project", func(ctx context.Context, c *Client) error {
			_, err := c.GetProject(ctx, 1)
			return err
		}, "projects/info", "id=1"},
		{"steps", func(ctx context.Context, c *Client) error {
			_, err := c.ListSteps(ctx, 1, StepsOptions{Date: "2021-05-21", StepIDs: []uint64{1, 2, 3, 4, 5}})
			return err
		}, "projects/steps", "id=1&filter_date=2021-05-21&filter_steps=1_2_3_4_5"},
		{"steps, no options", func(ctx context.Context, c *Client) error {
			_, err := c.ListSteps(ctx, 18446744073709551615, StepsOptions{})
			return err
		}, "projects/steps", "id=18446744073709551615"},
		{"actions", func(ctx context.Context, c *Client) error {
			_, err := c.ListActions(ctx, 1, ActionsOptions{Count: 100, ID: 1, Date: "2021-05-21", TypeIDs: []uint64{1, 2, 3, 4, 5}})
			return err
		}, "projects/actions", "id=1&count=100&offset=0&filter_id=1&filter_date=2021-05-21&filter_actions=1_2_3_4_5"},
		{"actions, no options", func(ctx context.Context, c *Client) error {
			_, err := c.ListActions(ctx, 1, ActionsOptions{})
			return err
		}, "projects/actions", "id=1"},
		{"action", func(ctx context.Context, c *Client) error {
			_, err := c.GetAction(ctx, 1)
			return err
		}, "projects/actions/info", "id=1"},
		{"checklists", func(ctx context.Context, c *Client) error {
			_, err := c.ListChecklists(ctx, 1)
			return err
		}, "projects/checklists", "id=1"},
		{"goods", func(ctx context.Context, c *Client) error {
			_, err := c.ListGoods(ctx, 1)
			return err
		}, "projects/goods", "id=1"},
		{"payments", func(ctx context.Context, c *Client) error {
			_, err := c.ListPayments(ctx, 1, PaymentsOptions{Count: 100, ID: 1, Date: "2021-05-21", Type: Receipt})
			return err
		}, "projects/payments", "id=1&count=100&offset=0&filter_id=1&filter_date=2021-05-21&filter_type=1"},
		{"payments, write-offs", func(ctx context.Context, c *Client) error {
			_, err := c.ListPayments(ctx, 1, PaymentsOptions{Type: WriteOff})
			return err
		}, "projects/payments", "id=1&filter_type=0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client, requests := serve(t, Options{}, answer(200, `{"id": 1, "items": []}`))
			if err := test.run(t.Context(), client); err != nil {
				t.Fatalf("got error %v", err)
			}
			want := sent{
				Method: "GET", Path: basePath + "/backend/public/" + test.path, Query: test.query,
				Token: testToken, Secret: testSecret,
			}
			if d := diff(want, <-requests); d != "" {
				t.Errorf("request (-want +got):\n%s", d)
			}
		})
	}
}

func TestFilterRequest(t *testing.T) {
	t.Parallel()
	price, odd := upstream.Decimal("100"), upstream.Decimal("+1.5e2")
	for _, test := range []struct {
		name   string
		filter ProjectFilter
		opts   ProjectsOptions
		want   string
	}{
		{"the sample of the reference", ProjectFilter{
			Condition:           And,
			Having:              HasExpiredChecklists,
			CreatedFrom:         "2020-01-01",
			CreatedTo:           "2020-12-31",
			SalesFunnelIDs:      []uint64{1, 2},
			StepIDs:             []uint64{1, 2, 3, 4, 5},
			UserIDs:             []uint64{2, 4, 6, 8},
			GroupIDs:            []uint64{1, 2, 3},
			Price:               &price,
			CurrencyIDs:         []uint64{1, 2, 3},
			ParticipantUserIDs:  []uint64{1, 2, 4, 5, 7, 8},
			ParticipantGroupIDs: []uint64{1, 2, 4, 5, 7, 8},
			ActionTypeIDs:       []uint64{1, 2, 3},
			GoodIDs:             []uint64{10, 11, 12},
			Fields: []Field{
				{Name: "client_id", Value: json.RawMessage("[1,3]")},
				{Name: "contract_date", Value: json.RawMessage(`"2020-01-01"`)},
			},
		}, ProjectsOptions{Count: 100, OrderBy: "id"}, testdata(t, "filter_request.json")},
		{"nothing", ProjectFilter{}, ProjectsOptions{}, `{"reverse": "0", "deleted": "0"}`},
		{
			"no built-in fields",
			ProjectFilter{
				Condition: Or, Fields: []Field{{Name: `a "quoted" name`, Value: json.RawMessage("null")}},
			},
			ProjectsOptions{Offset: 5, Descending: true, Deleted: true},
			`{"offset": 5, "reverse": "1", "deleted": "1", "condition": "or", "data": {"a \"quoted\" name": null}}`,
		},
		{
			"since a day",
			ProjectFilter{CreatedFrom: "2020-01-01"},
			ProjectsOptions{},
			`{"reverse": "0", "deleted": "0", "buildin_data": {"created": "2020-01-01;"}}`,
		},
		{
			"until a day",
			ProjectFilter{CreatedTo: "2020-01-01"},
			ProjectsOptions{},
			`{"reverse": "0", "deleted": "0", "buildin_data": {"created": ";2020-01-01"}}`,
		},
		{
			"price in another notation",
			ProjectFilter{Price: &odd},
			ProjectsOptions{},
			`{"reverse": "0", "deleted": "0", "buildin_data": {"price": 150}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client, requests := serve(t, Options{}, answer(200, "[]"))
			if _, err := client.FilterProjects(t.Context(), test.filter, test.opts); err != nil {
				t.Fatalf("got error %v", err)
			}
			var body bytes.Buffer
			if err := json.Compact(&body, []byte(test.want)); err != nil {
				t.Fatal(err)
			}
			want := sent{
				Method: "POST", Path: basePath + "/backend/public/projects/filter",
				Token: testToken, Secret: testSecret, ContentType: "application/json", Body: body.String(),
			}
			if d := diff(want, <-requests); d != "" {
				t.Errorf("request (-want +got):\n%s", d)
			}
		})
	}
}
