package sandbox

// portalManager has one manager's data ready to be sent: every object encoded once, every
// list put together once. The clock stands still, so that nothing of it ever changes;
// ChangeTasks makes another.
type portalManager struct {
	*Manager

	groupByID    map[int64]*Group
	customerByID map[int64]*Customer
	taskByID     map[int64]*Task

	// items has the customers as portfolio items of the dialect.
	items map[*Customer][]byte
	// rawTasks and taskResources have the tasks in both forms.
	rawTasks      map[*Task][]byte
	taskResources map[*Task][]byte

	customersByTask map[TaskStatus][]*Customer
	customersOf     map[int64][]*Customer
	taskLists       map[TaskStatus][]byte
	board           []byte
}

// boardCompleted is how many completed tasks the board shows, the newest.
const boardCompleted = 10

func newPortalManager(m *Manager, dialect Dialect) *portalManager {
	p := &portalManager{
		Manager:         m,
		groupByID:       map[int64]*Group{},
		customerByID:    map[int64]*Customer{},
		taskByID:        map[int64]*Task{},
		items:           map[*Customer][]byte{},
		rawTasks:        map[*Task][]byte{},
		taskResources:   map[*Task][]byte{},
		customersByTask: map[TaskStatus][]*Customer{},
		customersOf:     map[int64][]*Customer{},
		taskLists:       map[TaskStatus][]byte{},
	}
	for _, group := range m.Groups {
		p.groupByID[group.ID] = group
	}
	for _, c := range m.Customers {
		p.customerByID[c.ID] = c
	}
	lists := map[TaskStatus][][]byte{}
	for _, t := range m.Tasks {
		p.taskByID[t.ID] = t
		p.rawTasks[t] = t.raw()
		p.taskResources[t] = t.resource(p.customerByID[t.CustomerID], dialect)
		lists[t.Status] = append(lists[t.Status], p.taskResources[t])
	}
	for _, c := range m.Customers {
		p.addCustomer(c, dialect)
	}
	for _, status := range []TaskStatus{TaskPlanned, TaskCompleted, TaskOverdue} {
		p.taskLists[status] = join(lists[status])
	}
	completed := lists[TaskCompleted]
	p.board = wrap(string(TaskPlanned), p.taskLists[TaskPlanned], boardRest{
		Completed: join(completed[:min(boardCompleted, len(completed))]),
		Duedate:   p.taskLists[TaskOverdue],
	})
	return p
}

func (p *portalManager) addCustomer(c *Customer, dialect Dialect) {
	if dialect == DialectResource {
		p.items[c] = c.resource(p.taskResources[c.LastTask()])
	} else {
		p.items[c] = c.raw()
	}
	for _, status := range []TaskStatus{TaskPlanned, TaskCompleted, TaskOverdue} {
		if len(c.TasksOf(status)) > 0 {
			p.customersByTask[status] = append(p.customersByTask[status], c)
		}
	}
	for _, id := range c.GroupIDs {
		p.customersOf[id] = append(p.customersOf[id], c)
	}
}
