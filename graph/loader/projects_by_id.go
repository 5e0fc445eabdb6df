package loader

import (
	"context"

	"crmgraph/graph/model"
	"crmgraph/graph/plan"
	"crmgraph/upstream/solos"
)

// Project returns a project. It fails with upstream.NotFound where there is none. A project
// that a list has brought costs nothing: the lists tell all that its own call does.
func (s *Set) Project(ctx context.Context, id uint64) (*model.Project, error) {
	return s.projectByID.load(ctx, id)
}

// ReachedProject returns a project that something else leads to. Where all lists of projects
// are read in earlier rounds, one that has not quite arrived is waited for: it may bring
// the project.
func (s *Set) ReachedProject(ctx context.Context, id uint64) (*model.Project, error) {
	if s.planned((*plan.Plan).ListsProjectsFirst) {
		s.projectPage.wait(ctx)
	}
	return s.Project(ctx, id)
}

func (s *Set) fetchProject(ctx context.Context, id uint64) (*model.Project, error) {
	project, ok := s.projectRows.get(id)
	if !ok {
		var err error
		if project, err = s.solos.GetProject(ctx, id); err != nil {
			return nil, err
		}
	}
	return model.NewProjects([]*solos.Project{project})[0], nil
}
