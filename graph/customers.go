package graph

import (
	"context"

	"crmgraph/graph/loader"
	"crmgraph/graph/model"
	"crmgraph/upstream/proportal"
)

// customerSelection is what an operation wants to know of the customer behind an edge.
type customerSelection struct {
	need     loader.Need
	stubWill bool // whether what a task tells of its customer is enough
}

func customerNeed(ctx context.Context) customerSelection {
	var names []string
	selected(ctx, func(name string) bool {
		names = append(names, name)
		return false
	}, "Customer", "Node")
	return needOfCustomer(names)
}

// needOfCustomer returns what the fields of these names need.
func needOfCustomer(names []string) customerSelection {
	selection := customerSelection{stubWill: true}
	for _, name := range names {
		switch name {
		case "name", "valuation":
			selection.need |= loader.NeedBasics
		case "industry", "revenue":
			selection.need |= loader.NeedBasics
			selection.stubWill = false
		case "lastActivity", "extra":
			selection.need |= loader.NeedRow
			selection.stubWill = false
		case "card":
			selection.need |= loader.NeedCard
			selection.stubWill = false
		}
	}
	return selection
}

// customerOfTask returns the customer of a task without a call where the task tells
// enough.
func customerOfTask(ctx context.Context, task *model.Task) (*model.Customer, error) {
	if task.Customer == nil {
		return nil, nil
	}
	stub := task.Customer
	selection := customerNeed(ctx)
	if selection.need == 0 || selection.stubWill && stub.Name != nil {
		return &model.Customer{Number: stub.ID, Stub: stub, Level: task.Level}, nil
	}
	return orNull(loader.For(ctx).Customer(ctx, stub.ID, selection.need, task.Level.Customers))
}

// customerOfProject returns the customer of a project without a call where only its
// number and what leads on from that is asked for.
func customerOfProject(ctx context.Context, project *model.Project) (*model.Customer, error) {
	if project.CustomerErr != nil || project.CustomerID == nil {
		return nil, project.CustomerErr
	}
	selection := customerNeed(ctx)
	if selection.need == 0 {
		return &model.Customer{Number: *project.CustomerID, Level: project.Level}, nil
	}
	return orNull(loader.For(ctx).Customer(ctx, *project.CustomerID, selection.need, project.Level.Customers))
}

// lastTask returns the customer's newest task, from the row where the CRM put it there.
func lastTask(ctx context.Context, customer *model.Customer) (*model.Task, error) {
	if row := customer.Row; row != nil && row.HasLastTask {
		if row.LastTask == nil {
			return nil, nil
		}
		return model.NewTasks([]*proportal.Task{row.LastTask})[0], nil
	}
	tasks, err := loader.For(ctx).CustomerTasks(ctx, customer, "")
	if err != nil {
		return nil, err
	}
	var newest *model.Task
	for _, task := range tasks {
		if newest == nil || newer(task, newest) {
			newest = task
		}
	}
	return newest, nil
}

func newer(a, b *model.Task) bool {
	order := model.CompareNewest(a.CreatedAt, b.CreatedAt)
	return order < 0 || order == 0 && a.Task.ID > b.Task.ID
}

// portfolio asks only for the number of customers where nothing else is selected.
func portfolio(ctx context.Context, tasks proportal.TaskStatus, first int, after *string) (*model.CustomerConnection, error) {
	w, err := windowOf(first, after, model.PortfolioScope(tasks))
	if err != nil {
		return nil, err
	}
	if tasks == "" && onlyCounts(ctx) {
		total, err := loader.For(ctx).PortfolioCount(ctx)
		if err != nil {
			return nil, err
		}
		return &model.CustomerConnection{Page: w.page(0, w.offset < total, total)}, nil
	}
	slice, err := loader.For(ctx).Portfolio(ctx, tasks, w.offset, w.limit)
	if err != nil {
		return nil, err
	}
	return &model.CustomerConnection{Page: pageOf(slice, w), Nodes: slice.Items}, nil
}

// onlyCounts reports whether nothing but totalCount is selected of a connection.
func onlyCounts(ctx context.Context) bool {
	counts := false
	more := selected(ctx, func(name string) bool {
		counts = counts || name == "totalCount"
		return name != "totalCount" && name != "__typename"
	}, "CustomerConnection")
	return counts && !more
}
