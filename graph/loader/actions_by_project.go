package loader

import (
	"context"

	"crmgraph/upstream"
	"crmgraph/upstream/solos"
)

type actionsKey struct {
	project       uint64
	offset, limit int
	id            uint64
	date          upstream.Date
	typeIDs       idList
}

// Actions returns limit of a project's actions from offset on, in the CRM's order; opts holds
// the filters.
func (s *Set) Actions(ctx context.Context, project uint64, opts solos.ActionsOptions, offset, limit int) (*Slice[*solos.Action], error) {
	return s.actions.load(ctx, actionsKey{
		project: project, offset: offset, limit: limit,
		id: opts.ID, date: opts.Date, typeIDs: newIDList(opts.TypeIDs),
	})
}

// fetchActions asks for one action more than wanted, to learn whether more follow.
func (s *Set) fetchActions(ctx context.Context, key actionsKey) (*Slice[*solos.Action], error) {
	list, err := s.solos.ListActions(ctx, key.project, solos.ActionsOptions{
		Offset: key.offset, Count: key.limit + 1,
		ID: key.id, Date: key.date, TypeIDs: key.typeIDs.ids(),
	})
	if err != nil {
		return nil, err
	}
	return sliceOf(list, key.offset, key.limit), nil
}

// AllActions returns every action of a project, in no particular order.
func (s *Set) AllActions(ctx context.Context, project uint64) ([]*solos.Action, error) {
	return s.allActions.load(ctx, project)
}

func (s *Set) fetchAllActions(ctx context.Context, project uint64) ([]*solos.Action, error) {
	return readAll(solos.ListActionsCall, func(offset, count int) (solos.List[*solos.Action], error) {
		return s.solos.ListActions(ctx, project, solos.ActionsOptions{Offset: offset, Count: count})
	}, func(action *solos.Action) uint64 { return action.ID })
}
