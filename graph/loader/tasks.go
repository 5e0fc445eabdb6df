package loader

import (
	"context"
	"slices"

	"crmgraph/graph/model"
	"crmgraph/upstream/proportal"
)

// statuses returns the lists that hold the tasks of a status; empty means any.
func statuses(status proportal.TaskStatus) []proportal.TaskStatus {
	if status != "" {
		return []proportal.TaskStatus{status}
	}
	return []proportal.TaskStatus{proportal.TaskPlanned, proportal.TaskOverdue, proportal.TaskCompleted}
}

// Tasks returns the viewer's tasks of a status, or all of them when it is empty: three
// lists then, because the CRM's list of all cuts off completed tasks.
func (s *Set) Tasks(ctx context.Context, status proportal.TaskStatus) ([]*model.Task, error) {
	return s.tasks.load(ctx, status)
}

func (s *Set) fetchTasks(ctx context.Context, status proportal.TaskStatus) ([]*model.Task, error) {
	lists, err := s.taskList.loadAll(ctx, statuses(status))
	if err != nil {
		return nil, err
	}
	tasks := model.NewTasks(slices.Concat(lists...))
	model.SortTasks(tasks)
	return tasks, nil
}

func (s *Set) fetchTaskList(ctx context.Context, status proportal.TaskStatus) ([]*proportal.Task, error) {
	return s.proportal.ListTasks(ctx, status)
}

// TaskBoard returns the CRM's own overview of the viewer's tasks.
func (s *Set) TaskBoard(ctx context.Context) (*model.TaskBoard, error) {
	return s.taskBoard.load(ctx, struct{}{})
}

func (s *Set) fetchTaskBoard(ctx context.Context, _ struct{}) (*model.TaskBoard, error) {
	board, err := s.proportal.GetTaskBoard(ctx)
	if err != nil {
		return nil, err
	}
	return model.NewTaskBoard(board), nil
}
