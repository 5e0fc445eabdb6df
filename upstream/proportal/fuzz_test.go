package proportal

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"crmgraph/upstream/jsonread"
)

// The members each decoder knows at the top of its object, from the table of both dialects.
var (
	groupMembers = []string{
		"id", "name", "description", "author", "created_at", "valuation", "customers",
		"spisok_id", "spisok_name", "spisok_opisanie", "spisok_creator_uid", "spisok_create_time", "spisok_edit_uid",
		"spisok_edit_time", "spisok_ball", "customers_count", "spisok_is_pro", "spisok_is_payroll", "is_visible", "business_id",
	}
	companyMembers = []string{
		"id", "client_id", "name", "valuation", "priority", "industry", "okved_vid_deyatelnosti", "money", "proceed",
		"vyruchka_period", "vyruchka_za_god",
	}
	customerMembers = append([]string{"activity", "posledniy_resultat_text", "data_posledniy_contact_unixtime", "lastTask", "tasks"}, companyMembers...)
	cardMembers     = append([]string{
		"office", "company_group", "size", "employees", "channel", "blacklist", "author", "details", "payroll", "dates", "contacts",
	}, companyMembers...)
	taskMembers = []string{
		"id", "customer", "status", "type", "result", "created", "start_date", "comment",
		"a_id", "client_id", "creator_uid", "created_server_unixtime", "act_type", "act_start_time", "act_end_time", "act_result",
		"act_result_uid", "act_result_reason", "next_contact", "act_zametka_text", "act_is_first_contact", "executor_uid", "act_sub_status",
	}
)

// keepsUnknown checks that every member of object that is not known is in extra.
func keepsUnknown(t *testing.T, object []byte, known []string, extra json.RawMessage) {
	t.Helper()
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(object, &sent); err != nil {
		t.Fatalf("read what encoding/json cannot: %v", err)
	}
	kept := map[string]json.RawMessage{}
	if extra != nil {
		if err := json.Unmarshal(extra, &kept); err != nil {
			t.Fatalf("extra %s is not valid: %v", extra, err)
		}
	}
	for name, value := range sent {
		if slices.Contains(known, name) {
			continue
		}
		var want bytes.Buffer
		if err := json.Compact(&want, value); err != nil {
			t.Fatal(err)
		}
		isNull := want.String() == "null"
		switch name {
		case "act_result_unixtime", "act_result_next_etap", "group_id", "act_id":
			if isNull && slices.Equal(known, taskMembers) {
				continue
			}
		}
		if got := kept[name]; !bytes.Equal(got, want.Bytes()) {
			t.Errorf("extra has %q: %s, want %s", name, got, want.Bytes())
		}
	}
}

func readable(input []byte) bool { return utf8.Valid(input) && json.Valid(input) }

func seed(f *testing.F, names ...string) {
	f.Helper()
	for _, name := range names {
		f.Add([]byte(sample(f, name)))
	}
}

func FuzzGroup(f *testing.F) {
	seed(f, "group_resource.json", "groups_raw.json")
	f.Add([]byte(`{"spisok_id":"283","spisok_name":"A","spisok_ball":"1.0","spisok_create_time":1507184738,"is_visible":true,"x":{"y":[1]},"\u0078":null}`))
	f.Fuzz(func(t *testing.T, input []byte) {
		group, err := new(reader).readGroup(jsonread.New(input))
		if err != nil || !readable(input) {
			return
		}
		if group.ID <= 0 || group.AuthorID != nil && *group.AuthorID <= 0 {
			t.Errorf("ids %+v", group)
		}
		keepsUnknown(t, input, groupMembers, group.Extra)
	})
}

func FuzzGroups(f *testing.F) {
	seed(f, "groups_resource.json", "groups_raw.json", "portfolio_raw.json")
	f.Fuzz(func(t *testing.T, input []byte) {
		groups, _, err := new(reader).readGroups(jsonread.New(input))
		if err != nil {
			return
		}
		for _, group := range groups {
			if group == nil || group.ID <= 0 || group.Extra != nil && readable(input) && !json.Valid(group.Extra) {
				t.Errorf("group %+v", group)
			}
		}
	})
}

func FuzzCustomer(f *testing.F) {
	seed(f, "portfolio_tasks_raw.json", "portfolio_item_resource.json")
	f.Add([]byte(`{"id":7,"x":1,"activity":{"date":1541665341,"by":{"id":2}},"name":"A","money":{"currency":"RUB"},"lastTask":{"id":1,"status":"Просрочено"}}`))
	f.Fuzz(func(t *testing.T, input []byte) {
		customer, err := (&reader{now: testNow}).readCustomer(jsonread.New(input), "")
		if err != nil || !readable(input) {
			return
		}
		if customer.ID <= 0 || customer.LastTask != nil && !customer.HasLastTask {
			t.Errorf("customer %+v", customer)
		}
		for _, task := range customer.Tasks {
			validTask(t, task)
		}
		if customer.LastTask != nil {
			validTask(t, customer.LastTask)
		}
		keepsUnknown(t, input, customerMembers, customer.Extra)
	})
}

func FuzzPortfolio(f *testing.F) {
	seed(f, "portfolio_raw.json", "groups_resource.json")
	f.Add([]byte(`{"data":[{"id":7,"name":"A"}],"links":{},"meta":{"current_page":3,"last_page":3,"per_page":"50","total":"101"}}`))
	f.Fuzz(func(t *testing.T, input []byte) {
		customers, numbers, err := (&reader{now: testNow}).readCustomers(jsonread.New(input), TaskPlanned)
		if err != nil {
			return
		}
		page := pageOf(customers, numbers, PortfolioOptions{})
		if page.Page < 1 || page.Total < -1 || page.PerPage < 1 && len(customers) > 0 {
			t.Errorf("page %+v", page)
		}
		for _, customer := range customers {
			if customer == nil || customer.ID <= 0 {
				t.Errorf("customer %+v", customer)
			}
		}
	})
}

func FuzzCount(f *testing.F) {
	seed(f, "portfolio_raw.json", "groups_resource.json")
	f.Add([]byte(`"120"`))
	f.Add([]byte(`[0`))
	f.Add([]byte(`{"meta":{"total":1},"count":2,"data":3}`))
	f.Fuzz(func(t *testing.T, input []byte) {
		if count, err := readCount(jsonread.New(input)); count < 0 || err != nil && count != 0 {
			t.Errorf("got %d, %v", count, err)
		}
	})
}

func validTask(t *testing.T, task *Task) {
	t.Helper()
	if task.ID <= 0 || !task.Status.valid() || task.Customer != nil && task.Customer.ID <= 0 {
		t.Errorf("task %+v", task)
	}
	if task.Type != nil && *task.Type != TaskCall && *task.Type != TaskMeeting {
		t.Errorf("type %q", *task.Type)
	}
	for _, at := range []*time.Time{task.CreatedAt, task.StartsAt, task.EndsAt, task.NextContactAt} {
		if at != nil && (at.Year() < 1970 || at.Year() > 9999) {
			t.Errorf("time %v", at)
		}
	}
	if task.Extra != nil && !json.Valid(task.Extra) {
		t.Errorf("extra %s", task.Extra)
	}
}

func FuzzTask(f *testing.F) {
	f.Add([]byte(`{"a_id":"1","client_id":"5","act_type":"1","act_start_time":"1538568387","act_result":"3","act_result_uid":6,"group_id":"9","act_id":null}`))
	f.Add([]byte(`{"id":1,"status":"Запланировано","a":[ ],"customer":{"id":5,"inn":"77"},"result":{"status":1,"id":2,"name":"успех"},"start_date":1538568470000}`))
	f.Fuzz(func(t *testing.T, input []byte) {
		task, err := (&reader{now: testNow}).readTask(jsonread.New(input), "")
		if err != nil || !readable(input) {
			return
		}
		validTask(t, task)
		keepsUnknown(t, input, taskMembers, task.Extra)
	})
}

func FuzzTaskBoard(f *testing.F) {
	seed(f, "task_board_empty.json")
	f.Add([]byte(`{"planned":[{"a_id":1}],"completed":{"data":[{"id":2,"status":"Завершено"}]},"duedate":[]}`))
	f.Fuzz(func(t *testing.T, input []byte) {
		board, err := (&reader{now: testNow}).readTaskBoard(jsonread.New(input))
		if err != nil || !readable(input) {
			return
		}
		for _, list := range [][]*Task{board.Planned, board.Completed, board.Overdue} {
			if list == nil {
				t.Errorf("board %+v", board)
			}
			for _, task := range list {
				validTask(t, task)
			}
		}
	})
}

func FuzzCard(f *testing.F) {
	seed(f, "customer_card.json")
	zone, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		card, err := (&reader{zone: zone}).readCard(jsonread.New(input))
		if err != nil || !readable(input) {
			return
		}
		if card.ID <= 0 {
			t.Errorf("card %+v", card)
		}
		for _, day := range []any{card.Dates.Registration, card.Dates.Contact} {
			if encoded, err := json.Marshal(day); err != nil || len(encoded) != len("null") && len(encoded) != len(`"2006-01-02"`) {
				t.Errorf("day %s, %v", encoded, err)
			}
		}
		keepsUnknown(t, input, cardMembers, card.Extra)
	})
}

func FuzzOne(f *testing.F) {
	seed(f, "group_resource.json", "groups_raw.json")
	f.Add([]byte(`{"data":[{"id":7,"name":"A"}],"meta":{}}`))
	f.Fuzz(func(t *testing.T, input []byte) {
		calls := 0
		err := readOne(jsonread.New(input), func(d *jsonread.Decoder) error {
			calls++
			return d.Skip()
		})
		if err == nil && calls == 0 {
			t.Errorf("nothing read and no error")
		}
	})
}

func FuzzLoginRefusal(f *testing.F) {
	f.Add(500, []byte(`["token_expired"]`))
	f.Add(500, []byte(`{"token_absent":"Token not provided"}`))
	f.Add(404, []byte(htmlPage))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if kind := classifyLogin(status, body); kind == "" {
			t.Errorf("no kind for %d %q", status, body)
		}
	})
}
