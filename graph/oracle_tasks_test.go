package graph_test

import (
	"cmp"
	"slices"
	"time"

	"crmgraph/upstream/sandbox"
)

func taskStatus(t *sandbox.Task) string {
	switch t.Status {
	case sandbox.TaskPlanned:
		return "PLANNED"
	case sandbox.TaskCompleted:
		return "COMPLETED"
	case sandbox.TaskOverdue:
		return "OVERDUE"
	default:
		panic("a task without a status")
	}
}

// newestTask is the one made last, the highest number among equals.
func newestTask(tasks []*sandbox.Task) *sandbox.Task {
	var newest *sandbox.Task
	for _, t := range tasks {
		if newest == nil || cmp.Or(t.CreatedAt.Compare(newest.CreatedAt), cmp.Compare(t.ID, newest.ID)) > 0 {
			newest = t
		}
	}
	return newest
}

// tasks is a page of tasks, latest start first.
func (o *oracle) tasks(r request, of []*sandbox.Task, full bool) any {
	sorted := slices.SortedFunc(slices.Values(of), func(a, b *sandbox.Task) int {
		return cmp.Or(b.StartsAt.Compare(a.StartsAt), cmp.Compare(b.ID, a.ID))
	})
	list := []*object{}
	for _, t := range sorted {
		if status := r.args["status"]; status == nil || status == taskStatus(t) {
			list = append(list, o.task(t, full))
		}
	}
	return connection("Task", list, r, told)
}

func (o *oracle) taskByID(number uint64) *object {
	for _, t := range o.manager.Tasks {
		if t.ID == int64(number) {
			return o.task(t, o.raw)
		}
	}
	return nil
}

// taskBoard has the tasks newest first, as the CRM lists them, ten of the completed ones.
func (o *oracle) taskBoard() any {
	lists := map[string][]*object{"PLANNED": {}, "COMPLETED": {}, "OVERDUE": {}}
	for _, t := range o.manager.Tasks {
		status := taskStatus(t)
		if status != "COMPLETED" || len(lists[status]) < 10 {
			lists[status] = append(lists[status], o.task(t, false))
		}
	}
	return &object{"TaskBoard", map[string]any{
		"planned": lists["PLANNED"], "completed": lists["COMPLETED"], "overdue": lists["OVERDUE"],
	}}
}

// task knows the fields that only some installations tell where full is true.
func (o *oracle) task(t *sandbox.Task, full bool) *object {
	var result *object
	if t.Result != nil {
		result = &object{"TaskResult", map[string]any{"code": *t.Result, "userId": optionalID(t.ResultUserID), "reason": nil}}
		if full {
			result.fields["reason"] = t.Reason
		}
	}
	kind := "CALL"
	if t.Type == sandbox.TaskMeeting {
		kind = "MEETING"
	}
	out := &object{"Task", map[string]any{
		"id": nodeID("Task", t.ID), "databaseId": id(t.ID),
		"status": taskStatus(t), "type": kind, "result": result,
		"createdAt": t.CreatedAt, "startsAt": t.StartsAt, "comment": t.Comment,
		"endsAt": nil, "nextContactAt": nil, "isFirstContact": nil, "subStatus": nil, "creatorId": nil, "executorId": nil, "extra": nil,
		"customer": to(func() any { return o.customerByID(uint64(t.CustomerID)) }),
	}}
	if !full {
		return out
	}
	return out.with(map[string]any{
		"endsAt": t.EndsAt, "nextContactAt": t.NextContactAt, "isFirstContact": t.FirstContact,
		"subStatus": optionalID(t.SubStatus), "creatorId": id(t.CreatorID), "executorId": id(t.ExecutorID),
		"extra": taskExtra(t),
	})
}

// taskExtra is what a raw task holds beyond the schema, in the order and with the numbers
// of the reference's own samples; other raw tasks spell numbers as they like.
func taskExtra(t *sandbox.Task) any {
	extra := record{}
	if t.ResultAt != nil {
		extra = append(extra, member{"act_result_unixtime", t.ResultAt.Unix()})
	}
	if t.NextStage != nil {
		extra = append(extra, member{"act_result_next_etap", *t.NextStage})
	}
	extra = append(extra, member{"group_id", t.GroupID})
	if t.ActID != nil {
		extra = append(extra, member{"act_id", *t.ActID})
	}
	return extra
}

// entry is an item of a timeline with what it is sorted by.
type entry struct {
	at     time.Time
	source int
	number uint64
	item   *object
}

// timeline is a customer's history, newest first. At the same instant tasks come before
// actions and these before payments, and each of them by number, highest first.
func (o *oracle) timeline(r request, c *sandbox.Customer, full bool) any {
	var entries []entry
	for _, t := range c.Tasks {
		entries = append(entries, entry{t.StartsAt, 0, uint64(t.ID), o.task(t, full)})
	}
	for _, p := range o.data.Projects {
		if p.Deleted || p.CustomerID == nil || *p.CustomerID != c.ID {
			continue
		}
		for _, a := range p.Actions {
			entries = append(entries, entry{a.Date, 1, a.ID, o.action(p, a)})
		}
		for _, payment := range p.Payments {
			entries = append(entries, entry{payment.Date, 2, payment.ID, o.payment(p, payment)})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.source, b.source), cmp.Compare(b.number, a.number))
	})
	items := []*object{}
	for _, entry := range entries {
		items = append(items, entry.item)
	}
	return connection("Timeline", items, r, told).with(map[string]any{"missing": []string{}})
}
