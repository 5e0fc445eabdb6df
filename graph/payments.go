package graph

import (
	"context"

	"crmgraph/graph/loader"
	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/solos"
)

// payments returns a page of a project's payments. An id that names another project's payment
// finds none, though its number might: that is all solOS is told of an id.
func payments(ctx context.Context, project *model.Project, date *upstream.Date, direction *solos.PaymentType, id *string, first int, after *string) (*model.PaymentConnection, error) {
	opts, err := paymentsOptions(date, direction, id)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(first, after, model.NewScope("Project.payments", project.Project.ID, opts))
	if err != nil {
		return nil, err
	}
	if id != nil && isOfAnother(*id, project.Project.ID) {
		return &model.PaymentConnection{Page: w.page(0, false, 0), Nodes: []*model.Payment{}}, nil
	}
	slice, err := loader.For(ctx).Payments(ctx, project.Project.ID, opts, w.offset, w.limit)
	if err != nil {
		return nil, err
	}
	return &model.PaymentConnection{Page: pageOf(slice, w), Nodes: model.NewPayments(slice.Items, project)}, nil
}

func paymentsOptions(date *upstream.Date, direction *solos.PaymentType, id *string) (solos.PaymentsOptions, error) {
	opts := solos.PaymentsOptions{Date: value(date), Type: value(direction)}
	var err error
	if id != nil {
		opts.ID, err = model.ParseID(model.PaymentNode, *id)
	}
	return opts, err
}

// isOfAnother reports whether an id is that of a part of another project.
func isOfAnother(id string, project uint64) bool {
	node, err := model.ParseNodeID(id)
	return err == nil && node.Project != project
}
