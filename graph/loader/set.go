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

	customerRows rowTable[int64, *proportal.Customer]
	projectRows  rowTable[uint64, *solos.Project]

	groups         memo[proportal.GroupsOptions, []*model.Group]
	groupByID      relation[int64, *model.Group]
	groupCustomers relation[groupCustomersKey, []*model.Customer]
	portfolio      memo[portfolioKey, *Slice[*model.Customer]]
	portfolioPage  memo[proportal.PortfolioOptions, *proportal.PortfolioPage]
	portfolioHead  memo[struct{}, portfolioHead]
	portfolioCount memo[struct{}, int]
	customerByID   relation[customerKey, *model.Customer]
	card           memo[int64, *proportal.Card]
	taskList       memo[proportal.TaskStatus, []*proportal.Task]
	tasks          memo[proportal.TaskStatus, []*model.Task]
	taskBoard      memo[struct{}, *model.TaskBoard]
	taskByID       relation[int64, *model.Task]
	taskInfo       memo[int64, *proportal.Task]
	customerTasks  relation[customerTasksKey, []*model.Task]
	tasksOf        memo[int64, []*proportal.Task]

	projects         memo[projectsKey, *Slice[*model.Project]]
	projectPage      memo[projectsKey, solos.List[*solos.Project]]
	projectByID      memo[uint64, *model.Project]
	customerProjects relation[customerProjectsKey, *Slice[*model.Project]]
	steps            memo[stepsKey, []*solos.Step]
	actions          memo[actionsKey, *Slice[*solos.Action]]
	allActions       memo[uint64, []*solos.Action]
	actionByID       memo[uint64, *model.Action]
	checklists       memo[uint64, []*solos.Checklist]
	goods            memo[uint64, []*solos.Good]
	payments         memo[paymentsKey, *Slice[*solos.Payment]]
	allPayments      memo[uint64, []*solos.Payment]
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
	s.customerRows.number = func(row *proportal.Customer) int64 { return row.ID }
	s.projectRows.number = func(row *solos.Project) uint64 { return row.ID }
	s.groups.fetch = s.fetchGroups
	s.groupByID.fetch = s.fetchGroupsByID
	s.groupCustomers.fetch = s.fetchGroupCustomers
	s.portfolio.fetch = s.fetchPortfolio
	s.portfolioPage.fetch = s.fetchPortfolioPage
	s.portfolioHead.fetch = s.fetchPortfolioHead
	s.portfolioCount.fetch = s.fetchPortfolioCount
	s.customerByID.fetch = s.fetchCustomers
	s.card.fetch = s.fetchCard
	s.taskList.fetch = pp.ListTasks
	s.tasks.fetch = s.fetchTasks
	s.taskBoard.fetch = s.fetchTaskBoard
	s.taskByID.fetch = s.fetchTasksByID
	s.taskInfo.fetch = s.fetchTaskInfo
	s.customerTasks.fetch = s.fetchCustomerTasks
	s.tasksOf.fetch = s.fetchTasksOf
	s.projects.fetch = s.fetchProjects
	s.projectPage.fetch = s.fetchProjectPage
	s.projectByID.fetch = s.fetchProject
	s.customerProjects.fetch = s.fetchCustomerProjects
	s.steps.fetch = s.fetchSteps
	s.actions.fetch = s.fetchActions
	s.allActions.fetch = s.fetchAllActions
	s.actionByID.fetch = s.fetchAction
	s.checklists.fetch = so.ListChecklists
	s.goods.fetch = so.ListGoods
	s.payments.fetch = s.fetchPayments
	s.allPayments.fetch = s.fetchAllPayments
	return s
}
