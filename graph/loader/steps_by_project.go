package loader

import (
	"context"

	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/solos"
)

type stepsKey struct {
	project uint64
	date    upstream.Date
	stepIDs idList
}

// Steps returns a project's way through its funnel. The steps of the projects of its
// level are asked for at the same time.
func (s *Set) Steps(ctx context.Context, project *model.Project, opts solos.StepsOptions) ([]*solos.Step, error) {
	key := func(id uint64) stepsKey {
		return stepsKey{project: id, date: opts.Date, stepIDs: newIDList(opts.StepIDs)}
	}
	return s.steps.load(ctx, key(project.Project.ID), keysOf(project.Level.Projects, key))
}

func (s *Set) fetchSteps(ctx context.Context, key stepsKey) ([]*solos.Step, error) {
	return s.solos.ListSteps(ctx, key.project, solos.StepsOptions{Date: key.date, StepIDs: key.stepIDs.ids()})
}
