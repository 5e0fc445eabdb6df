package proportal

import (
	"encoding/json"
	"strings"
	"testing"

	"crmgraph/upstream"
)

func sampleRawGroup() *Group {
	return &Group{
		ID:             283,
		Name:           "Новые ЮЛ (сентябрь)",
		Description:    new("СПАРК"),
		Valuation:      new(1),
		CustomersCount: new(138),
		AuthorID:       new(int64(1258)),
		CreatedAt:      unix(1507184738),
		IsPro:          new(true),
		IsPayroll:      new(false),
		IsVisible:      new(true),
		BusinessID:     new(int64(1)),
	}
}

func sampleGroup() *Group {
	return &Group{
		ID:             129,
		Name:           "Контрагенты клиентов Росбанк: ПАО Московский кредитный банк",
		Description:    new("Контрагенты клиентов Росбанк: ПАО Московский кредитный банк"),
		Valuation:      new(10),
		CustomersCount: new(132),
		AuthorID:       new(int64(3547)),
		CreatedAt:      unix(1502899343),
	}
}

func TestListGroups(t *testing.T) {
	t.Parallel()
	one := []*Group{{ID: 7, Name: "A"}}
	tests := []struct {
		name string
		body string
		want []*Group
	}{
		{"raw sample", sample(t, "groups_raw.json"), []*Group{sampleRawGroup()}},
		{"resource sample", sample(t, "groups_resource.json"), []*Group{sampleGroup()}},
		{"none", `[]`, []*Group{}},
		{"none in the raw form", `[[]]`, []*Group{}},
		{"envelope", `{"data":[{"id":7,"name":"A"}]}`, one},
		{"raw form in an envelope", `{"data":[[{"spisok_id":7,"spisok_name":"A"}]]}`, one},
		{"null in an envelope", `{"data":null}`, []*Group{}},
		{"flat paginator", `{"current_page":1,"data":[{"id":7,"name":"A"}],"from":1,"last_page":1,"per_page":50,"to":1,"total":1}`, one},
		{"resource paginator", `{"data":[{"id":7,"name":"A"}],"links":{"next":null},"meta":{"current_page":1,"last_page":1,"per_page":50,"total":1}}`, one},
		{"byte order mark", "\ufeff" + `[{"id":7,"name":"A"}]`, one},
		{
			"numbers in quotes and with a point", `[{"spisok_id":"283","spisok_name":"A","spisok_ball":"1.0","customers_count":138.0,
			"spisok_creator_uid":"1258","spisok_create_time":"1507184738","spisok_edit_uid":"2","spisok_edit_time":1507184739.0,
			"spisok_is_pro":"1","spisok_is_payroll":"0","is_visible":true,"business_id":"1"}]`,
			[]*Group{{
				ID: 283, Name: "A", Valuation: new(1), CustomersCount: new(138),
				AuthorID: new(int64(1258)), CreatedAt: unix(1507184738), EditorID: new(int64(2)), EditedAt: unix(1507184739),
				IsPro: new(true), IsPayroll: new(false), IsVisible: new(true), BusinessID: new(int64(1)),
			}},
		},
		{"every nullable field null", `[{"id":7,"name":"A","description":null,"valuation":null,"customers":null,"author":null,"created_at":null,
			"spisok_edit_uid":null,"spisok_edit_time":null,"spisok_is_pro":null,"spisok_is_payroll":null,"is_visible":null,"business_id":null}]`, one},
		{"zero, blank and words for null", `[{"id":7,"name":"A","description":" НЕ УКАЗАНО ","valuation":"Не указана","customers":"","author":0,
			"created_at":0,"spisok_edit_uid":"0","spisok_edit_time":"","spisok_is_pro":"Отсутствует","business_id":" "}]`, one},
		{"a name that is a word for null", `[{"id":7,"name":"Не указано"}]`, []*Group{{ID: 7, Name: "Не указано"}}},
		{
			"both dialects in one object", `[{"spisok_id":8,"id":7,"name":"A","spisok_name":"B","valuation":null,"spisok_ball":3,"description":"a","spisok_opisanie":"b"}]`,
			[]*Group{{ID: 7, Name: "A", Valuation: new(3), Description: new("a")}},
		},
		{
			"unknown members in their order", `[{"z":1,"id":7,"a":{"b": [1, "два"]},"name":"A","n":null}]`,
			[]*Group{{ID: 7, Name: "A", Extra: json.RawMessage(`{"z":1,"a":{"b":[1,"два"]},"n":null}`)}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := viewerOf(t, test.body).ListGroups(t.Context(), GroupsOptions{})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, test.want)
		})
	}
}

// In the raw form, the elements of all lists in the list are groups of one.
func TestAListOfTooManyGroups(t *testing.T) {
	t.Parallel()
	half := "[" + strings.Repeat(`{"id":1,"name":""},`, upstream.MaxElements/2-1) + `{"id":1,"name":""}]`
	groups, err := viewerOf(t, "["+half+","+half+"]").ListGroups(t.Context(), GroupsOptions{})
	if err != nil || len(groups) != upstream.MaxElements {
		t.Errorf("got %d groups, %v, want %d", len(groups), err, upstream.MaxElements)
	}
	_, err = viewerOf(t, "["+half+","+half+`,[{"id":1,"name":""}]]`).ListGroups(t.Context(), GroupsOptions{})
	malformed(t, err, ListGroupsCall, "[2][0]")
}

func TestGetGroup(t *testing.T) {
	t.Parallel()
	got, err := viewerOf(t, sample(t, "group_resource.json")).GetGroup(t.Context(), 129)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, sampleGroup())
}

func TestUnreadableGroups(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, field string }{
		{"null", `null`, ""},
		{"no list", `{"message":"x"}`, ""},
		{"two lists", `{"data":[],"data":[]}`, ""},
		{"null in the list", `[null]`, "[0]"},
		{"no id", `[{"name":"A"}]`, "[0].id"},
		{"id 0", `[{"id":0,"name":"A"}]`, "[0].id"},
		{"raw id null", `[[{"spisok_id":null,"spisok_name":"A"}]]`, "[0][0].spisok_id"},
		{"id below 0", `[{"id":-1,"name":"A"}]`, "[0].id"},
		{"id with a fraction", `[{"id":1.5,"name":"A"}]`, "[0].id"},
		{"id out of range", `[{"id":9223372036854775808,"name":"A"}]`, "[0].id"},
		{"no name", `[{"id":1,"name":"A"},{"id":2}]`, "[1].name"},
		{"name null", `[{"spisok_id":2,"spisok_name":null}]`, "[0].spisok_name"},
		{"time below 0", `{"data":[{"id":1,"name":"A","created_at":-5}]}`, "data[0].created_at"},
		{"time after the year 9999", `[{"id":1,"name":"A","created_at":253402300800}]`, "[0].created_at"},
		{"valuation beyond 32 bits", `[{"id":1,"name":"A","valuation":2147483648}]`, "[0].valuation"},
		{"flag that is none", `[{"id":1,"name":"A","is_visible":2}]`, "[0].is_visible"},
		{"unreadable even beside a better spelling", `[{"id":1,"name":"A","valuation":1,"spisok_ball":[]}]`, "[0].spisok_ball"},
		{"paging number", `{"data":[],"total":"many"}`, "total"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := viewerOf(t, test.body).ListGroups(t.Context(), GroupsOptions{})
			malformed(t, err, ListGroupsCall, test.field)
		})
	}
}

func TestGroupFieldsOfWrongKind(t *testing.T) {
	t.Parallel()
	for _, field := range []string{
		"id", "name", "description", "author", "created_at", "valuation", "customers",
		"spisok_id", "spisok_name", "spisok_opisanie", "spisok_creator_uid", "spisok_create_time", "spisok_edit_uid",
		"spisok_edit_time", "spisok_ball", "customers_count", "spisok_is_pro", "spisok_is_payroll", "is_visible", "business_id",
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			_, err := viewerOf(t, `{"id":7,"name":"A","`+field+`":{"a":1}}`).GetGroup(t.Context(), 7)
			malformed(t, err, GetGroupCall, field)
		})
	}
}

func TestListGroupCustomers(t *testing.T) {
	t.Parallel()
	body := `{"data":[{"client_id":5,"name":"A","tasks":[{"a_id":1,"act_result":null,"act_start_time":1}]}]}`
	tests := []struct {
		asked TaskStatus
		want  TaskStatus
	}{
		{"", TaskOverdue},
		{TaskPlanned, TaskPlanned},
		{TaskCompleted, TaskCompleted},
	}
	for _, test := range tests {
		t.Run("tasks "+string(test.asked), func(t *testing.T) {
			t.Parallel()
			got, err := viewerOf(t, body).ListGroupCustomers(t.Context(), 3, test.asked)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, []*Customer{{ID: 5, Name: "A", Tasks: []*Task{{ID: 1, Status: test.want, StartsAt: unix(1)}}}})
		})
	}

	_, err := viewerOf(t, `[{"client_id":5}]`).ListGroupCustomers(t.Context(), 3, "")
	malformed(t, err, ListGroupCustomersCall, "[0].name")
}
