package graph

import (
	"context"

	"crmgraph/graph/loader"
	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/solos"
)

// projectOf returns the project a part belongs to: the one it was reached from, else the
// one its number names.
func projectOf(ctx context.Context, parent *model.Project, number uint64) (*model.Project, error) {
	if parent != nil {
		return parent, nil
	}
	return orNull(loader.For(ctx).ReachedProject(ctx, number))
}

// currentStep returns the latest entry into the step the project is at.
func currentStep(ctx context.Context, project *model.Project) (*model.Step, error) {
	if project.StepID == nil {
		return nil, nil
	}
	steps, err := loader.For(ctx).Steps(ctx, project.Project.ID, solos.StepsOptions{})
	if err != nil {
		return nil, err
	}
	var current *solos.Step
	for _, step := range steps {
		if step.StepID != nil && *step.StepID == *project.StepID && (current == nil || laterStep(step, current)) {
			current = step
		}
	}
	if current == nil {
		return nil, nil
	}
	return &model.Step{Step: current, Parent: project}, nil
}

func laterStep(a, b *solos.Step) bool {
	order := model.CompareNewest(a.Date, b.Date)
	return order < 0 || order == 0 && a.ID > b.ID
}

func actionsOptions(date *upstream.Date, typeIDs []string, id *string) (solos.ActionsOptions, error) {
	opts := solos.ActionsOptions{Date: value(date)}
	var err error
	if id != nil {
		if opts.ID, err = model.ParseID(model.ActionNode, *id); err != nil {
			return opts, err
		}
	}
	opts.TypeIDs, err = model.ParseNumbers(typeIDs)
	return opts, model.AtArgument("typeIds", err)
}
