package proportal

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

// sampleRawTask is the raw task of the reference, whose status the answer leaves open.
func sampleRawTask(status TaskStatus) *Task {
	return &Task{
		ID:         2598415,
		Customer:   &TaskCustomer{ID: 4007128},
		Status:     status,
		Type:       new(TaskCall),
		CreatedAt:  unix(1538568386),
		StartsAt:   unix(1548943253),
		Comment:    new("вопрос по ипотек, передала данные Дельте"),
		CreatorID:  new(int64(2)),
		ExecutorID: new(int64(2)),
		Extra:      json.RawMessage(`{"group_id":2}`),
	}
}

func sampleTask() *Task {
	return &Task{
		ID:        2598431,
		Customer:  &TaskCustomer{ID: 4007132, Name: new("БУДАЕВА ДОЛЖИТ ЦЫРЕНДОНДОКОВНА"), Valuation: new(10)},
		Status:    TaskCompleted,
		Type:      new(TaskCall),
		Result:    &TaskResult{Code: 1, UserID: new(int64(6456))},
		CreatedAt: unix(1538568470),
		StartsAt:  unix(1538568470),
		Comment:   new("Запросил документы, отправляю на СВЗ"),
	}
}

func TestListTasks(t *testing.T) {
	t.Parallel()
	plain := []*Task{{ID: 1, Status: TaskPlanned}}
	tests := []struct {
		name string
		body string
		want []*Task
	}{
		{"sample", sample(t, "tasks_resource.json"), []*Task{sampleTask()}},
		{"none", `[]`, []*Task{}},
		{"envelope", `{"data":[{"id":1,"status":"Запланировано"}]}`, plain},
		{"flat paginator", `{"current_page":1,"data":[{"id":1,"status":"Запланировано"}],"per_page":50,"total":1}`, plain},
		{"resource paginator", `{"data":[{"id":1,"status":"Запланировано"}],"links":{},"meta":{"total":1}}`, plain},
		{
			"raw, as judged by the CRM", `[{"a_id":1,"act_result":null,"act_start_time":1},{"a_id":2,"act_result":5}]`,
			[]*Task{{ID: 1, Status: TaskPlanned, StartsAt: unix(1)}, {ID: 2, Status: TaskPlanned, Result: &TaskResult{Code: 5}}},
		},
		{"a word of the CRM's wins over the status asked for", `[{"id":1,"status":" просрочено "}]`, []*Task{{ID: 1, Status: TaskOverdue}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := viewerOf(t, test.body).ListTasks(t.Context(), TaskPlanned)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, test.want)
		})
	}
}

func TestGetTask(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		body string
		want *Task
	}{
		{
			"all raw members", `{"a_id":"1","client_id":"5","creator_uid":"2","created_server_unixtime":"1538568386","act_type":"1",
			"act_start_time":"1538568387","act_end_time":1538568388,"act_result":"3","act_result_uid":"6","act_result_unixtime":1538568389,
			"act_result_next_etap":4,"act_result_reason":"дорого","next_contact":1538568390,"act_zametka_text":"Не указано",
			"act_is_first_contact":"1","group_id":"9","executor_uid":7,"act_sub_status":2,"act_id":8}`,
			&Task{
				ID: 1, Customer: &TaskCustomer{ID: 5}, Status: TaskCompleted, Type: new(TaskMeeting),
				Result:    &TaskResult{Code: 3, UserID: new(int64(6)), Reason: new("дорого")},
				CreatedAt: unix(1538568386), StartsAt: unix(1538568387), EndsAt: unix(1538568388), NextContactAt: unix(1538568390),
				Comment: new("Не указано"), IsFirstContact: new(true), SubStatus: new("2"), CreatorID: new(int64(2)), ExecutorID: new(int64(7)),
				Extra: json.RawMessage(`{"act_result_unixtime":1538568389,"act_result_next_etap":4,"group_id":"9","act_id":8}`),
			},
		},
		{"result as a bare number", `{"id":1,"status":"Завершено","result":"2"}`, &Task{ID: 1, Status: TaskCompleted, Result: &TaskResult{Code: 2}}},
		{"result 0", `{"id":1,"status":"Завершено","result":{"status":0,"id":0}}`, &Task{ID: 1, Status: TaskCompleted, Result: &TaskResult{Code: 0}}},
		{"result null", `{"id":1,"status":"Завершено","result":null}`, &Task{ID: 1, Status: TaskCompleted}},
		{"result with null members", `{"id":1,"status":"Запланировано","result":{"status":null,"id":null}}`, &Task{ID: 1, Status: TaskPlanned}},
		{
			"user and reason without a result are kept", `{"a_id":1,"act_result":null,"act_result_uid":6,"act_result_reason":"\"перенос\""}`,
			&Task{ID: 1, Status: TaskPlanned, Extra: json.RawMessage(`{"act_result_uid":6,"act_result_reason":"\"перенос\""}`)},
		},
		{
			"a result without its code is kept", `{"id":1,"status":"Запланировано","result":{"name": "x","status":null,"id":6}}`,
			&Task{ID: 1, Status: TaskPlanned, Extra: json.RawMessage(`{"result":{"name":"x","status":null,"id":6}}`)},
		},
		{
			"milliseconds", `{"id":1,"status":"Запланировано","start_date":1538568470123}`,
			&Task{ID: 1, Status: TaskPlanned, StartsAt: new(time.Date(2018, time.October, 3, 12, 7, 50, 123_000_000, time.UTC))},
		},
		{
			"blank words", `{"id":1,"status":"","type":" ","act_type":"","act_result":"","act_start_time":""}`,
			&Task{ID: 1, Status: TaskPlanned},
		},
		{"no customer", `{"id":1,"status":"Запланировано","customer":null}`, &Task{ID: 1, Status: TaskPlanned}},
		{"customer 0", `{"id":1,"status":"Запланировано","customer":{"id":0,"name":null,"valuation":null},"client_id":"0"}`, &Task{ID: 1, Status: TaskPlanned}},
		{
			"customer from both dialects", `{"id":1,"status":"Запланировано","client_id":5,"customer":{"name":"A"}}`,
			&Task{ID: 1, Status: TaskPlanned, Customer: &TaskCustomer{ID: 5, Name: new("A")}},
		},
		{
			"resource spelling wins in any order", `{"id":1,"a_id":2,"act_type":1,"type":"Звонок","start_date":1000,"act_start_time":2,"status":"Запланировано",
			"customer":{"id":5},"client_id":6,"act_result":3,"result":{"status":4},"comment":"a","act_zametka_text":"b","created":1,"created_server_unixtime":2}`,
			&Task{
				ID: 1, Status: TaskPlanned, Type: new(TaskCall), StartsAt: unix(1), CreatedAt: unix(1), Customer: &TaskCustomer{ID: 5},
				Result: &TaskResult{Code: 4}, Comment: new("a"),
			},
		},
		{
			"raw spelling fills in for null", `{"a_id":2,"id":null,"type":null,"act_type":0,"status":null,"act_result":null}`,
			&Task{ID: 2, Status: TaskPlanned, Type: new(TaskCall)},
		},
		{
			"unknown members, also nested ones", `{"id":1,"status":"Запланировано","a":[ ],"customer":{"id":5,"inn":"77"},"result":{"status":1,"name":"успех"},"group_id":null,"b":null}`,
			&Task{
				ID: 1, Status: TaskPlanned, Customer: &TaskCustomer{ID: 5}, Result: &TaskResult{Code: 1},
				Extra: json.RawMessage(`{"a":[],"customer":{"inn":"77"},"result":{"name":"успех"},"b":null}`),
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := viewerOf(t, test.body).GetTask(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, test.want)
		})
	}
}

func TestRawStatus(t *testing.T) {
	t.Parallel()
	now := testNow.Unix()
	tests := []struct {
		name string
		raw  string
		want TaskStatus
	}{
		{"result", `"act_result":1,"act_start_time":1`, TaskCompleted},
		{"result 0", `"act_result":0,"act_start_time":1`, TaskCompleted},
		{"started a second ago", fmt.Sprintf(`"act_result":null,"act_start_time":%d`, now-1), TaskOverdue},
		{"starts now", fmt.Sprintf(`"act_result":null,"act_start_time":%d`, now), TaskPlanned},
		{"starts in a second", fmt.Sprintf(`"act_result":"","act_start_time":"%d"`, now+1), TaskPlanned},
		{"no start", `"act_result":null`, TaskPlanned},
		{"start null", `"act_result":null,"act_start_time":null`, TaskPlanned},
		{"start in the other dialect", `"act_result":null,"start_date":1000`, TaskOverdue},
		{"result in the other dialect", `"act_start_time":1,"result":{"status":1}`, TaskCompleted},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := viewerOf(t, `[{"a_id":1,`+test.raw+`}]`).ListCustomerTasks(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0].Status != test.want {
				t.Errorf("got %+v, want one task that is %s", got, test.want)
			}
		})
	}
}

// sends answers every request with a body.
type sends func() string

func (s sends) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(s()))}, nil
}

// A planned task becomes overdue by itself, though the CRM says the same of it as before.
func TestAPlannedTaskBecomesOverdueInAnAnswerThatHasNotChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers, err := cache.New(cache.Options{Lifetime: func(upstream.Service, string) cache.Lifetime { return cache.Lifetime{TTL: time.Hour} }})
		if err != nil {
			t.Fatal(err)
		}
		defer answers.Close()
		start := time.Now().Add(time.Minute)
		crm := sends(func() string {
			return fmt.Sprintf(`[{"a_id":1,"act_start_time":%d},{"a_id":2,"act_start_time":%d}]`, start.Add(time.Hour).Unix(), start.Unix())
		})
		client, err := New("http://crm", Options{CallerOptions: upstream.CallerOptions{Transport: crm, Answers: answers}})
		if err != nil {
			t.Fatal(err)
		}
		viewer := client.As(Identity{Subject: "1", Token: testToken})
		asked := func() []*Task {
			ctx := upstream.WithOperation(t.Context(), &upstream.Operation{Terms: upstream.Terms{NoCache: true}})
			tasks, err := viewer.ListCustomerTasks(ctx, 1)
			if err != nil || len(tasks) != 2 {
				t.Fatalf("got %v, %v", tasks, err)
			}
			return tasks
		}
		first := asked()
		time.Sleep(time.Minute)
		if atStart := asked(); atStart[1].Status != TaskPlanned {
			t.Errorf("got %s at the start of a task, want planned", atStart[1].Status)
		}
		time.Sleep(time.Second)
		if after := asked(); first[1].Status != TaskPlanned || after[1].Status != TaskOverdue || after[0].Status != TaskPlanned {
			t.Errorf("got %s before and %s after its start, and %s of the other; want planned, overdue, planned",
				first[1].Status, after[1].Status, after[0].Status)
		}
	})
}

func TestAListOfTooManyTasks(t *testing.T) {
	t.Parallel()
	text := "[" + strings.Repeat(`{"a_id":1},`, upstream.MaxElements) + `{"a_id":1}]`
	_, err := viewerOf(t, text).ListTasks(t.Context(), TaskPlanned)
	equal(t, failureOf(t, err), failure{Call: ListTasksCall, Kind: upstream.Malformed, Status: 200})
}

func TestUnreadableTasks(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, field string }{
		{"null", `null`, ""},
		{"no id", `[{"status":"Завершено"}]`, "[0].id"},
		{"raw id 0", `[{"a_id":0,"act_result":null}]`, "[0].a_id"},
		{"no status", `[{"id":1}]`, "[0].status"},
		{"status null", `[{"id":1,"status":null}]`, "[0].status"},
		{"nothing the status follows from", `[{"a_id":1}]`, "[0].status"},
		{"unknown status", `[{"id":1,"status":"Отменено"}]`, "[0].status"},
		{"unknown type", `[{"id":1,"status":"Завершено","type":"Письмо"}]`, "[0].type"},
		{"unknown raw type", `[{"a_id":1,"act_result":1,"act_type":2}]`, "[0].act_type"},
		{"customer without id", `[{"id":1,"status":"Завершено","customer":{"name":"A"}}]`, "[0].customer.id"},
		{"customer of wrong kind", `[{"id":1,"status":"Завершено","customer":[5]}]`, "[0].customer"},
		{"customer id", `[{"id":1,"status":"Завершено","customer":{"id":-5}}]`, "[0].customer.id"},
		{"result code", `[{"id":1,"status":"Завершено","result":{"status":"x"}}]`, "[0].result.status"},
		{"result user", `[{"id":1,"status":"Завершено","result":{"status":1,"id":1.5}}]`, "[0].result.id"},
		{"result text", `[{"id":1,"status":"Завершено","result":"хорошо"}]`, "[0].result"},
		{"milliseconds after the year 9999", `[{"id":1,"status":"Завершено","start_date":253402300800000}]`, "[0].start_date"},
		{"negative milliseconds", `[{"id":1,"status":"Завершено","start_date":-1}]`, "[0].start_date"},
		{"milliseconds where seconds were due", `[{"a_id":1,"act_start_time":1538568470000}]`, "[0].act_start_time"},
		{"in an envelope", `{"data":[{"id":1,"status":"Завершено"},{"id":2,"status":true}]}`, "data[1].status"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := viewerOf(t, test.body).ListCustomerTasks(t.Context(), 1)
			malformed(t, err, ListCustomerTasksCall, test.field)
		})
	}
}

func TestTaskFieldsOfWrongKind(t *testing.T) {
	t.Parallel()
	for _, field := range []string{
		"id", "status", "created", "type", "start_date", "comment",
		"a_id", "client_id", "creator_uid", "created_server_unixtime", "act_type", "act_start_time", "act_end_time", "act_result",
		"act_result_uid", "act_result_reason", "next_contact", "act_zametka_text", "act_is_first_contact", "executor_uid", "act_sub_status",
	} {
		for _, wrong := range []string{`{"a":1}`, `[1]`} {
			t.Run(field+" "+wrong, func(t *testing.T) {
				t.Parallel()
				_, err := viewerOf(t, `{"id":7,"status":"Завершено","`+field+`":`+wrong+`}`).GetTask(t.Context(), 7)
				malformed(t, err, GetTaskCall, field)
			})
		}
	}
}

func TestGetTaskBoard(t *testing.T) {
	t.Parallel()
	lists := `"planned":[{"a_id":1,"act_result":null,"act_start_time":1}],"completed":{"data":[{"a_id":2,"act_result":null}]},"duedate":[{"id":3,"status":"Просрочено"}]`
	want := &TaskBoard{
		Planned:   []*Task{{ID: 1, Status: TaskPlanned, StartsAt: unix(1)}},
		Completed: []*Task{{ID: 2, Status: TaskCompleted}},
		Overdue:   []*Task{{ID: 3, Status: TaskOverdue}},
	}
	tests := []struct {
		name string
		body string
		want *TaskBoard
	}{
		{"sample", sample(t, "task_board_empty.json"), &TaskBoard{Planned: []*Task{}, Completed: []*Task{}, Overdue: []*Task{}}},
		{"statuses as judged by the CRM", `{` + lists + `}`, want},
		{"envelope", `{"data":{` + lists + `}}`, want},
		{"more lists", `{"cancelled":[{}],` + lists + `}`, want},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := viewerOf(t, test.body).GetTaskBoard(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, test.want)
		})
	}

	unreadable := []struct{ body, field string }{
		{`{"completed":[],"duedate":[]}`, "planned"},
		{`{"planned":[],"duedate":[]}`, "completed"},
		{`{"planned":[],"completed":[]}`, "duedate"},
		{`{"planned":[],"completed":[],"duedate":null}`, "duedate"},
		{`{"planned":{},"completed":[],"duedate":[]}`, "planned"},
		{`{"data":{"planned":[],"completed":[],"duedate":[{"id":1,"status":"?"}]}}`, "data.duedate[0].status"},
	}
	for _, test := range unreadable {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			_, err := viewerOf(t, test.body).GetTaskBoard(t.Context())
			malformed(t, err, GetTaskBoardCall, test.field)
		})
	}
}
