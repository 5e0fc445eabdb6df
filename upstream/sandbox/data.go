package sandbox

import (
	"cmp"
	"slices"
	"time"
)

// Data is the data set behind both CRMs, in neither's spelling. It is shared with the
// servers: read it, do not change it.
type Data struct {
	// Managers has ProPortal's data by manager, in the order of Sandbox.ManagerIDs.
	Managers []*Manager
	// Projects has solOS's projects of the whole company, deleted ones too, by id ascending.
	Projects []*Project
}

// Manager is one bank manager with all that ProPortal shows to this manager.
type Manager struct {
	ID int64
	// Marker is a word in the names of this manager's generated groups, customers and
	// projects and in no other manager's.
	Marker string
	// Groups is by id ascending.
	Groups []*Group
	// Customers is in portfolio order: by valuation descending, then id ascending.
	Customers []*Customer
	// Tasks is by creation time descending, then id descending.
	Tasks []*Task
}

// Group is a list of prospects ("spisok").
type Group struct {
	ID          int64
	Name        string
	Description string
	Valuation   int64
	AuthorID    int64
	CreatedAt   time.Time
	EditorID    *int64
	EditedAt    *time.Time
	IsPro       bool
	IsPayroll   bool
	IsVisible   bool
	BusinessID  int64
	// CustomerIDs has the manager's own customers in the group, in portfolio order.
	CustomerIDs []int64
	// ActiveCount and CompleteCount count unprocessed and processed prospects. The groups
	// of the reference's samples also hold prospects of other managers, so that there
	// ActiveCount exceeds the number of CustomerIDs.
	ActiveCount   int64
	CompleteCount int64

	sample bool
}

// Customer is a company in a manager's portfolio.
type Customer struct {
	ID        int64
	Name      string
	Valuation int64
	Industry  *string
	// LastResult and LastContactAt are the last activity; both nil if there was none.
	LastResult    *string
	LastContactAt *time.Time
	// RevenuePeriod is a year, e.g. "2025".
	RevenuePeriod *string
	// RevenueAmount is a decimal in roubles a year.
	RevenueAmount *string
	// GroupIDs has one or two groups, or none where the manager has no groups.
	GroupIDs []int64
	// Tasks is by creation time descending, then id descending.
	Tasks []*Task
	// Processed is true of a customer that has a completed task and no open one: what
	// groups call finished.
	Processed bool
	Card      Card

	sample bool
}

// LastTask returns the task created last (the highest id among equals), or nil.
func (c *Customer) LastTask() *Task {
	if len(c.Tasks) == 0 {
		return nil
	}
	return c.Tasks[0]
}

// TasksOf returns the customer's tasks of one status, newest first.
func (c *Customer) TasksOf(status TaskStatus) []*Task {
	var tasks []*Task
	for _, t := range c.Tasks {
		if t.Status == status {
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// TaskStatus is a task's status, as ProPortal's request parameters spell it.
type TaskStatus string

// The statuses of tasks.
const (
	TaskPlanned   TaskStatus = "planned"
	TaskCompleted TaskStatus = "completed"
	TaskOverdue   TaskStatus = "duedate"
)

// The types of tasks, by ProPortal's numbers.
const (
	TaskCall    int64 = 0
	TaskMeeting int64 = 1
)

// Task is a planned or completed contact with a customer.
type Task struct {
	ID            int64
	CustomerID    int64
	CreatorID     int64
	ExecutorID    int64
	GroupID       int64
	CreatedAt     time.Time
	Type          int64
	StartsAt      time.Time
	EndsAt        *time.Time
	Result        *int64
	ResultUserID  *int64
	ResultAt      *time.Time
	NextStage     *int64
	Reason        *string
	NextContactAt *time.Time
	Comment       *string
	FirstContact  *bool
	SubStatus     *int64
	ActID         *int64
	// Status follows from Result, StartsAt and the sandbox's clock.
	Status TaskStatus

	sample bool
}

// statusAt works the status out as ProPortal does.
func (t *Task) statusAt(now time.Time) TaskStatus {
	switch {
	case t.Result != nil:
		return TaskCompleted
	case t.StartsAt.Before(now):
		return TaskOverdue
	default:
		return TaskPlanned
	}
}

// newestTaskFirst is the order of all task lists.
func newestTaskFirst(a, b *Task) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
}

// portfolioOrder is the order of all customer lists.
func portfolioOrder(a, b *Customer) int {
	return cmp.Or(cmp.Compare(b.Valuation, a.Valuation), cmp.Compare(a.ID, b.ID))
}

// generate makes the data set. Equal options make equal data.
func generate(o Options) *Data {
	ids := newIDs()
	data := &Data{}
	for n := range o.Managers {
		g := newGenerator(o, ids, n)
		data.Managers = append(data.Managers, g.manager())
		data.Projects = append(data.Projects, g.projects()...)
	}
	slices.SortFunc(data.Projects, func(a, b *Project) int { return cmp.Compare(a.ID, b.ID) })
	return data
}
