package loader

import (
	"crmgraph/graph/model"
	"crmgraph/graph/plan"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

// Set holds the loaders of one operation.
type Set struct {
	proportal ProPortal
	solos     Solos
	crm       *Installation
	queries   queryTable
	plan      *plan.Plan

	customerRows *rowTable[int64, *proportal.Customer]
	projectRows  *rowTable[uint64, *solos.Project]

	groups         *memo[proportal.GroupsOptions, []*model.Group]
	groupByID      *relation[int64, *model.Group]
	groupCustomers *relation[groupCustomersKey, []*model.Customer]
	portfolio      *memo[portfolioKey, *Slice[*model.Customer]]
	portfolioPage  *memo[proportal.PortfolioOptions, *proportal.PortfolioPage]
	portfolioHead  *memo[struct{}, portfolioHead]
	portfolioCount *memo[struct{}, int]
	customerByID   *relation[customerKey, *model.Customer]
	card           *memo[int64, *proportal.Card]
	taskList       *memo[proportal.TaskStatus, []*proportal.Task]
	tasks          *memo[proportal.TaskStatus, []*model.Task]
	taskBoard      *memo[struct{}, *model.TaskBoard]
	taskByID       *relation[int64, *model.Task]
	taskInfo       *memo[int64, *proportal.Task]
	customerTasks  *relation[customerTasksKey, []*model.Task]
	tasksOf        *memo[int64, []*proportal.Task]

	projects         *memo[projectsKey, *Slice[*model.Project]]
	projectPage      *memo[projectsKey, solos.List[*solos.Project]]
	projectByID      *memo[uint64, *model.Project]
	customerProjects *relation[customerProjectsKey, *Slice[*model.Project]]
	steps            *memo[stepsKey, []*solos.Step]
	actions          *memo[actionsKey, *Slice[*solos.Action]]
	allActions       *memo[uint64, []*solos.Action]
	actionByID       *memo[uint64, *model.Action]
	checklists       *memo[uint64, []*solos.Checklist]
	goods            *memo[uint64, []*solos.Good]
	payments         *memo[paymentsKey, *Slice[*solos.Payment]]
	allPayments      *memo[uint64, []*solos.Payment]
}

// New returns the loaders of one operation. A nil CRM is one this gateway runs without:
// whatever needs it fails with upstream.NotConfigured.
//
// The plan of the operation tells what is asked for anyway.
func New(pp ProPortal, so Solos, crm *Installation, planned *plan.Plan) *Set {
	if pp == nil {
		pp = noProPortal{}
	}
	if so == nil {
		so = noSolos{}
	}
	s := &Set{proportal: pp, solos: so, crm: crm, plan: planned}
	s.customerRows = newRowTable(func(row *proportal.Customer) int64 { return row.ID })
	s.projectRows = newRowTable(func(row *solos.Project) uint64 { return row.ID })
	s.groups = single(s.fetchGroups)
	s.groupByID = batched(s.fetchGroupsByID)
	s.groupCustomers = batched(s.fetchGroupCustomers)
	s.portfolio = single(s.fetchPortfolio)
	s.portfolioPage = single(s.fetchPortfolioPage)
	s.portfolioHead = single(s.fetchPortfolioHead)
	s.portfolioCount = single(s.fetchPortfolioCount)
	s.customerByID = batched(s.fetchCustomers)
	s.card = single(s.fetchCard)
	s.taskList = single(pp.ListTasks)
	s.tasks = single(s.fetchTasks)
	s.taskBoard = single(s.fetchTaskBoard)
	s.taskByID = batched(s.fetchTasksByID)
	s.taskInfo = single(s.fetchTaskInfo)
	s.customerTasks = batched(s.fetchCustomerTasks)
	s.tasksOf = single(s.fetchTasksOf)
	s.projects = single(s.fetchProjects)
	s.projectPage = single(s.fetchProjectPage)
	s.projectByID = single(s.fetchProject)
	s.customerProjects = batched(s.fetchCustomerProjects)
	s.steps = single(s.fetchSteps)
	s.actions = single(s.fetchActions)
	s.allActions = single(s.fetchAllActions)
	s.actionByID = single(s.fetchAction)
	s.checklists = single(so.ListChecklists)
	s.goods = single(so.ListGoods)
	s.payments = single(s.fetchPayments)
	s.allPayments = single(s.fetchAllPayments)
	return s
}
