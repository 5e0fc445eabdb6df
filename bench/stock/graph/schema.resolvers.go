package graph

import (
	"context"

	"crmgraph/bench/stock/graph/model"
	"crmgraph/bench/stock/loaders"
)

// Tasks is the resolver for the tasks field.
func (r *customerResolver) Tasks(ctx context.Context, obj *model.Customer, first int32) (*model.TaskConnection, error) {
	tasks, err := loaders.For(ctx).Tasks.Load(ctx, obj.Number)()
	return &model.TaskConnection{Nodes: page(tasks, first)}, err
}

// Projects is the resolver for the projects field.
func (r *customerResolver) Projects(ctx context.Context, obj *model.Customer, first int32) (*model.ProjectConnection, error) {
	projects, err := loaders.For(ctx).Projects.Load(ctx, obj.Number)()
	return &model.ProjectConnection{Nodes: page(projects, first)}, err
}

// Steps is the resolver for the steps field.
func (r *projectResolver) Steps(ctx context.Context, obj *model.Project) ([]*model.Step, error) {
	return loaders.For(ctx).Steps.Load(ctx, obj.Number)()
}

// Actions is the resolver for the actions field.
func (r *projectResolver) Actions(ctx context.Context, obj *model.Project, first int32) (*model.ActionConnection, error) {
	actions, err := r.Client.Actions(ctx, obj.Number, int(first))
	return &model.ActionConnection{Nodes: actions}, err
}

// Payments is the resolver for the payments field.
func (r *projectResolver) Payments(ctx context.Context, obj *model.Project, first int32) (*model.PaymentConnection, error) {
	payments, err := loaders.For(ctx).Payments.Load(ctx, loaders.Page{Project: obj.Number, First: int(first)})()
	return &model.PaymentConnection{Nodes: payments}, err
}

// Goods is the resolver for the goods field.
func (r *projectResolver) Goods(ctx context.Context, obj *model.Project) ([]*model.Good, error) {
	return r.Client.Goods(ctx, obj.Number)
}

// Checklists is the resolver for the checklists field.
func (r *projectResolver) Checklists(ctx context.Context, obj *model.Project) ([]*model.Checklist, error) {
	return r.Client.Checklists(ctx, obj.Number)
}

// Portfolio is the resolver for the portfolio field.
func (r *queryResolver) Portfolio(ctx context.Context, first int32) (*model.CustomerConnection, error) {
	customers, total, err := r.Client.Portfolio(ctx, int(first))
	return &model.CustomerConnection{Nodes: customers, TotalCount: &total}, err
}

// Projects is the resolver for the projects field.
func (r *queryResolver) Projects(ctx context.Context, first int32) (*model.ProjectConnection, error) {
	projects, err := r.Client.Projects(ctx, int(first))
	return &model.ProjectConnection{Nodes: projects}, err
}

// Project is the resolver for the project field.
func (r *queryResolver) Project(ctx context.Context, id string) (*model.Project, error) {
	return r.Client.Project(ctx, id)
}

func (r *Resolver) Customer() CustomerResolver { return &customerResolver{r} }

func (r *Resolver) Project() ProjectResolver { return &projectResolver{r} }

func (r *Resolver) Query() QueryResolver { return &queryResolver{r} }

type (
	customerResolver struct{ *Resolver }
	projectResolver  struct{ *Resolver }
	queryResolver    struct{ *Resolver }
)
