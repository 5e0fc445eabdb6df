package loader

import (
	"context"
	"slices"

	"crmgraph/graph/model"
	"crmgraph/upstream/proportal"
)

// Task returns one of the viewer's tasks; level holds the tasks asked for beside it. It
// fails with upstream.NotFound where the viewer has no such task.
func (s *Set) Task(ctx context.Context, id int64, level []int64) (*model.Task, error) {
	return s.taskByID.load(ctx, id, numbers(level))
}

func (s *Set) fetchTasksByID(ctx context.Context, ids []int64) []*result[*model.Task] {
	found := s.findTasks(ctx, ids)
	lists := make([][]*proportal.Task, len(ids))
	for i := range found {
		if found[i].Error == nil {
			lists[i] = []*proportal.Task{found[i].Data}
		}
	}
	results := make([]*result[*model.Task], len(ids))
	for i, tasks := range onOneLevel(lists, model.NewTasks) {
		results[i] = &result[*model.Task]{Error: found[i].Error}
		if len(tasks) == 1 {
			results[i].Data = tasks[0]
		}
	}
	return results
}

// findTasks looks for more than three tasks in the three lists that hold them all, and
// for fewer, or what the lists do not have, one by one. The lists also serve where the
// endpoint of a single task may be missing.
func (s *Set) findTasks(ctx context.Context, ids []int64) []*result[*proportal.Task] {
	all := statuses("")
	listed := map[int64]*proportal.Task{}
	useLists := len(ids) > len(all)
	if useLists {
		if err := s.listTasks(ctx, listed); err != nil {
			return failAll[*proportal.Task](len(ids), err)
		}
	}
	results := make([]*result[*proportal.Task], len(ids))
	s.SideBySide(ctx, len(ids), func(ctx context.Context, i int) {
		task, ok := listed[ids[i]]
		var err error
		if !ok {
			task, err = s.taskInfo.load(ctx, ids[i])
		}
		results[i] = &result[*proportal.Task]{Data: task, Error: err}
	})
	lost := func(r *result[*proportal.Task]) bool { return s.crm.tasks.mayBeMissing(r.Error) }
	if useLists || !slices.ContainsFunc(results, lost) {
		return results
	}
	if err := s.listTasks(ctx, listed); err != nil {
		return failAll[*proportal.Task](len(ids), err)
	}
	for i, id := range ids {
		if task, ok := listed[id]; ok && results[i].Error != nil {
			results[i] = &result[*proportal.Task]{Data: task}
		}
	}
	return results
}

func (s *Set) listTasks(ctx context.Context, into map[int64]*proportal.Task) error {
	lists, err := s.taskList.loadAll(ctx, statuses(""))
	for _, list := range lists {
		for _, task := range list {
			into[task.ID] = task
		}
	}
	return err
}

func (s *Set) fetchTaskInfo(ctx context.Context, id int64) (*proportal.Task, error) {
	task, err := s.proportal.GetTask(ctx, id)
	s.crm.tasks.saw(err)
	return task, err
}
