package graph

import (
	"context"

	"crmgraph/graph/generated"
	"crmgraph/graph/loader"
	"crmgraph/graph/model"
)

func (r *actionResolver) Project(ctx context.Context, obj *model.Action) (*model.Project, error) {
	if obj.Parent == nil && obj.ProjectID == nil {
		return nil, nil
	}
	return projectOf(ctx, obj.Parent, value(obj.ProjectID))
}

func (r *queryResolver) Action(ctx context.Context, id string) (*model.Action, error) {
	number, err := model.ParseID(model.ActionNode, id)
	if err != nil {
		return nil, err
	}
	return orNull(loader.For(ctx).Action(ctx, number))
}

func (r *Resolver) Action() generated.ActionResolver { return &actionResolver{r} }

type actionResolver struct{ *Resolver }
