package graph

import (
	"fmt"

	"github.com/99designs/gqlgen/graphql"

	"crmgraph/graph/executor"
	"crmgraph/graph/generated"
	"crmgraph/graph/model"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

// newExecutor returns the compiled executor of the graph, beside gqlgen's own.
func newExecutor(g *Graph, stock graphql.ExecutableSchema) *executor.Executor {
	accessors := generated.NewAccessors(generated.Config{Resolvers: &Resolver{graph: g}})
	return executor.New(stock, accessors, executor.Options{
		Join:       model.Join,
		Batched:    isBatched,
		Speculate:  speculate,
		Crew:       g.opts.Crew,
		MaxObjects: g.opts.MaxObjects,
		OnFallback: g.opts.OnFallback,
	})
}

// isBatched reports whether one call to a CRM can serve the field of many objects. How
// customers are looked up depends on what is selected of them: those that need different
// things do not go together. Each timeline has further calls to make beside those for all.
func isBatched(object, field string, selected []string) (executor.Batch, bool) {
	switch object + "." + field {
	case "Customer.tasks", "Customer.projects":
		return executor.Batch{Whole: true}, true
	case "Customer.timeline":
		return executor.Batch{}, true
	case "Project.customer", "Task.customer":
		selection := needOfCustomer(selected)
		return executor.Batch{Kind: fmt.Sprint(selection), Whole: true}, selection.need != 0
	}
	return executor.Batch{}, false
}

// speculate returns what leads on from the object that a field of Query finds by its id,
// before it is found: the object as far as the id tells, and the fields that need no more.
func speculate(field string, args map[string]any) (stub any, fields []string) {
	text, ok := args["id"].(string)
	if !ok {
		return nil, nil
	}
	kind, ok := speculative(field, text)
	if !ok {
		return nil, nil
	}
	number, err := model.ParseID(kind, text)
	if err != nil {
		return nil, nil
	}
	switch kind {
	case model.GroupNode:
		id := int64(number)
		return &model.Group{Group: &proportal.Group{ID: id}, Level: &model.Level{Groups: []int64{id}}},
			[]string{"customers"}
	case model.CustomerNode:
		id := int64(number)
		return &model.Customer{Number: id, Level: &model.Level{Customers: []int64{id}}},
			[]string{"card", "tasks", "projects", "timeline"}
	case model.ProjectNode:
		return &model.Project{Project: &solos.Project{ID: number}, Level: &model.Level{}},
			[]string{"steps", "actions", "checklists", "goods", "payments"}
	case model.TaskNode, model.ActionNode, model.StepNode, model.ChecklistNode, model.GoodNode, model.PaymentNode:
	}
	return nil, nil
}

// speculative returns the type of the object that a field finds by an id.
func speculative(field, id string) (model.NodeType, bool) {
	switch field {
	case "group":
		return model.GroupNode, true
	case "customer":
		return model.CustomerNode, true
	case "project":
		return model.ProjectNode, true
	case "node":
		parsed, err := model.ParseNodeID(id)
		return parsed.Type, err == nil
	}
	return "", false
}
