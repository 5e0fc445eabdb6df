package loader

import (
	"context"

	"crmgraph/graph/model"
	"crmgraph/upstream/proportal"
)

type groupCustomersKey struct {
	group  int64
	status proportal.TaskStatus
}

// GroupCustomers returns a group's customers; an empty status means all of them. The
// groups of its level are asked for at the same time, and the customers of all of them
// are one level.
func (s *Set) GroupCustomers(ctx context.Context, group *model.Group, status proportal.TaskStatus) ([]*model.Customer, error) {
	key := func(id int64) groupCustomersKey { return groupCustomersKey{group: id, status: status} }
	return s.groupCustomers.load(ctx, key(group.Group.ID), keysOf(group.Level.Groups, key))
}

func (s *Set) fetchGroupCustomers(ctx context.Context, keys []groupCustomersKey) []*result[[]*model.Customer] {
	rows := make([][]*proportal.Customer, len(keys))
	results := make([]*result[[]*model.Customer], len(keys))
	s.SideBySide(ctx, len(keys), func(ctx context.Context, i int) {
		var err error
		rows[i], err = s.proportal.ListGroupCustomers(ctx, keys[i].group, keys[i].status)
		results[i] = &result[[]*model.Customer]{Error: err}
		s.customerRows.add(rows[i])
	})
	for i, customers := range onOneLevel(rows, model.NewCustomers) {
		if results[i].Error == nil {
			results[i].Data = customers
		}
	}
	return results
}

// onOneLevel wraps the elements of several lists as one level and returns them in the
// lists they came in.
func onOneLevel[W, M any](lists [][]W, wrap func([]W) []M) [][]M {
	total := 0
	for _, list := range lists {
		total += len(list)
	}
	all := make([]W, 0, total)
	for _, list := range lists {
		all = append(all, list...)
	}
	wrapped := wrap(all)
	out := make([][]M, len(lists))
	for i, list := range lists {
		out[i], wrapped = wrapped[:len(list):len(list)], wrapped[len(list):]
	}
	return out
}
