package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/loader"
	"crmgraph/graph/model"
	"crmgraph/upstream/solos"
)

const errNodes = model.InputError("At most 100 ids can be asked for at once.")

// nodes finds objects by their node ids, those of one type together. What is no id, or cannot be
// found just now, is null with an error of its own.
func nodes(ctx context.Context, texts []string) ([]model.Node, error) {
	if len(texts) > model.MaxNodes {
		return nil, model.AtArgument("ids", errNodes)
	}
	ids := make([]model.NodeID, len(texts))
	errs := make([]error, len(texts))
	for i, text := range texts {
		id, err := model.ParseNodeID(text)
		ids[i], errs[i] = id, model.AtArgument("ids", model.AtElement(i, err))
	}
	level := nodeLevels(ids)
	found := make([]model.Node, len(ids))
	loader.For(ctx).SideBySide(ctx, len(ids), func(ctx context.Context, i int) {
		if errs[i] == nil {
			found[i], errs[i] = findNode(ctx, ids[i], level)
		}
	})
	for i, err := range errs {
		if err != nil {
			path := append(slices.Clone(graphql.GetPath(ctx)), ast.PathIndex(i))
			graphql.AddError(ctx, &gqlerror.Error{Err: err, Path: path})
		}
	}
	return found, nil
}

// levels holds the numbers of each type of ProPortal's among node ids.
type levels map[model.NodeType][]int64

func nodeLevels(ids []model.NodeID) levels {
	level := levels{}
	for _, id := range ids {
		level[id.Type] = append(level[id.Type], int64(id.Number))
	}
	return level
}

func findNode(ctx context.Context, id model.NodeID, level levels) (model.Node, error) {
	set := loader.For(ctx)
	switch id.Type {
	case model.GroupNode:
		return asNode(set.Group(ctx, int64(id.Number), level[id.Type]))
	case model.CustomerNode:
		need := customerNeed(ctx).need | loader.NeedBasics
		return asNode(set.Customer(ctx, int64(id.Number), need, level[id.Type]))
	case model.TaskNode:
		return asNode(set.Task(ctx, int64(id.Number), level[id.Type]))
	case model.ProjectNode:
		return asNode(set.Project(ctx, id.Number))
	case model.ActionNode:
		return asNode(set.Action(ctx, id.Number))
	case model.StepNode:
		steps, err := set.Steps(ctx, id.Project, solos.StepsOptions{})
		return asNode(pick(model.NewSteps(steps, nil), err, func(s *model.Step) bool { return s.Step.ID == id.Number }))
	case model.ChecklistNode:
		lists, err := set.Checklists(ctx, id.Project)
		return asNode(pick(model.NewChecklists(lists, nil), err, func(c *model.Checklist) bool { return c.Checklist.ID == id.Number }))
	case model.GoodNode:
		goods, err := set.Goods(ctx, id.Project)
		return asNode(pick(model.NewGoods(goods, nil), err, func(g *model.Good) bool { return g.Good.ID == id.Number }))
	case model.PaymentNode:
		slice, err := set.Payments(ctx, id.Project, solos.PaymentsOptions{ID: id.Number}, 0, 1)
		return asNode(pick(model.NewPayments(itemsOf(slice), nil), err, func(p *model.Payment) bool { return p.Payment.ID == id.Number }))
	}
	return nil, nil
}

func itemsOf[T any](slice *loader.Slice[T]) []T {
	if slice == nil {
		return nil
	}
	return slice.Items
}

func pick[T any](list []*T, err error, is func(*T) bool) (*T, error) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], err
	}
	return nil, err
}

// asNode makes null of what does not exist, and of a nil pointer a nil interface.
func asNode[T any, P interface {
	*T
	model.Node
}](object P, err error) (model.Node, error) {
	found, err := orNull((*T)(object), err)
	if found == nil {
		return nil, err
	}
	return P(found), err
}
