package graph

import (
	"context"

	"crmgraph/graph/generated"
	"crmgraph/graph/model"
)

func (r *checklistResolver) Project(ctx context.Context, obj *model.Checklist) (*model.Project, error) {
	return projectOf(ctx, obj.Parent, obj.ProjectID)
}

func (r *Resolver) Checklist() generated.ChecklistResolver { return &checklistResolver{r} }

type checklistResolver struct{ *Resolver }
