package sandbox

import (
	"fmt"
	"slices"
)

// ChangeTasks has a manager's tasks be what change makes of copies of them, in the order of
// Manager.Tasks. ProPortal answers with them from then on; statuses and customers' last
// activities are derived again, counts of groups are not, and Data stays what it was. It
// fails, and changes nothing, for an unknown manager and for a task of an unknown customer.
func (s *Sandbox) ChangeTasks(managerID int64, change func(tasks []*Task) []*Task) error {
	shown, ok := s.proPortal.managers[managerID]
	if !ok {
		return fmt.Errorf("sandbox: there is no manager %d", managerID)
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	m := *shown.Load().Manager
	tasks := make([]*Task, len(m.Tasks))
	for i, t := range m.Tasks {
		copied := *t
		tasks[i] = &copied
	}
	m.Tasks = slices.Clone(change(tasks))
	slices.SortFunc(m.Tasks, newestTaskFirst)

	customers := map[int64]*Customer{}
	m.Customers = slices.Clone(m.Customers)
	for i, c := range m.Customers {
		copied := *c
		copied.Tasks = nil
		m.Customers[i], customers[c.ID] = &copied, &copied
	}
	for _, t := range m.Tasks {
		c := customers[t.CustomerID]
		if c == nil {
			return fmt.Errorf("sandbox: manager %d has no customer %d", managerID, t.CustomerID)
		}
		t.Status = t.statusAt(s.options.Now)
		c.Tasks = append(c.Tasks, t)
	}
	for _, c := range m.Customers {
		c.deriveFromTasks()
	}
	shown.Store(newPortalManager(&m, s.options.Dialect))
	return nil
}

// comment is ChangeTasks for the comment of the task that was created last.
func (s *Sandbox) comment(managerID int64, text string) error {
	return s.ChangeTasks(managerID, func(tasks []*Task) []*Task {
		if len(tasks) > 0 {
			tasks[0].Comment = &text
		}
		return tasks
	})
}
