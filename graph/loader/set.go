package loader

import (
	"slices"
	"sync"

	"crmgraph/graph/model"
	"crmgraph/graph/plan"
	"crmgraph/upstream/crew"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

// Set holds the loaders of one operation, or of several of one viewer.
type Set struct {
	proportal ProPortal
	solos     Solos
	crm       *Installation
	crew      *crew.Crew
	queries   queryTable

	planning sync.RWMutex
	plans    []*plan.Plan // of the operations that the loaders are for
	room     [1]*plan.Plan

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
	actionPage       memo[actionsKey, solos.List[*solos.Action]]
	allActions       memo[uint64, []*solos.Action]
	actionByID       memo[uint64, *model.Action]
	checklists       memo[uint64, []*solos.Checklist]
	goods            memo[uint64, []*solos.Good]
	payments         memo[paymentsKey, *Slice[*solos.Payment]]
	paymentPage      memo[paymentsKey, solos.List[*solos.Payment]]
	allPayments      memo[uint64, []*solos.Payment]
}

// New returns the loaders of one operation. A nil CRM is one this gateway runs without:
// whatever needs it fails with upstream.NotConfigured.
//
// The plan of the operation tells what is asked for anyway. In the crew calls are made side by side.
func New(pp ProPortal, so Solos, crm *Installation, planned *plan.Plan, crew *crew.Crew) *Set {
	if pp == nil {
		pp = noProPortal{}
	}
	if so == nil {
		so = noSolos{}
	}
	s := &Set{proportal: pp, solos: so, crm: crm, crew: crew}
	s.plans = append(s.room[:0], planned)
	s.customerRows.number = func(row *proportal.Customer) int64 { return row.ID }
	s.projectRows.number = func(row *solos.Project) uint64 { return row.ID }
	s.groups.bind(s, (*Set).fetchGroups)
	s.groupByID.bind(s, (*Set).fetchGroupsByID)
	s.groupCustomers.bind(s, (*Set).fetchGroupCustomers)
	s.portfolio.bind(s, (*Set).fetchPortfolio)
	s.portfolioPage.bind(s, (*Set).fetchPortfolioPage)
	s.portfolioHead.bind(s, (*Set).fetchPortfolioHead)
	s.portfolioCount.bind(s, (*Set).fetchPortfolioCount)
	s.customerByID.bind(s, (*Set).fetchCustomers)
	s.card.bind(s, (*Set).fetchCard)
	s.taskList.bind(s, (*Set).fetchTaskList)
	s.tasks.bind(s, (*Set).fetchTasks)
	s.taskBoard.bind(s, (*Set).fetchTaskBoard)
	s.taskByID.bind(s, (*Set).fetchTasksByID)
	s.taskInfo.bind(s, (*Set).fetchTaskInfo)
	s.customerTasks.bind(s, (*Set).fetchCustomerTasks)
	s.tasksOf.bind(s, (*Set).fetchTasksOf)
	s.projects.bind(s, (*Set).fetchProjects)
	s.projectPage.bind(s, (*Set).fetchProjectPage)
	s.projectByID.bind(s, (*Set).fetchProject)
	s.customerProjects.bind(s, (*Set).fetchCustomerProjects)
	s.steps.bind(s, (*Set).fetchSteps)
	s.actions.bind(s, (*Set).fetchActions)
	s.actionPage.bind(s, (*Set).fetchActionPage)
	s.allActions.bind(s, (*Set).fetchAllActions)
	s.actionByID.bind(s, (*Set).fetchAction)
	s.checklists.bind(s, (*Set).fetchChecklists)
	s.goods.bind(s, (*Set).fetchGoods)
	s.payments.bind(s, (*Set).fetchPayments)
	s.paymentPage.bind(s, (*Set).fetchPaymentPage)
	s.allPayments.bind(s, (*Set).fetchAllPayments)
	return s
}

// Plan has the loaders serve one more operation, of the same viewer.
func (s *Set) Plan(planned *plan.Plan) {
	s.planning.Lock()
	defer s.planning.Unlock()
	s.plans = append(s.plans, planned)
}

// planned reports whether any of the operations does what is asked of its plan.
func (s *Set) planned(does func(*plan.Plan) bool) bool {
	s.planning.RLock()
	defer s.planning.RUnlock()
	return slices.ContainsFunc(s.plans, does)
}
