package loader

import (
	"context"

	"crmgraph/graph/model"
)

// Action returns an action. It fails with upstream.NotFound where there is none.
func (s *Set) Action(ctx context.Context, id uint64) (*model.Action, error) {
	return s.actionByID.load(ctx, id)
}

func (s *Set) fetchAction(ctx context.Context, id uint64) (*model.Action, error) {
	action, err := s.solos.GetAction(ctx, id)
	if err != nil {
		return nil, err
	}
	return &model.Action{Action: action}, nil
}
