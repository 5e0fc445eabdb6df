package graph

import (
	"context"

	"crmgraph/graph/generated"
	"crmgraph/graph/model"
)

func (r *subscriptionResolver) TaskBoardChanges(ctx context.Context) (<-chan *model.TaskBoardChange, error) {
	return r.graph.taskBoards.listen(ctx, operationFrom(ctx))
}

func (r *Resolver) Subscription() generated.SubscriptionResolver { return &subscriptionResolver{r} }

type subscriptionResolver struct{ *Resolver }
