package graph

import (
	"context"

	"crmgraph/graph/generated"
	"crmgraph/graph/model"
)

func (r *stepResolver) Project(ctx context.Context, obj *model.Step) (*model.Project, error) {
	return projectOf(ctx, obj.Parent, obj.ProjectID)
}

func (r *Resolver) Step() generated.StepResolver { return &stepResolver{r} }

type stepResolver struct{ *Resolver }
