package graph

import (
	"context"

	"crmgraph/graph/generated"
	"crmgraph/graph/loader"
	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/solos"
)

func (r *projectResolver) Customer(ctx context.Context, obj *model.Project) (*model.Customer, error) {
	return customerOfProject(ctx, obj)
}

func (r *projectResolver) CurrentStep(ctx context.Context, obj *model.Project) (*model.Step, error) {
	return currentStep(ctx, obj)
}

func (r *projectResolver) Steps(ctx context.Context, obj *model.Project, date *upstream.Date, stepIds []string) ([]*model.Step, error) {
	ids, err := model.ParseNumbers(stepIds)
	if err != nil {
		return nil, model.AtArgument("stepIds", err)
	}
	if isEmpty(stepIds) {
		return []*model.Step{}, nil
	}
	steps, err := loader.For(ctx).Steps(ctx, obj.Project.ID, solos.StepsOptions{Date: value(date), StepIDs: ids})
	if err != nil {
		return nil, err
	}
	return model.NewSteps(steps, obj), nil
}

func (r *projectResolver) Actions(ctx context.Context, obj *model.Project, date *upstream.Date, typeIds []string, id *string, first int, after *string) (*model.ActionConnection, error) {
	opts, err := actionsOptions(date, typeIds, id)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(first, after, model.NewScope("Project.actions", obj.Project.ID, opts))
	if err != nil {
		return nil, err
	}
	if isEmpty(typeIds) {
		return &model.ActionConnection{Page: w.page(0, false, 0), Nodes: []*model.Action{}}, nil
	}
	slice, err := loader.For(ctx).Actions(ctx, obj.Project.ID, opts, w.offset, w.limit)
	if err != nil {
		return nil, err
	}
	return &model.ActionConnection{Page: pageOf(slice, w), Nodes: model.NewActions(slice.Items, obj)}, nil
}

func (r *projectResolver) Checklists(ctx context.Context, obj *model.Project) ([]*model.Checklist, error) {
	checklists, err := loader.For(ctx).Checklists(ctx, obj.Project.ID)
	if err != nil {
		return nil, err
	}
	return model.NewChecklists(checklists, obj), nil
}

func (r *projectResolver) Goods(ctx context.Context, obj *model.Project) ([]*model.Good, error) {
	goods, err := loader.For(ctx).Goods(ctx, obj.Project.ID)
	if err != nil {
		return nil, err
	}
	return model.NewGoods(goods, obj), nil
}

func (r *projectResolver) Payments(ctx context.Context, obj *model.Project, date *upstream.Date, typeArg *solos.PaymentType, id *string, first int, after *string) (*model.PaymentConnection, error) {
	return payments(ctx, obj, date, typeArg, id, first, after)
}

func (r *queryResolver) Projects(ctx context.Context, filter *model.ProjectFilter, orderBy *model.ProjectOrder, deleted bool, first int, after *string) (*model.ProjectConnection, error) {
	query, err := projectQuery(filter, orderBy, deleted)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(first, after, model.NewScope("projects", 0, &query))
	if err != nil {
		return nil, err
	}
	slice, err := loader.For(ctx).Projects(ctx, query, w.offset, w.limit)
	if err != nil {
		return nil, err
	}
	return &model.ProjectConnection{Page: pageOf(slice, w), Nodes: slice.Items}, nil
}

func (r *queryResolver) Project(ctx context.Context, id string) (*model.Project, error) {
	number, err := model.ParseID(model.ProjectNode, id)
	if err != nil {
		return nil, err
	}
	return orNull(loader.For(ctx).Project(ctx, number))
}

func (r *Resolver) Project() generated.ProjectResolver { return &projectResolver{r} }

type projectResolver struct{ *Resolver }
