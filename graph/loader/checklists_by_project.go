package loader

import (
	"context"

	"crmgraph/upstream/solos"
)

// Checklists returns a project's checklists.
func (s *Set) Checklists(ctx context.Context, project uint64) ([]*solos.Checklist, error) {
	return s.checklists.load(ctx, project)
}

func (s *Set) fetchChecklists(ctx context.Context, project uint64) ([]*solos.Checklist, error) {
	return s.solos.ListChecklists(ctx, project)
}
