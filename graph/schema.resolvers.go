package graph

import (
	"context"

	"crmgraph/graph/generated"
	"crmgraph/graph/model"
)

func (r *mutationResolver) Login(ctx context.Context) (*model.Session, error) {
	return r.graph.login(ctx)
}

func (r *queryResolver) Viewer(ctx context.Context) (*model.Viewer, error) {
	viewer := operationFrom(ctx).viewer
	return &model.Viewer{ID: viewer.ID, ExpiresAt: viewer.ExpiresAt}, nil
}

func (r *queryResolver) Node(ctx context.Context, id string) (model.Node, error) {
	parsed, err := model.ParseNodeID(id)
	if err != nil {
		return nil, model.AtArgument("id", err)
	}
	return findNode(ctx, parsed, levels{})
}

func (r *queryResolver) Nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	return nodes(ctx, ids)
}

func (r *Resolver) Mutation() generated.MutationResolver { return &mutationResolver{r} }

func (r *Resolver) Query() generated.QueryResolver { return &queryResolver{r} }

type (
	mutationResolver struct{ *Resolver }
	queryResolver    struct{ *Resolver }
)
