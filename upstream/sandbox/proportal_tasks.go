package sandbox

import (
	"encoding/json"
	"net/http"
)

// taskRaw is a task as the database has it (the second sample of "Показать порфтолио").
type taskRaw struct {
	ID             json.RawMessage `json:"a_id"`
	ClientID       json.RawMessage `json:"client_id"`
	CreatorUID     json.RawMessage `json:"creator_uid"`
	Created        json.RawMessage `json:"created_server_unixtime"`
	Type           json.RawMessage `json:"act_type"`
	StartTime      json.RawMessage `json:"act_start_time"`
	EndTime        json.RawMessage `json:"act_end_time"`
	Result         json.RawMessage `json:"act_result"`
	ResultUID      json.RawMessage `json:"act_result_uid"`
	ResultUnixtime json.RawMessage `json:"act_result_unixtime"`
	ResultNextEtap json.RawMessage `json:"act_result_next_etap"`
	ResultReason   *string         `json:"act_result_reason"`
	NextContact    json.RawMessage `json:"next_contact"`
	ZametkaText    *string         `json:"act_zametka_text"`
	IsFirstContact json.RawMessage `json:"act_is_first_contact"`
	GroupID        json.RawMessage `json:"group_id"`
	ExecutorUID    json.RawMessage `json:"executor_uid"`
	SubStatus      json.RawMessage `json:"act_sub_status"`
	ActID          json.RawMessage `json:"act_id"`
}

func (t *Task) raw() []byte {
	s := spelling{row: t.ID, plain: t.sample}
	var first *int64
	if t.FirstContact != nil {
		first = new(zeroOrOne(*t.FirstContact))
	}
	return encode(taskRaw{
		ID:             s.number("a_id", t.ID),
		ClientID:       s.number("client_id", t.CustomerID),
		CreatorUID:     s.number("creator_uid", t.CreatorID),
		Created:        s.moment("created_server_unixtime", &t.CreatedAt),
		Type:           s.number("act_type", t.Type),
		StartTime:      s.moment("act_start_time", &t.StartsAt),
		EndTime:        s.moment("act_end_time", t.EndsAt),
		Result:         s.optional("act_result", t.Result),
		ResultUID:      s.optional("act_result_uid", t.ResultUserID),
		ResultUnixtime: s.moment("act_result_unixtime", t.ResultAt),
		ResultNextEtap: s.optional("act_result_next_etap", t.NextStage),
		ResultReason:   t.Reason,
		NextContact:    s.moment("next_contact", t.NextContactAt),
		ZametkaText:    t.Comment,
		IsFirstContact: s.optional("act_is_first_contact", first),
		GroupID:        s.number("group_id", t.GroupID),
		ExecutorUID:    s.number("executor_uid", t.ExecutorID),
		SubStatus:      s.optional("act_sub_status", t.SubStatus),
		ActID:          s.optional("act_id", t.ActID),
	})
}

// taskResource is a task in "Получить все задачи".
type taskResource struct {
	ID       int64        `json:"id"`
	Customer taskCustomer `json:"customer"`
	Status   string       `json:"status"`
	// Result is a taskResult, a bare number or nil.
	Result    any     `json:"result"`
	Created   int64   `json:"created"`
	Type      string  `json:"type"`
	StartDate int64   `json:"start_date"`
	Comment   *string `json:"comment"`
}

type taskCustomer struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	Valuation int64  `json:"valuation"`
}

type taskResult struct {
	Status int64  `json:"status"`
	ID     *int64 `json:"id"`
}

func (t *Task) resource(c *Customer, dialect Dialect) []byte {
	resource := taskResource{
		ID:        t.ID,
		Customer:  taskCustomer{ID: c.ID, Name: c.Name, Valuation: c.Valuation},
		Status:    statusWord(t.Status),
		Created:   t.CreatedAt.Unix(),
		Type:      typeWord(t.Type),
		StartDate: t.StartsAt.UnixMilli(),
		Comment:   t.Comment,
	}
	switch {
	case t.Result == nil:
	case t.ResultUserID == nil && dialect == DialectResource:
		resource.Result = *t.Result
	default:
		resource.Result = taskResult{Status: *t.Result, ID: t.ResultUserID}
	}
	return encode(resource)
}

func statusWord(status TaskStatus) string {
	switch status {
	case TaskCompleted:
		return "Завершено"
	case TaskOverdue:
		return "Просрочено"
	case TaskPlanned:
	}
	return "Запланировано"
}

func typeWord(kind int64) string {
	if kind == TaskMeeting {
		return "Встреча"
	}
	return "Звонок"
}

// boardRest is the board without its planned tasks.
type boardRest struct {
	Completed json.RawMessage `json:"completed"`
	Duedate   json.RawMessage `json:"duedate"`
}

// taskStatuses are the values of every parameter that names a status of tasks.
func taskStatuses() []string {
	return []string{string(TaskPlanned), string(TaskCompleted), string(TaskOverdue)}
}

// tasks answers with all tasks of one status, newest first.
func (p *proPortal) tasks(r proPortalRequest) answer {
	status, refused := oneOf(r.query, "status", "", taskStatuses()...)
	if refused != nil {
		return *refused
	}
	return p.object(r.manager.taskLists[TaskStatus(status)])
}

// taskBoard answers with the tasks by status; it is an object in both dialects.
func (p *proPortal) taskBoard(r proPortalRequest) answer { return jsonBody(r.manager.board) }

func (p *proPortal) task(r proPortalRequest) answer {
	t := r.manager.taskByID[r.id]
	if t == nil {
		return htmlStatus(http.StatusNotFound)
	}
	return p.object(p.single(r.manager, t))
}

// customerTasks answers with a customer's tasks, newest first.
func (p *proPortal) customerTasks(r proPortalRequest) answer {
	c := r.manager.customerByID[r.id]
	if c == nil {
		return htmlStatus(http.StatusNotFound)
	}
	items := make([][]byte, 0, len(c.Tasks))
	for _, t := range c.Tasks {
		items = append(items, p.single(r.manager, t))
	}
	return p.list(items)
}

// single is the form of a task outside the lists by status.
func (p *proPortal) single(m *portalManager, t *Task) []byte {
	if p.options.Dialect == DialectResource {
		return m.taskResources[t]
	}
	return m.rawTasks[t]
}
