package proportal

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// TaskStatus is where a task stands.
type TaskStatus string

// The task statuses, as ProPortal's parameters spell them.
const (
	TaskPlanned   TaskStatus = "planned"   // Запланировано
	TaskCompleted TaskStatus = "completed" // Завершено
	TaskOverdue   TaskStatus = "duedate"   // Просрочено
)

// valid reports whether s is one of the three statuses.
func (s TaskStatus) valid() bool {
	return s == TaskPlanned || s == TaskCompleted || s == TaskOverdue
}

// TaskType is the kind of contact a task plans.
type TaskType string

// The task types.
const (
	TaskCall    TaskType = "call"    // Звонок, 0
	TaskMeeting TaskType = "meeting" // Встреча, 1
)

// Task is a planned or finished contact with a customer. Fields marked raw are only
// sent in the raw form. Times are UTC.
type Task struct {
	ID             int64
	Customer       *TaskCustomer // nil when the CRM names none
	Status         TaskStatus
	Type           *TaskType
	Result         *TaskResult // nil until the task is completed
	CreatedAt      *time.Time
	StartsAt       *time.Time
	EndsAt         *time.Time // raw
	Comment        *string
	NextContactAt  *time.Time      // raw
	IsFirstContact *bool           // raw
	SubStatus      *string         // raw
	CreatorID      *int64          // raw
	ExecutorID     *int64          // raw
	Extra          json.RawMessage // object of the members not named above; nil when there are none
}

// TaskCustomer is what a task tells about its customer.
type TaskCustomer struct {
	ID        int64
	Name      *string // nil in the raw form
	Valuation *int    // nil in the raw form
}

// TaskResult is how a completed task ended.
type TaskResult struct {
	Code   int     // the CRM's number of the outcome
	UserID *int64  // who closed the task
	Reason *string // raw
}

// TaskBoard is the CRM's own overview of a manager's tasks.
type TaskBoard struct {
	Planned   []*Task
	Completed []*Task // the newest ten
	Overdue   []*Task
}

// ListTasksCall describes the call of ViewerClient.ListTasks.
var ListTasksCall = upstream.Call{Service: upstream.ProPortal, Operation: "tasks", Method: http.MethodGet, Path: "api/crm/workspace/tasks"}

// ListTasks returns the viewer's tasks of one status, in the CRM's order; an empty list
// when there are none. Tasks that come without a status of their own have the one that
// was asked for, because the CRM has judged them.
//
// An unknown or empty status is Invalid and not sent. For the other kinds see ViewerClient.
//
// ProPortal: GET /api/crm/workspace/tasks?status=… («Получить все задачи»).
func (v *ViewerClient) ListTasks(ctx context.Context, status TaskStatus) ([]*Task, error) {
	if !status.valid() {
		return nil, invalid(&ListTasksCall, "unknown task status")
	}
	q := query{}.with("status", string(status))
	return listAll(ctx, v, &upstream.Request{Call: &ListTasksCall}, q, func(r *reader, d *jsonread.Decoder) ([]*Task, upstream.Page, error) {
		return r.readTaskPage(d, status)
	})
}

// GetTaskBoardCall describes the call of ViewerClient.GetTaskBoard.
var GetTaskBoardCall = upstream.Call{Service: upstream.ProPortal, Operation: "taskBoard", Method: http.MethodGet, Path: "api/crm/workspace/tasks"}

// GetTaskBoard returns the viewer's tasks of all statuses, of the completed ones the
// newest ten. An answer that lacks one of the three lists is Malformed, an empty one
// NotFound; for the other kinds see ViewerClient.
//
// ProPortal: GET /api/crm/workspace/tasks («Получить все задачи»).
func (v *ViewerClient) GetTaskBoard(ctx context.Context) (*TaskBoard, error) {
	return get(ctx, v, &upstream.Request{Call: &GetTaskBoardCall}, one((*reader).readTaskBoard))
}

// GetTaskCall describes the call of ViewerClient.GetTask.
var GetTaskCall = upstream.Call{Service: upstream.ProPortal, Operation: "task", Method: http.MethodGet, Path: "api/crm/workspace/tasks/{id}"}

// GetTask returns one task. It is NotFound when the viewer has none with that id; for the
// other kinds see ViewerClient.
//
// ProPortal: GET /api/crm/workspace/tasks/{id} (observed, not in the reference).
func (v *ViewerClient) GetTask(ctx context.Context, id int64) (*Task, error) {
	return getOne(ctx, v, &GetTaskCall, id, func(r *reader, d *jsonread.Decoder) (*Task, error) { return r.readTask(d, "") })
}

// ListCustomerTasksCall describes the call of ViewerClient.ListCustomerTasks.
var ListCustomerTasksCall = upstream.Call{Service: upstream.ProPortal, Operation: "customerTasks", Method: http.MethodGet, Path: "api/crm/workspace/customers/{id}/tasks"}

// ListCustomerTasks returns the viewer's tasks with one customer, of all statuses and in
// the CRM's order. It is NotFound when the viewer has no such customer; for the other
// kinds see ViewerClient.
//
// ProPortal: GET /api/crm/workspace/customers/{id}/tasks (observed, not in the reference).
func (v *ViewerClient) ListCustomerTasks(ctx context.Context, customerID int64) ([]*Task, error) {
	req, err := about(&ListCustomerTasksCall, customerID)
	if err != nil {
		return nil, err
	}
	return listAll(ctx, v, req, query{}, func(r *reader, d *jsonread.Decoder) ([]*Task, upstream.Page, error) {
		return r.readTaskPage(d, "")
	})
}

func (r *reader) readTaskBoard(d *jsonread.Decoder) (*TaskBoard, error) {
	board := new(TaskBoard)
	err := upstream.ReadObject(d, func(d *jsonread.Decoder, key []byte) (err error) {
		status := TaskStatus(key)
		switch status {
		case TaskPlanned:
			board.Planned, err = r.readTasks(d, status)
		case TaskCompleted:
			board.Completed, err = r.readTasks(d, status)
		case TaskOverdue:
			board.Overdue, err = r.readTasks(d, status)
		default:
			return d.Skip()
		}
		return upstream.AtField(string(status), err)
	})
	if err != nil {
		return nil, err
	}
	missing := upstream.Unreadable("required, but missing")
	switch {
	case board.Planned == nil:
		return nil, upstream.AtField(string(TaskPlanned), missing)
	case board.Completed == nil:
		return nil, upstream.AtField(string(TaskCompleted), missing)
	case board.Overdue == nil:
		return nil, upstream.AtField(string(TaskOverdue), missing)
	}
	return board, nil
}

// readTasks is readTaskPage for a list that is only a part of an answer.
func (r *reader) readTasks(d *jsonread.Decoder, asked TaskStatus) ([]*Task, error) {
	tasks, _, err := r.readTaskPage(d, asked)
	return tasks, err
}

// readTaskPage reads a list of tasks, never nil; for asked see readTask.
func (r *reader) readTaskPage(d *jsonread.Decoder, asked TaskStatus) ([]*Task, upstream.Page, error) {
	r.from(d)
	tasks := []*Task{}
	page, err := upstream.ReadList(d, []string{"data"}, func(d *jsonread.Decoder, _ int) error {
		task, err := r.readTask(d, asked)
		if err == nil {
			tasks = append(tasks, task)
		}
		return err
	})
	if err != nil {
		return nil, page, err
	}
	return tasks, page, nil
}

// taskWire is a task in either dialect.
type taskWire struct {
	*reader
	id                slot[int64]
	customerID        slot[int64]
	customerName      slot[string]
	customerValuation slot[int]
	status            slot[TaskStatus]
	kind              slot[TaskType]
	code              slot[int]
	closer            slot[int64]
	reason            slot[string]
	created           slot[time.Time]
	starts            slot[time.Time]
	ends              slot[time.Time]
	comment           slot[string]
	nextContact       slot[time.Time]
	isFirst           slot[bool]
	subStatus         slot[string]
	creator           slot[int64]
	executor          slot[int64]
	isRaw             bool // the raw members that a status follows from were there
}

// taskRecord is a Task and what its pointers point to.
type taskRecord struct {
	Task
	customer          TaskCustomer
	customerName      string
	customerValuation int
	kind              TaskType
	comment           string
	created, starts   time.Time
}

// resultRecord is a TaskResult and what its pointers point to. Most tasks have none.
type resultRecord struct {
	TaskResult
	closer int64
	reason string
}

// rawTaskRecord is a taskRecord with the fields that are only sent in the raw form.
type rawTaskRecord struct {
	taskRecord
	ends, nextContact time.Time
	isFirst           bool
	subStatus         string
	creator, executor int64
}

// readTask reads one task. Where it has no word for its status, it has the status asked
// for, if the CRM was asked for one, and else the one that its result and start mean now.
func (r *reader) readTask(d *jsonread.Decoder, asked TaskStatus) (*Task, error) {
	w := taskWire{reader: r}
	start := r.extra.open()
	if err := r.readMembers(d, w.member); err != nil {
		return nil, err
	}
	if err := w.id.require("id", "a_id"); err != nil {
		return nil, err
	}
	status, err := w.statusOr(asked)
	if err != nil {
		return nil, err
	}
	t := w.newTask()
	t.ID = w.id.value
	t.Status = status
	t.Type = w.kind.pointer(&t.kind)
	t.CreatedAt = w.created.pointer(&t.created)
	t.StartsAt = w.starts.pointer(&t.starts)
	t.Comment = w.comment.pointer(&t.comment)
	if err := w.setCustomer(t); err != nil {
		return nil, err
	}
	w.setResult(t)
	t.Extra = r.takeExtra(start)
	return &t.Task, nil
}

// newTask returns a record with the fields set that only the raw form has. Most tasks come
// without them and take less memory.
func (w *taskWire) newTask() *taskRecord {
	if !w.ends.isSet() && !w.nextContact.isSet() && !w.isFirst.isSet() && !w.subStatus.isSet() && !w.creator.isSet() && !w.executor.isSet() {
		return w.tasks.New()
	}
	t := w.rawTasks.New()
	t.EndsAt = w.ends.pointer(&t.ends)
	t.NextContactAt = w.nextContact.pointer(&t.nextContact)
	t.IsFirstContact = w.isFirst.pointer(&t.isFirst)
	t.SubStatus = w.subStatus.pointer(&t.subStatus)
	t.CreatorID = w.creator.pointer(&t.creator)
	t.ExecutorID = w.executor.pointer(&t.executor)
	return &t.taskRecord
}

func (w *taskWire) statusOr(asked TaskStatus) (TaskStatus, error) {
	switch {
	case w.status.isSet():
		return w.status.value, nil
	case asked != "":
		return asked, nil
	case !w.isRaw:
		return "", w.status.require("status", "status")
	case w.code.isSet():
		return TaskCompleted, nil
	case w.starts.isSet() && w.starts.value.Before(w.now):
		return TaskOverdue, nil
	case w.starts.isSet():
		w.lastUntil(w.starts.value)
		return TaskPlanned, nil
	default:
		return TaskPlanned, nil
	}
}

// lastUntil notes that a planned task will be overdue once its start has passed.
func (r *reader) lastUntil(start time.Time) {
	if left := max(start.Sub(r.now), 1); r.lasts == 0 || left < r.lasts {
		r.lasts = left
	}
}

func (w *taskWire) setCustomer(t *taskRecord) error {
	if !w.customerID.isSet() {
		if w.customerName.isSet() || w.customerValuation.isSet() {
			return upstream.AtField("customer", w.customerID.require("id", "id"))
		}
		return nil
	}
	t.customer = TaskCustomer{
		ID:        w.customerID.value,
		Name:      w.customerName.pointer(&t.customerName),
		Valuation: w.customerValuation.pointer(&t.customerValuation),
	}
	t.Customer = &t.customer
	return nil
}

// setResult makes the result. What came in the raw form with a missing code says nothing of
// a result and is kept as it was sent.
func (w *taskWire) setResult(t *taskRecord) {
	if w.code.isSet() {
		result := w.results.New()
		result.TaskResult = TaskResult{Code: w.code.value, UserID: w.closer.pointer(&result.closer), Reason: w.reason.pointer(&result.reason)}
		t.Result = &result.TaskResult
		return
	}
	if w.closer.from == raw {
		w.extra.key([]byte("act_result_uid"))
		w.extra.Int64(w.closer.value)
	}
	if w.reason.isSet() {
		w.extra.key([]byte("act_result_reason"))
		w.extra.Str(w.reason.value)
	}
}

func (w *taskWire) member(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "id":
		return true, w.id.read(d, resource, readID)
	case "a_id":
		return true, w.id.read(d, raw, readID)
	case "customer":
		return true, w.readNested(d, key, w.customerMember)
	case "client_id":
		return true, w.customerID.read(d, raw, readID)
	case "status":
		return true, w.status.read(d, resource, readTaskStatus)
	case "type":
		return true, w.kind.read(d, resource, readTaskType)
	case "act_type":
		return true, w.kind.read(d, raw, readTaskType)
	case "result":
		if d.Next() == jsonread.Number || d.Next() == jsonread.String {
			return true, w.code.read(d, resource, readInt)
		}
		return true, w.readResult(d, key)
	case "act_result":
		w.isRaw = true
		return true, w.code.read(d, raw, readInt)
	case "act_result_uid":
		return true, w.closer.read(d, raw, readID)
	case "act_result_reason":
		return true, w.reason.read(d, raw, w.readText)
	case "created":
		return true, w.created.read(d, resource, readSeconds)
	case "created_server_unixtime":
		return true, w.created.read(d, raw, readSeconds)
	case "start_date":
		return true, w.starts.read(d, resource, readMillis)
	case "act_start_time":
		w.isRaw = true
		return true, w.starts.read(d, raw, readSeconds)
	case "act_end_time":
		return true, w.ends.read(d, raw, readSeconds)
	case "comment":
		return true, w.comment.read(d, resource, w.texts.ReadText)
	case "act_zametka_text":
		return true, w.comment.read(d, raw, w.texts.ReadText)
	case "next_contact":
		return true, w.nextContact.read(d, raw, readSeconds)
	case "act_is_first_contact":
		return true, w.isFirst.read(d, raw, readFlag)
	case "act_sub_status":
		return true, w.subStatus.read(d, raw, w.readCode)
	case "creator_uid":
		return true, w.creator.read(d, raw, readID)
	case "executor_uid":
		return true, w.executor.read(d, raw, readID)
	case "act_result_unixtime", "act_result_next_etap", "group_id", "act_id":
		return true, w.extra.addUnlessNull(d, key)
	default:
		return false, nil
	}
}

// readResult reads the result of the resource form. Without its code it is none, and is kept
// as it was sent.
func (w *taskWire) readResult(d *jsonread.Decoder, key []byte) error {
	start, before := *d, len(w.extra.Buf)
	err := w.readNested(d, key, w.resultMember)
	if err != nil || w.code.isSet() || w.closer.from != resource {
		return err
	}
	w.extra.Buf = w.extra.Buf[:before]
	again := start // a copy that needs memory of its own, and only here
	return w.extra.add(&again, key)
}

func (w *taskWire) customerMember(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "id":
		return true, w.customerID.read(d, resource, readID)
	case "name":
		return true, w.customerName.read(d, resource, w.texts.ReadText)
	case "valuation":
		return true, w.customerValuation.read(d, resource, readInt)
	default:
		return false, nil
	}
}

func (w *taskWire) resultMember(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "status":
		return true, w.code.read(d, resource, readInt)
	case "id":
		return true, w.closer.read(d, resource, readID)
	default:
		return false, nil
	}
}

func readTaskStatus(d *jsonread.Decoder) (TaskStatus, bool, error) {
	return readWord(d, taskStatusOf, "unknown task status")
}

// taskStatusOf returns the status that word means, "" if none.
func taskStatusOf(word []byte) TaskStatus {
	switch string(word) {
	case "Запланировано", "запланировано":
		return TaskPlanned
	case "Завершено", "завершено":
		return TaskCompleted
	case "Просрочено", "просрочено":
		return TaskOverdue
	default:
		return ""
	}
}

func readTaskType(d *jsonread.Decoder) (TaskType, bool, error) {
	return readWord(d, taskTypeOf, "unknown task type")
}

// taskTypeOf returns the type that word means, "" if none.
func taskTypeOf(word []byte) TaskType {
	switch string(word) {
	case "Звонок", "звонок", "0", "0.0":
		return TaskCall
	case "Встреча", "встреча", "1", "1.0":
		return TaskMeeting
	default:
		return ""
	}
}
