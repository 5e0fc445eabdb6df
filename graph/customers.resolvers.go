package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"crmgraph/graph/generated"
	"crmgraph/graph/loader"
	"crmgraph/graph/model"
	"crmgraph/upstream/proportal"
)

func (r *customerResolver) LastTask(ctx context.Context, obj *model.Customer) (*model.Task, error) {
	return lastTask(ctx, obj)
}

func (r *customerResolver) Tasks(ctx context.Context, obj *model.Customer, status *proportal.TaskStatus, first int, after *string) (*model.TaskConnection, error) {
	w, err := windowOf(first, after, model.NewScope("Customer.tasks", uint64(obj.Number), value(status)))
	if err != nil {
		return nil, err
	}
	tasks, err := loader.For(ctx).CustomerTasks(ctx, obj, value(status))
	if err != nil {
		return nil, err
	}
	nodes, page := cut(tasks, w)
	return &model.TaskConnection{Page: page, Nodes: nodes}, nil
}

func (r *customerResolver) Card(ctx context.Context, obj *model.Customer) (*proportal.Card, error) {
	return loader.For(ctx).Card(ctx, obj)
}

func (r *customerResolver) Projects(ctx context.Context, obj *model.Customer, filter *model.ProjectFilter, orderBy *model.ProjectOrder, deleted bool, first int, after *string) (*model.ProjectConnection, error) {
	query, err := projectQuery(filter, orderBy, deleted)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(first, after, model.NewScope("Customer.projects", uint64(obj.Number), &query))
	if err != nil {
		return nil, err
	}
	slice, err := loader.For(ctx).CustomerProjects(ctx, obj, query, w.offset, w.limit)
	if err != nil {
		return nil, err
	}
	if slice.Fault != nil {
		graphql.AddError(ctx, slice.Fault)
	}
	return &model.ProjectConnection{Page: pageOf(slice, w), Nodes: slice.Items}, nil
}

func (r *customerResolver) Timeline(ctx context.Context, obj *model.Customer, first int, after *string) (*model.TimelineConnection, error) {
	return timeline(ctx, obj, first, after)
}

func (r *queryResolver) Portfolio(ctx context.Context, tasks *proportal.TaskStatus, first int, after *string) (*model.CustomerConnection, error) {
	return portfolio(ctx, value(tasks), first, after)
}

func (r *queryResolver) Customer(ctx context.Context, id string) (*model.Customer, error) {
	number, err := model.ParseID(model.CustomerNode, id)
	if err != nil {
		return nil, err
	}
	need := customerNeed(ctx).need | loader.NeedBasics
	return orNull(loader.For(ctx).Customer(ctx, int64(number), need, nil))
}

func (r *Resolver) Customer() generated.CustomerResolver { return &customerResolver{r} }

type customerResolver struct{ *Resolver }
