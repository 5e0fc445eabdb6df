package model

import (
	"cmp"
	"slices"
	"time"

	"crmgraph/upstream/proportal"
)

// Task is a planned or finished contact.
type Task struct {
	*proportal.Task
	Level *Level
}

// NewTasks makes the tasks of one level, in the order given.
func NewTasks(tasks []*proportal.Task) []*Task {
	customers := make([]int64, 0, len(tasks))
	for _, task := range tasks {
		if task.Customer != nil {
			customers = append(customers, task.Customer.ID)
		}
	}
	level := &Level{Customers: Distinct(customers)}
	out := make([]*Task, len(tasks))
	all := make([]Task, len(tasks))
	for i, task := range tasks {
		all[i] = Task{Task: task, Level: level}
		out[i] = &all[i]
	}
	return out
}

// SortTasks puts the latest start first, tasks without any date last, and among equals
// the highest number first.
func SortTasks(tasks []*Task) {
	slices.SortFunc(tasks, func(a, b *Task) int {
		return cmp.Or(CompareNewest(a.At(), b.At()), cmp.Compare(b.Task.ID, a.Task.ID))
	})
}

// CompareNewest orders instants newest first and nil last.
func CompareNewest(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	default:
		return b.Compare(*a)
	}
}

// At is when the task takes place: its start, else its making; nil when neither is known.
func (t *Task) At() *time.Time {
	if t.StartsAt != nil {
		return t.StartsAt
	}
	return t.CreatedAt
}

// IsNode marks Task as a Node of the schema.
func (*Task) IsNode() {}

// IsTimelineItem marks Task as a TimelineItem of the schema.
func (*Task) IsTimelineItem() {}

// ID returns the opaque node id.
func (t *Task) ID() NodeID { return NodeID{Type: TaskNode, Number: uint64(t.Task.ID)} }

// DatabaseID returns the CRM's number.
func (t *Task) DatabaseID() int64 { return t.Task.ID }

// TaskBoard is the CRM's overview of a manager's tasks.
type TaskBoard struct {
	Planned   []*Task
	Completed []*Task
	Overdue   []*Task
}

// NewTaskBoard makes the tasks of a board, all on one level and in the CRM's order.
func NewTaskBoard(board *proportal.TaskBoard) *TaskBoard {
	tasks := NewTasks(slices.Concat(board.Planned, board.Completed, board.Overdue))
	planned, completed := len(board.Planned), len(board.Planned)+len(board.Completed)
	return &TaskBoard{Planned: tasks[:planned], Completed: tasks[planned:completed], Overdue: tasks[completed:]}
}
