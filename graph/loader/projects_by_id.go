package loader

import (
	"context"

	"crmgraph/graph/model"
	"crmgraph/upstream/solos"
)

// Project returns a project. It fails with upstream.NotFound where there is none.
func (s *Set) Project(ctx context.Context, id uint64) (*model.Project, error) {
	return s.projectByID.load(ctx, id)
}

func (s *Set) fetchProject(ctx context.Context, id uint64) (*model.Project, error) {
	project, err := s.solos.GetProject(ctx, id)
	if err != nil {
		return nil, err
	}
	return model.NewProjects([]*solos.Project{project})[0], nil
}
