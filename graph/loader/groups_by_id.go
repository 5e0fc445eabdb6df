package loader

import (
	"context"

	"crmgraph/graph/model"
	"crmgraph/upstream/proportal"
)

// Group returns one of the viewer's groups; level holds the groups asked for beside it.
func (s *Set) Group(ctx context.Context, id int64, level []int64) (*model.Group, error) {
	return s.groupByID.load(ctx, id, numbers(level))
}

func (s *Set) fetchGroupsByID(ctx context.Context, ids []int64) []*result[*model.Group] {
	found := make([][]*proportal.Group, len(ids))
	results := make([]*result[*model.Group], len(ids))
	s.SideBySide(ctx, len(ids), func(ctx context.Context, i int) {
		group, err := s.proportal.GetGroup(ctx, ids[i])
		results[i] = &result[*model.Group]{Error: err}
		if err == nil {
			found[i] = []*proportal.Group{group}
		}
	})
	for i, groups := range onOneLevel(found, model.NewGroups) {
		if len(groups) == 1 {
			results[i].Data = groups[0]
		}
	}
	return results
}
