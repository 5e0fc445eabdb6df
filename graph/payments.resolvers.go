package graph

import (
	"context"

	"crmgraph/graph/generated"
	"crmgraph/graph/model"
)

func (r *paymentResolver) Project(ctx context.Context, obj *model.Payment) (*model.Project, error) {
	return projectOf(ctx, obj.Parent, obj.ProjectID)
}

func (r *Resolver) Payment() generated.PaymentResolver { return &paymentResolver{r} }

type paymentResolver struct{ *Resolver }
