package graph

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"

	"crmgraph/graph/executor"
	"crmgraph/graph/loader"
	"crmgraph/graph/model"
)

// timelineProject is how many objects of an answer it is as much work as to have a project's
// actions and payments read side by side.
const timelineProject = 12

// timeline merges a customer's tasks with the actions and payments of its projects.
// solOS does not say in which order it lists them, so all of them are read and sorted
// here. A source that fails leaves the others standing.
func timeline(ctx context.Context, customer *model.Customer, first int, after *string) (*model.TimelineConnection, error) {
	if err := checkFirst(first); err != nil {
		return nil, err
	}
	scope := model.NewScope("Customer.timeline", uint64(customer.Number), nil)
	var cursor model.TimelineCursor
	if after != nil {
		var err error
		if cursor, err = model.ParseTimelineCursor(scope, *after); err != nil {
			return nil, model.AtArgument("after", err)
		}
	}

	var tasks, actions, payments []model.TimelineEntry
	var tasksErr, actionsErr, paymentsErr error
	isWhole := true
	loader.For(ctx).Together(ctx, func(ctx context.Context) {
		tasks, tasksErr = timelineTasks(ctx, customer)
	}, func(ctx context.Context) {
		slice, err := loader.For(ctx).CustomerProjects(ctx, customer, loader.ProjectQuery{OrderBy: loader.ByID}, 0, loader.All)
		if err == nil {
			err = executor.Count(ctx, len(slice.Items)*timelineProject)
		}
		if err != nil {
			actionsErr, paymentsErr = err, err
			return
		}
		if slice.Fault != nil {
			isWhole = false
			graphql.AddError(ctx, slice.Fault)
		}
		loader.For(ctx).Together(ctx, func(ctx context.Context) {
			actions, actionsErr = ofProjects(ctx, slice.Items, timelineActions)
		}, func(ctx context.Context) {
			payments, paymentsErr = ofProjects(ctx, slice.Items, timelinePayments)
		})
	})

	if tooLarge, ok := errors.AsType[*executor.TooLargeError](errors.Join(tasksErr, actionsErr, paymentsErr)); ok {
		return nil, tooLarge // of the whole answer
	}
	missing, err := reportMissing(ctx, tasksErr, actionsErr, paymentsErr)
	if err != nil {
		return nil, err
	}
	entries := append(append(tasks, actions...), payments...)
	page := model.NewTimeline(scope, entries, missing, cursor, first)
	if !isWhole {
		page.TotalCount = nil // a project may be missing, with all its entries
	}
	return page, nil
}

// reportMissing adds an error for each distinct failure and returns the sources that
// failed; if all did, it returns the last failure for the field itself to end in.
func reportMissing(ctx context.Context, errs ...error) ([]model.TimelineSource, error) {
	var missing []model.TimelineSource
	var distinct []error
	for i, source := range model.TimelineSources() {
		if errs[i] == nil {
			continue
		}
		missing = append(missing, source)
		if len(distinct) == 0 || distinct[len(distinct)-1] != errs[i] { //nolint:errorlint // the same failure, not the same kind
			distinct = append(distinct, errs[i])
		}
	}
	var last error
	if len(missing) == len(errs) {
		last, distinct = distinct[len(distinct)-1], distinct[:len(distinct)-1]
	}
	for _, err := range distinct {
		graphql.AddError(ctx, err)
	}
	return missing, last
}

func timelineTasks(ctx context.Context, customer *model.Customer) ([]model.TimelineEntry, error) {
	tasks, err := loader.For(ctx).CustomerTasks(ctx, customer, "")
	if err != nil {
		return nil, err
	}
	if err := executor.Count(ctx, len(tasks)); err != nil {
		return nil, err
	}
	entries := make([]model.TimelineEntry, len(tasks))
	for i, task := range tasks {
		entries[i] = model.TimelineEntry{
			Source: model.TimelineTasks, Number: uint64(task.Task.ID), At: task.At(), Item: task,
		}
	}
	return entries, nil
}

// ofProjects reads entries of all projects at the same time.
func ofProjects(ctx context.Context, projects []*model.Project, read func(context.Context, *model.Project) ([]model.TimelineEntry, error)) ([]model.TimelineEntry, error) {
	parts := make([][]model.TimelineEntry, len(projects))
	errs := make([]error, len(projects))
	loader.For(ctx).SideBySide(ctx, len(projects), func(ctx context.Context, i int) { parts[i], errs[i] = read(ctx, projects[i]) })
	var entries []model.TimelineEntry
	for i := range projects {
		if errs[i] != nil {
			return nil, errs[i]
		}
		entries = append(entries, parts[i]...)
	}
	return entries, nil
}

func timelineActions(ctx context.Context, project *model.Project) ([]model.TimelineEntry, error) {
	actions, err := loader.For(ctx).AllActions(ctx, project.Project.ID)
	if err == nil {
		err = executor.Count(ctx, len(actions))
	}
	if err != nil {
		return nil, err
	}
	entries := make([]model.TimelineEntry, len(actions))
	for i, action := range actions {
		entries[i] = model.TimelineEntry{
			Source: model.TimelineActions, Project: project.Project.ID, Number: action.ID, At: action.Date,
			Item: &model.Action{Action: action, Parent: project},
		}
	}
	return entries, nil
}

func timelinePayments(ctx context.Context, project *model.Project) ([]model.TimelineEntry, error) {
	payments, err := loader.For(ctx).AllPayments(ctx, project.Project.ID)
	if err == nil {
		err = executor.Count(ctx, len(payments))
	}
	if err != nil {
		return nil, err
	}
	entries := make([]model.TimelineEntry, len(payments))
	for i, payment := range payments {
		entries[i] = model.TimelineEntry{
			Source: model.TimelinePayments, Project: project.Project.ID, Number: payment.ID, At: payment.Date,
			Item: &model.Payment{Payment: payment, Parent: project},
		}
	}
	return entries, nil
}
