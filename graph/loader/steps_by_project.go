package loader

import (
	"context"

	"crmgraph/upstream"
	"crmgraph/upstream/solos"
)

type stepsKey struct {
	project uint64
	date    upstream.Date
	stepIDs idList
}

// Steps returns a project's way through its funnel.
func (s *Set) Steps(ctx context.Context, project uint64, opts solos.StepsOptions) ([]*solos.Step, error) {
	return s.steps.load(ctx, stepsKey{project: project, date: opts.Date, stepIDs: newIDList(opts.StepIDs)})
}

func (s *Set) fetchSteps(ctx context.Context, key stepsKey) ([]*solos.Step, error) {
	return s.solos.ListSteps(ctx, key.project, solos.StepsOptions{Date: key.date, StepIDs: key.stepIDs.ids()})
}
