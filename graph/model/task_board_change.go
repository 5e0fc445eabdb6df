package model

import (
	"iter"
	"reflect"
	"slices"
	"sync"
	"time"

	"crmgraph/upstream/proportal"
)

// TaskBoardChange is a board, and what has changed of it. It is safe for concurrent use.
type TaskBoardChange struct {
	AsOf *time.Time // nil without a board

	err   error
	board func() *TaskBoard
	diff  func() taskDiff
}

// taskDiff is how the tasks of two boards differ.
type taskDiff struct {
	added, changed []*Task
	removed        []NodeID
}

// NewTaskBoardChange tells somebody who knows before, nil for nothing, of now.
func NewTaskBoardChange(before, now *proportal.TaskBoard, asOf time.Time) *TaskBoardChange {
	asOf = asOf.Truncate(time.Second) // as in all other times: not every client reads fractions
	return &TaskBoardChange{
		AsOf: &asOf,
		// Many share a change, and few of them select all of it.
		board: sync.OnceValue(func() *TaskBoard { return NewTaskBoard(now) }),
		diff:  sync.OnceValue(func() taskDiff { return diffTasks(before, now) }),
	}
}

// NoTaskBoard tells that there is no board, and why.
func NoTaskBoard(err error) *TaskBoardChange {
	return &TaskBoardChange{
		err:   err,
		board: func() *TaskBoard { return nil },
		diff:  func() taskDiff { return diffTasks(nil, nil) },
	}
}

// Board returns the board, or why there is none.
func (c *TaskBoardChange) Board() (*TaskBoard, error) { return c.board(), c.err }

// Added returns the tasks that were not there before.
func (c *TaskBoardChange) Added() []*Task { return c.diff().added }

// Changed returns the tasks that were there before, and are not as they were.
func (c *TaskBoardChange) Changed() []*Task { return c.diff().changed }

// RemovedIDs returns which tasks are there no longer.
func (c *TaskBoardChange) RemovedIDs() []NodeID { return c.diff().removed }

// diffTasks returns what has changed from a board to another; nothing where there is none
// to compare with.
func diffTasks(before, now *proportal.TaskBoard) taskDiff {
	diff := taskDiff{added: []*Task{}, changed: []*Task{}, removed: []NodeID{}}
	if before == nil {
		return diff
	}
	old := map[int64]*proportal.Task{}
	for task := range onBoard(before) {
		old[task.ID] = task
	}
	var added, changed []*proportal.Task
	for task := range onBoard(now) {
		known, ok := old[task.ID]
		delete(old, task.ID)
		switch {
		case !ok:
			added = append(added, task)
		case !reflect.DeepEqual(known, task):
			changed = append(changed, task)
		}
	}
	// They are one level, apart from the board's: what leads on from them leads on from few.
	tasks := NewTasks(append(added, changed...))
	diff.added, diff.changed = tasks[:len(added):len(added)], tasks[len(added):]
	for task := range onBoard(before) {
		if _, gone := old[task.ID]; gone {
			diff.removed = append(diff.removed, NodeID{Type: TaskNode, Number: uint64(task.ID)})
		}
	}
	return diff
}

// onBoard are all tasks of a board, in its order.
func onBoard(board *proportal.TaskBoard) iter.Seq[*proportal.Task] {
	return slices.Values(slices.Concat(board.Planned, board.Completed, board.Overdue))
}
