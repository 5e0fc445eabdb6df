package loader

import (
	"context"

	"crmgraph/graph/model"
	"crmgraph/upstream/proportal"
)

// Groups returns the viewer's groups.
func (s *Set) Groups(ctx context.Context, opts proportal.GroupsOptions) ([]*model.Group, error) {
	return s.groups.load(ctx, opts)
}

func (s *Set) fetchGroups(ctx context.Context, opts proportal.GroupsOptions) ([]*model.Group, error) {
	groups, err := s.proportal.ListGroups(ctx, opts)
	if err != nil {
		return nil, err
	}
	return model.NewGroups(groups), nil
}
