package loader

import (
	"context"
	"errors"
	"slices"

	"crmgraph/graph/model"
	"crmgraph/graph/plan"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
)

type customerTasksKey struct {
	customer int64
	status   proportal.TaskStatus
}

// CustomerTasks returns the viewer's tasks with a customer, the latest start first; an
// empty status means all of them. The tasks of all customers of its level are one level.
func (s *Set) CustomerTasks(ctx context.Context, customer *model.Customer, status proportal.TaskStatus) ([]*model.Task, error) {
	key := func(number int64) customerTasksKey { return customerTasksKey{customer: number, status: status} }
	return s.customerTasks.load(ctx, key(customer.Number), keysOf(customer.Level.Customers, key))
}

// fetchCustomerTasks asks for each customer's tasks, or, where that is fewer calls for all that
// is wanted of these customers, for the lists by status and sorts out whose is whose. All keys
// have the same status: they are of one level and one field.
func (s *Set) fetchCustomerTasks(ctx context.Context, keys []customerTasksKey) []*result[[]*model.Task] {
	lists := make([][]*proportal.Task, len(keys))
	errs := make([]error, len(keys))
	status := keys[0].status
	listed := s.areShared(statuses(status)) || s.ownTasksOf(keys) > s.listsFor(keys)
	if !listed {
		s.SideBySide(ctx, len(keys), func(ctx context.Context, i int) {
			var tasks []*proportal.Task
			tasks, errs[i] = s.tasksOf.load(ctx, keys[i].customer)
			lists[i] = ofStatus(tasks, status)
		})
		for i, err := range errs {
			switch {
			case s.crm.customerTasks.mayBeMissing(err):
				listed = true
			case errors.Is(err, upstream.NotFound): // not the viewer's customer: there are no tasks
				errs[i] = nil
			}
		}
	}
	if listed {
		byCustomer, err := s.tasksByCustomer(ctx, status)
		for i, key := range keys {
			lists[i], errs[i] = byCustomer[key.customer], err
		}
	}
	results := make([]*result[[]*model.Task], len(keys))
	for i, tasks := range onOneLevel(lists, model.NewTasks) {
		model.SortTasks(tasks)
		results[i] = &result[[]*model.Task]{Data: tasks, Error: errs[i]}
	}
	return results
}

// keepTasks files the tasks of a status that came along with the rows of customers, so
// that asking for them costs nothing more. Rows listed for such tasks without any tell
// that this installation sends none along.
func (s *Set) keepTasks(ctx context.Context, customers []*model.Customer, status proportal.TaskStatus) {
	lists := make([][]*proportal.Task, len(customers))
	for i, customer := range customers {
		if lists[i] = ofStatus(customer.Row.Tasks, status); len(lists[i]) == 0 {
			return
		}
	}
	for i, tasks := range onOneLevel(lists, model.NewTasks) {
		model.SortTasks(tasks)
		s.customerTasks.keep(ctx, customerTasksKey{customer: customers[i].Number, status: status}, tasks)
	}
}

func ofStatus(tasks []*proportal.Task, status proportal.TaskStatus) []*proportal.Task {
	if status == "" {
		return tasks
	}
	var out []*proportal.Task
	for _, task := range tasks {
		if task.Status == status {
			out = append(out, task)
		}
	}
	return out
}

func (s *Set) tasksByCustomer(ctx context.Context, status proportal.TaskStatus) (map[int64][]*proportal.Task, error) {
	lists, err := s.taskList.loadAll(ctx, statuses(status))
	if err != nil {
		return nil, err
	}
	counts, total := map[int64]int{}, 0
	for _, list := range lists {
		for _, task := range list {
			if task.Customer != nil {
				counts[task.Customer.ID]++
				total++
			}
		}
	}
	byCustomer := make(map[int64][]*proportal.Task, len(counts))
	room := make([]*proportal.Task, total)
	for customer, n := range counts {
		byCustomer[customer], room = room[:0:n], room[n:]
	}
	for _, list := range lists {
		for _, task := range list {
			if task.Customer != nil {
				byCustomer[task.Customer.ID] = append(byCustomer[task.Customer.ID], task)
			}
		}
	}
	return byCustomer, nil
}

func (s *Set) fetchTasksOf(ctx context.Context, customer int64) ([]*proportal.Task, error) {
	tasks, err := s.proportal.ListCustomerTasks(ctx, customer)
	s.crm.customerTasks.saw(err)
	return tasks, err
}

// ownTasksOf returns of how many customers the own tasks were not asked for yet.
func (s *Set) ownTasksOf(keys []customerTasksKey) int {
	missing := 0
	for _, key := range keys {
		if !s.tasksOf.has(key.customer) {
			missing++
		}
	}
	return missing
}

// listsFor returns how many lists, that nobody has asked for and no other path brings, hold what is wanted of the customers
// of keys: tasks of other statuses, too, which a customer's own tasks would tell as well.
func (s *Set) listsFor(keys []customerTasksKey) int {
	status, wanted := keys[0].status, statuses("")
	s.planned(func(p *plan.Plan) bool {
		beside := p.TasksBeside(status)
		isWhole := status == "" || beside.Last && !s.tellLastTask(keys)
		if n := len(beside.Statuses); !isWhole && 0 < n && n < len(wanted) {
			wanted = beside.Statuses
		}
		return false
	})
	missing := 0
	for _, list := range wanted {
		if !s.taskList.has(list) && !s.areShared([]proportal.TaskStatus{list}) {
			missing++
		}
	}
	return missing
}

// tellLastTask reports whether the customers' rows tell their last tasks.
func (s *Set) tellLastTask(keys []customerTasksKey) bool {
	return !slices.ContainsFunc(keys, func(key customerTasksKey) bool {
		row, ok := s.customerRows.get(key.customer)
		return !ok || !row.HasLastTask
	})
}

// areShared reports whether other paths bring all of some lists.
func (s *Set) areShared(lists []proportal.TaskStatus) bool {
	for _, list := range lists {
		if !s.planned(func(p *plan.Plan) bool { return slices.Contains(p.SharedTaskLists(), list) }) {
			return false
		}
	}
	return true
}
