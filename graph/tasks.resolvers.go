package graph

import (
	"context"

	"crmgraph/graph/generated"
	"crmgraph/graph/loader"
	"crmgraph/graph/model"
	"crmgraph/upstream/proportal"
)

func (r *queryResolver) Tasks(ctx context.Context, status *proportal.TaskStatus, first int, after *string) (*model.TaskConnection, error) {
	w, err := windowOf(first, after, model.NewScope("tasks", 0, value(status)))
	if err != nil {
		return nil, err
	}
	tasks, err := loader.For(ctx).Tasks(ctx, value(status))
	if err != nil {
		return nil, err
	}
	nodes, page := cut(tasks, w)
	return &model.TaskConnection{Page: page, Nodes: nodes}, nil
}

func (r *queryResolver) Task(ctx context.Context, id string) (*model.Task, error) {
	number, err := model.ParseID(model.TaskNode, id)
	if err != nil {
		return nil, err
	}
	return orNull(loader.For(ctx).Task(ctx, int64(number), nil))
}

func (r *queryResolver) TaskBoard(ctx context.Context) (*model.TaskBoard, error) {
	return loader.For(ctx).TaskBoard(ctx)
}

func (r *taskResolver) Customer(ctx context.Context, obj *model.Task) (*model.Customer, error) {
	return customerOfTask(ctx, obj)
}

func (r *Resolver) Task() generated.TaskResolver { return &taskResolver{r} }

type taskResolver struct{ *Resolver }
