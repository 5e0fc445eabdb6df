package loader

import (
	"context"

	"crmgraph/graph/plan"
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

// isInHead reports whether the large page that all actions begin with has what is wanted, and one more.
func (k actionsKey) isInHead() bool {
	return k.id == 0 && k.date == "" && k.typeIDs == "" && k.offset+k.limit < largePage
}

// fetchActions asks for one action more than wanted, to learn whether more follow. Where
// timelines read all actions, it shares their call.
func (s *Set) fetchActions(ctx context.Context, key actionsKey) (*Slice[*solos.Action], error) {
	if key.isInHead() && s.planned((*plan.Plan).ReadsTimelines) {
		list, err := s.actionPage.load(ctx, actionsKey{project: key.project, limit: largePage})
		if err != nil {
			return nil, err
		}
		if slice, ok := sliceOfHead(list, key.offset, key.limit); ok {
			return slice, nil
		}
	}
	list, err := s.actionPage.load(ctx, actionsKey{
		project: key.project, offset: key.offset, limit: key.limit + 1,
		id: key.id, date: key.date, typeIDs: key.typeIDs,
	})
	if err != nil {
		return nil, err
	}
	return sliceOf(list, key.offset, key.limit), nil
}

func (s *Set) fetchActionPage(ctx context.Context, key actionsKey) (solos.List[*solos.Action], error) {
	return s.solos.ListActions(ctx, key.project, solos.ActionsOptions{
		Offset: key.offset, Count: key.limit,
		ID: key.id, Date: key.date, TypeIDs: key.typeIDs.ids(),
	})
}

// AllActions returns every action of a project, in no particular order.
func (s *Set) AllActions(ctx context.Context, project uint64) ([]*solos.Action, error) {
	return s.allActions.load(ctx, project)
}

func (s *Set) fetchAllActions(ctx context.Context, project uint64) ([]*solos.Action, error) {
	return readAll(solos.ListActionsCall, func(offset, count int) (solos.List[*solos.Action], error) {
		return s.actionPage.load(ctx, actionsKey{project: project, offset: offset, limit: count})
	}, func(action *solos.Action) uint64 { return action.ID })
}
