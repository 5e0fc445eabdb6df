package graph

import (
	"context"

	"crmgraph/graph/generated"
	"crmgraph/graph/loader"
	"crmgraph/graph/model"
	"crmgraph/upstream/proportal"
)

func (r *groupResolver) Customers(ctx context.Context, obj *model.Group, status *proportal.TaskStatus, first int, after *string) (*model.CustomerConnection, error) {
	w, err := windowOf(first, after, model.NewScope("Group.customers", uint64(obj.Group.ID), value(status)))
	if err != nil {
		return nil, err
	}
	customers, err := loader.For(ctx).GroupCustomers(ctx, obj, value(status))
	if err != nil {
		return nil, err
	}
	nodes, page := cut(customers, w)
	return &model.CustomerConnection{Page: page, Nodes: nodes}, nil
}

func (r *queryResolver) Groups(ctx context.Context, status proportal.GroupStatus, count proportal.GroupStatus) ([]*model.Group, error) {
	return loader.For(ctx).Groups(ctx, groupsOptions(status, count))
}

func (r *queryResolver) Group(ctx context.Context, id string) (*model.Group, error) {
	number, err := model.ParseID(model.GroupNode, id)
	if err != nil {
		return nil, err
	}
	return orNull(loader.For(ctx).Group(ctx, int64(number), nil))
}

func (r *Resolver) Group() generated.GroupResolver { return &groupResolver{r} }

type groupResolver struct{ *Resolver }
