package loader

import (
	"context"

	"crmgraph/graph/model"
	"crmgraph/upstream/solos"
)

// Goods returns what a project sells. Those of the projects of its level are asked for at
// the same time.
func (s *Set) Goods(ctx context.Context, project *model.Project) ([]*solos.Good, error) {
	return s.goods.load(ctx, project.Project.ID, numbers(project.Level.Projects))
}
