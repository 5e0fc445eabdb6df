package proportal

import (
	"encoding/json"
	"testing"

	"crmgraph/upstream"
)

const sampleResult = "Отложенная потребность (клиент думает , отправлено ком. предложение)"

func sampleCustomer() *Customer {
	return &Customer{
		ID:           4007195,
		Name:         `ООО "ВЫХЛОПНЫЕ СИСТЕМЫ"`,
		Valuation:    new(12),
		Industry:     new("Торговля оптовая автомобильными деталями, узлами и принадлежностями"),
		LastActivity: &Activity{Result: new(sampleResult), At: unix(1541665341)},
		Revenue:      &Revenue{Amount: new(upstream.Decimal("2279000"))},
	}
}

func sampleCustomerWithTask(status TaskStatus) *Customer {
	return &Customer{
		ID:           4007128,
		Name:         `ООО "КИФ "ПИРУЗ"`,
		Valuation:    new(10),
		Industry:     new("Торговля оптовая фруктами и овощами"),
		LastActivity: &Activity{Result: new(sampleResult), At: unix(1541665890)},
		Revenue:      &Revenue{Amount: new(upstream.Decimal("289660000"))},
		Tasks:        []*Task{sampleRawTask(status)},
	}
}

func sampleResourceCustomer() *Customer {
	return &Customer{
		ID:           4007190,
		Name:         "Коновалова Ольга Анатольевна",
		Valuation:    new(12),
		Industry:     new("Торговля розничная фруктами и овощами в специализированных магазинах"),
		LastActivity: &Activity{Result: new(sampleResult), At: unix(1541664664)},
		Revenue:      &Revenue{Amount: new(upstream.Decimal("2279000"))},
	}
}

func TestListPortfolio(t *testing.T) {
	t.Parallel()
	row := `{"id":7,"name":"A"}`
	one := []*Customer{{ID: 7, Name: "A"}}
	tests := []struct {
		name string
		body string
		opts PortfolioOptions
		want *PortfolioPage
	}{
		{
			"sample page", sample(t, "portfolio_raw.json"),
			PortfolioOptions{},
			&PortfolioPage{Customers: []*Customer{sampleCustomer()}, Page: 1, PerPage: 50, Total: 120},
		},
		{
			"sample row with a task", "[" + sample(t, "portfolio_tasks_raw.json") + "]",
			PortfolioOptions{},
			&PortfolioPage{Customers: []*Customer{sampleCustomerWithTask(TaskPlanned)}, Page: 1, PerPage: 1, Total: 1},
		},
		{
			"sample row with a task the CRM has judged", "[" + sample(t, "portfolio_tasks_raw.json") + "]",
			PortfolioOptions{Tasks: TaskOverdue},
			&PortfolioPage{Customers: []*Customer{sampleCustomerWithTask(TaskOverdue)}, Page: 1, PerPage: 1, Total: 1},
		},
		{
			"sample row in the resource form", `{"data":[` + sample(t, "portfolio_item_resource.json") + `]}`,
			PortfolioOptions{},
			&PortfolioPage{Customers: []*Customer{sampleResourceCustomer()}, Page: 1, PerPage: 1, Total: 1},
		},
		{
			"resource paginator", `{"data":[` + row + `],"links":{"first":"x","next":null},
			"meta":{"current_page":"3","from":101,"last_page":3,"path":"x","per_page":"50","to":101,"total":"101"}}`,
			PortfolioOptions{Page: 3},
			&PortfolioPage{Customers: one, Page: 3, PerPage: 50, Total: 101},
		},
		{
			"beyond the last page", `{"current_page":9,"data":[],"from":null,"last_page":3,"per_page":50,"to":null,"total":120}`,
			PortfolioOptions{Page: 9},
			&PortfolioPage{Customers: []*Customer{}, Page: 9, PerPage: 50, Total: 120},
		},
		{
			"page size ignored", `{"current_page":1,"data":[` + row + `],"last_page":1,"per_page":50,"total":1}`,
			PortfolioOptions{PerPage: 100},
			&PortfolioPage{Customers: one, Page: 1, PerPage: 50, Total: 1},
		},
		{
			"plain list is the whole portfolio", `[` + row + `]`,
			PortfolioOptions{Page: 2, PerPage: 100},
			&PortfolioPage{Customers: one, Page: 1, PerPage: 1, Total: 1},
		},
		{"empty list", `[]`, PortfolioOptions{}, &PortfolioPage{Customers: []*Customer{}, Page: 1}},
		{"envelope without numbers", `{"data":[` + row + `]}`, PortfolioOptions{Page: 2}, &PortfolioPage{Customers: one, Page: 1, PerPage: 1, Total: 1}},
		{
			"paginator that does not count", `{"current_page":2,"data":[` + row + `],"from":51,"next_page_url":null,"per_page":50,"to":51}`,
			PortfolioOptions{Page: 2},
			&PortfolioPage{Customers: one, Page: 2, PerPage: 50, Total: -1},
		},
		{
			"total alone", `{"data":[` + row + `],"total":51}`,
			PortfolioOptions{Page: 2},
			&PortfolioPage{Customers: one, Page: 2, PerPage: 50, Total: 51},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := viewerOf(t, test.body).ListPortfolio(t.Context(), test.opts)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, test.want)
		})
	}
}

func TestCustomers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		row  string
		want *Customer
	}{
		{"bare", `{"client_id":"7","name":"A"}`, &Customer{ID: 7, Name: "A"}},
		{"all null", `{"client_id":7,"priority":null,"name":"A","okved_vid_deyatelnosti":null,"data_posledniy_contact_unixtime":null,
			"vyruchka_period":null,"vyruchka_za_god":null,"posledniy_resultat_text":null,"tasks":null}`, &Customer{ID: 7, Name: "A"}},
		{
			"nested null", `{"id":7,"name":"A","activity":null,"money":{"period":null,"amount":null},"lastTask":null}`,
			&Customer{ID: 7, Name: "A", HasLastTask: true},
		},
		{
			"nested empty lists", `{"id":7,"name":"A","activity":[],"money":[],"lastTask":[],"tasks":[]}`,
			&Customer{ID: 7, Name: "A", HasLastTask: true, Tasks: []*Task{}},
		},
		{"words for null", `{"id":7,"name":"Отсутствует","industry":"Не указана","activity":{"result":"отсутствует","date":"0"},
			"money":{"period":"Не указан","amount":"Не указано"},"valuation":""}`, &Customer{ID: 7, Name: "Отсутствует"}},
		{
			"money as numbers", `{"id":7,"name":"A","money":{"period":2017,"amount":2279000.50}}`,
			&Customer{ID: 7, Name: "A", Revenue: &Revenue{Period: new("2017"), Amount: new(upstream.Decimal("2279000.50"))}},
		},
		{
			"money under its other name", `{"id":7,"name":"A","proceed":{"period":"2017","amount":"1"}}`,
			&Customer{ID: 7, Name: "A", Revenue: &Revenue{Period: new("2017"), Amount: new(upstream.Decimal("1"))}},
		},
		{
			"dialects mixed field by field", `{"client_id":7,"name":"A","valuation":3,"priority":4,"activity":{"result":"a","date":null},
			"posledniy_resultat_text":"b","data_posledniy_contact_unixtime":1541665341,"vyruchka_za_god":"5","money":{"period":"2017","amount":null}}`,
			&Customer{
				ID: 7, Name: "A", Valuation: new(3), LastActivity: &Activity{Result: new("a"), At: unix(1541665341)},
				Revenue: &Revenue{Period: new("2017"), Amount: new(upstream.Decimal("5"))},
			},
		},
		{
			"last task", `{"id":7,"name":"A","lastTask":{"id":1,"status":"Просрочено","type":"Встреча"}}`,
			&Customer{ID: 7, Name: "A", HasLastTask: true, LastTask: &Task{ID: 1, Status: TaskOverdue, Type: new(TaskMeeting)}},
		},
		{
			"unknown members, also nested ones", `{"id":7,"x":1,"activity":{"date":1541665341,"by":{"id":2}},"name":"A","money":{"currency":"RUB"}}`,
			&Customer{
				ID: 7, Name: "A", LastActivity: &Activity{At: unix(1541665341)},
				Extra: json.RawMessage(`{"x":1,"activity":{"by":{"id":2}},"money":{"currency":"RUB"}}`),
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := viewerOf(t, "["+test.row+"]").ListGroupCustomers(t.Context(), 1, "")
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, []*Customer{test.want})
		})
	}
}

func TestLastTaskIsNotJudgedByTheStatusAskedFor(t *testing.T) {
	t.Parallel()
	body := `[{"id":7,"name":"A","lastTask":{"a_id":1,"act_result":3},"tasks":[{"a_id":2,"act_result":null}]}]`
	got, err := viewerOf(t, body).ListPortfolio(t.Context(), PortfolioOptions{Tasks: TaskOverdue})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got.Customers, []*Customer{{
		ID: 7, Name: "A", HasLastTask: true,
		LastTask: &Task{ID: 1, Status: TaskCompleted, Result: &TaskResult{Code: 3}},
		Tasks:    []*Task{{ID: 2, Status: TaskOverdue}},
	}})
}

func TestCustomerFieldsOfWrongKind(t *testing.T) {
	t.Parallel()
	scalars := []string{
		"id", "client_id", "name", "valuation", "priority", "industry", "okved_vid_deyatelnosti", "posledniy_resultat_text",
		"data_posledniy_contact_unixtime", "vyruchka_period", "vyruchka_za_god", "tasks",
	}
	tests := make(map[string]string) // the unreadable member -> the field named
	for _, field := range scalars {
		tests[`"`+field+`":{"a":1}`] = field
	}
	for _, field := range []string{"activity", "money", "proceed", "lastTask", "tasks"} {
		tests[`"`+field+`":5`] = field
		tests[`"`+field+`":"text"`] = field
		tests[`"`+field+`":[1]`] = field
	}
	tests[`"tasks":[1]`] = "tasks[0]"
	tests[`"activity":{"date":"yesterday"}`] = "activity.date"
	tests[`"activity":{"result":[]}`] = "activity.result"
	tests[`"money":{"amount":"much"}`] = "money.amount"
	tests[`"money":{"period":{}}`] = "money.period"
	tests[`"lastTask":{"id":1}`] = "lastTask.status"
	tests[`"tasks":[{"a_id":1,"act_type":7}]`] = "tasks[0].act_type"
	for member, field := range tests {
		t.Run(member, func(t *testing.T) {
			t.Parallel()
			_, err := viewerOf(t, `{"data":[{"id":7,"name":"A",`+member+`}]}`).ListPortfolio(t.Context(), PortfolioOptions{})
			malformed(t, err, ListPortfolioCall, "data[0]."+field)
		})
	}
}

func TestCountPortfolio(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		want int
	}{
		{`120`, 120},
		{` "120" `, 120},
		{`120.0`, 120},
		{`0`, 0},
		{`{"count":120}`, 120},
		{`{"total":"120"}`, 120},
		{`{"data":120}`, 120},
		{`{"current_page":1,"data":[{},{}],"last_page":3,"per_page":50,"total":120}`, 120},
		{`{"data":[{},{}],"links":{},"meta":{"total":120,"per_page":50}}`, 120},
		{`{"data":[{},{}]}`, 2},
		{`{"data":[]}`, 0},
		{`[{},{},{}]`, 3},
		{`[]`, 0},
	}
	for _, test := range tests {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			got, err := viewerOf(t, test.body).CountPortfolio(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, test.want)
		})
	}
	t.Run("sample page", func(t *testing.T) {
		t.Parallel()
		got, err := viewerOf(t, sample(t, "portfolio_raw.json")).CountPortfolio(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		equal(t, got, 120)
	})

	unreadable := []struct{ body, field string }{
		{`null`, ""},
		{`""`, ""},
		{`"many"`, ""},
		{`-1`, ""},
		{`1.5`, ""},
		{`2147483648`, ""},
		{`{}`, ""},
		{`{"message":"x"}`, ""},
		{`{"count":null}`, "count"},
		{`{"total":-1}`, "total"},
		{`{"data":{}}`, "data"},
		{`{"meta":{"total":[]}}`, "meta.total"},
		{`[1,`, ""},
	}
	for _, test := range unreadable {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			_, err := viewerOf(t, test.body).CountPortfolio(t.Context())
			malformed(t, err, CountPortfolioCall, test.field)
		})
	}
}
