package graph

import (
	"context"

	"crmgraph/graph/generated"
	"crmgraph/graph/model"
)

func (r *goodResolver) Project(ctx context.Context, obj *model.Good) (*model.Project, error) {
	return projectOf(ctx, obj.Parent, obj.ProjectID)
}

func (r *Resolver) Good() generated.GoodResolver { return &goodResolver{r} }

type goodResolver struct{ *Resolver }
