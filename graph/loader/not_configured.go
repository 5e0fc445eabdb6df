package loader

import (
	"context"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

func notConfigured(call upstream.Call) error {
	return &upstream.Error{Call: call, Kind: upstream.NotConfigured}
}

// noProPortal stands in for ProPortal in a gateway that runs without it.
type noProPortal struct{}

func (noProPortal) ListGroups(context.Context, proportal.GroupsOptions) ([]*proportal.Group, error) {
	return nil, notConfigured(proportal.ListGroupsCall)
}

func (noProPortal) GetGroup(context.Context, int64) (*proportal.Group, error) {
	return nil, notConfigured(proportal.GetGroupCall)
}

func (noProPortal) ListGroupCustomers(context.Context, int64, proportal.TaskStatus) ([]*proportal.Customer, error) {
	return nil, notConfigured(proportal.ListGroupCustomersCall)
}

func (noProPortal) ListPortfolio(context.Context, proportal.PortfolioOptions) (*proportal.PortfolioPage, error) {
	return nil, notConfigured(proportal.ListPortfolioCall)
}

func (noProPortal) CountPortfolio(context.Context) (int, error) {
	return 0, notConfigured(proportal.CountPortfolioCall)
}

func (noProPortal) ListTasks(context.Context, proportal.TaskStatus) ([]*proportal.Task, error) {
	return nil, notConfigured(proportal.ListTasksCall)
}

func (noProPortal) GetTaskBoard(context.Context) (*proportal.TaskBoard, error) {
	return nil, notConfigured(proportal.GetTaskBoardCall)
}

func (noProPortal) GetTask(context.Context, int64) (*proportal.Task, error) {
	return nil, notConfigured(proportal.GetTaskCall)
}

func (noProPortal) ListCustomerTasks(context.Context, int64) ([]*proportal.Task, error) {
	return nil, notConfigured(proportal.ListCustomerTasksCall)
}

func (noProPortal) GetCustomer(context.Context, int64) (*proportal.Card, error) {
	return nil, notConfigured(proportal.GetCustomerCall)
}

// noSolos stands in for solOS in a gateway that runs without it.
type noSolos struct{}

func (noSolos) ListProjects(context.Context, solos.ProjectsOptions) (solos.List[*solos.Project], error) {
	return solos.List[*solos.Project]{}, notConfigured(solos.ListProjectsCall)
}

func (noSolos) FilterProjects(context.Context, solos.ProjectFilter, solos.ProjectsOptions) (solos.List[*solos.Project], error) {
	return solos.List[*solos.Project]{}, notConfigured(solos.FilterProjectsCall)
}

func (noSolos) GetProject(context.Context, uint64) (*solos.Project, error) {
	return nil, notConfigured(solos.GetProjectCall)
}

func (noSolos) ListSteps(context.Context, uint64, solos.StepsOptions) ([]*solos.Step, error) {
	return nil, notConfigured(solos.ListStepsCall)
}

func (noSolos) ListActions(context.Context, uint64, solos.ActionsOptions) (solos.List[*solos.Action], error) {
	return solos.List[*solos.Action]{}, notConfigured(solos.ListActionsCall)
}

func (noSolos) GetAction(context.Context, uint64) (*solos.Action, error) {
	return nil, notConfigured(solos.GetActionCall)
}

func (noSolos) ListChecklists(context.Context, uint64) ([]*solos.Checklist, error) {
	return nil, notConfigured(solos.ListChecklistsCall)
}

func (noSolos) ListGoods(context.Context, uint64) ([]*solos.Good, error) {
	return nil, notConfigured(solos.ListGoodsCall)
}

func (noSolos) ListPayments(context.Context, uint64, solos.PaymentsOptions) (solos.List[*solos.Payment], error) {
	return solos.List[*solos.Payment]{}, notConfigured(solos.ListPaymentsCall)
}
