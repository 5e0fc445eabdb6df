package loader

import (
	"context"

	"crmgraph/graph/model"
	"crmgraph/upstream/solos"
)

// Checklists returns a project's checklists. Those of the projects of its level are asked for at
// the same time.
func (s *Set) Checklists(ctx context.Context, project *model.Project) ([]*solos.Checklist, error) {
	return s.checklists.load(ctx, project.Project.ID, numbers(project.Level.Projects))
}
