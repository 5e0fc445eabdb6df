package crm

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"crmgraph/bench/stock/graph/model"
)

type projectRow struct {
	ID      int64                      `json:"id"`
	Name    *string                    `json:"name"`
	Price   json.Number                `json:"price"`
	Created *string                    `json:"created"`
	Data    map[string]json.RawMessage `json:"data"`
}

func (c *Client) project(row projectRow) (*model.Project, error) {
	createdAt, err := c.time(row.Created)
	if err != nil {
		return nil, err
	}
	project := &model.Project{Number: row.ID, Name: row.Name, Price: optional(row.Price), CreatedAt: createdAt}
	for _, name := range slices.Sorted(maps.Keys(row.Data)) {
		project.Fields = append(project.Fields, &model.ProjectField{Name: name, Value: row.Data[name]})
	}
	var customer json.Number
	if err := json.Unmarshal(row.Data["client_id"], &customer); err != nil {
		return nil, err
	}
	project.CustomerID = integer(customer)
	return project, nil
}

// Projects returns the first projects.
func (c *Client) Projects(ctx context.Context, first int) ([]*model.Project, error) {
	var rows []projectRow
	path := fmt.Sprintf("/projects?count=%d&offset=0&order_by=id&reverse=0&deleted=0", first+1)
	if err := c.solos(ctx, path, &rows); err != nil {
		return nil, err
	}
	return each(rows[:min(first, len(rows))], c.project)
}

// Project returns one project.
func (c *Client) Project(ctx context.Context, id string) (*model.Project, error) {
	var row projectRow
	if err := c.solos(ctx, "/projects/info?id="+id, &row); err != nil {
		return nil, err
	}
	return c.project(row)
}

// ProjectsOf returns the projects of customers.
func (c *Client) ProjectsOf(ctx context.Context, customers []int64) ([]*model.Project, error) {
	filter := map[string]any{
		"count": 1000, "offset": 0, "order_by": "id", "reverse": "0", "deleted": "0", "condition": "and",
		"data": map[string]any{"client_id": customers},
	}
	var rows []projectRow
	if err := c.solosPost(ctx, "/projects/filter", filter, &rows); err != nil {
		return nil, err
	}
	return each(rows, c.project)
}

// Steps returns the steps of a project.
func (c *Client) Steps(ctx context.Context, project int64) ([]*model.Step, error) {
	type row struct{ Name, Date *string }
	var rows []row
	if err := c.solos(ctx, fmt.Sprintf("/projects/steps?id=%d", project), &rows); err != nil {
		return nil, err
	}
	return each(rows, func(r row) (*model.Step, error) {
		date, err := c.time(r.Date)
		return &model.Step{Name: r.Name, Date: date}, err
	})
}

// Actions returns the first actions of a project.
func (c *Client) Actions(ctx context.Context, project int64, first int) ([]*model.Action, error) {
	type row struct{ Type, Date, Text *string }
	var rows []row
	if err := c.solos(ctx, fmt.Sprintf("/projects/actions?id=%d&count=%d&offset=0", project, first+1), &rows); err != nil {
		return nil, err
	}
	return each(rows[:min(first, len(rows))], func(r row) (*model.Action, error) {
		date, err := c.time(r.Date)
		return &model.Action{TypeName: r.Type, Date: date, Text: r.Text}, err
	})
}

// Payments returns the first payments of a project.
func (c *Client) Payments(ctx context.Context, project int64, first int) ([]*model.Payment, error) {
	type row struct {
		Type int
		Date *string
		Sum  json.Number
	}
	var rows []row
	if err := c.solos(ctx, fmt.Sprintf("/projects/payments?id=%d&count=%d&offset=0", project, first+1), &rows); err != nil {
		return nil, err
	}
	return each(rows[:min(first, len(rows))], func(r row) (*model.Payment, error) {
		kind := model.PaymentTypeWriteOff
		if r.Type == 1 {
			kind = model.PaymentTypeReceipt
		}
		date, err := c.time(r.Date)
		return &model.Payment{Type: &kind, Date: date, Sum: optional(r.Sum)}, err
	})
}

// Goods returns what a project sells.
func (c *Client) Goods(ctx context.Context, project int64) ([]*model.Good, error) {
	type row struct {
		Name          *string
		Quantity, Sum json.Number
	}
	var rows []row
	if err := c.solos(ctx, fmt.Sprintf("/projects/goods?id=%d", project), &rows); err != nil {
		return nil, err
	}
	return each(rows, func(r row) (*model.Good, error) {
		return &model.Good{Name: r.Name, Quantity: optional(r.Quantity), Sum: optional(r.Sum)}, nil
	})
}

// Checklists returns the checklists of a project.
func (c *Client) Checklists(ctx context.Context, project int64) ([]*model.Checklist, error) {
	type item struct {
		Name *string
		Done int
	}
	type row struct {
		Name  *string
		Items []item
	}
	var rows []row
	if err := c.solos(ctx, fmt.Sprintf("/projects/checklists?id=%d", project), &rows); err != nil {
		return nil, err
	}
	return each(rows, func(r row) (*model.Checklist, error) {
		items, err := each(r.Items, func(i item) (*model.ChecklistItem, error) {
			isDone := i.Done == 1
			return &model.ChecklistItem{Name: i.Name, IsDone: &isDone}, nil
		})
		return &model.Checklist{Name: r.Name, Items: items}, err
	})
}

// each makes an object of each row.
func each[R, O any](rows []R, object func(R) (*O, error)) ([]*O, error) {
	objects := make([]*O, len(rows))
	for i, row := range rows {
		var err error
		if objects[i], err = object(row); err != nil {
			return nil, err
		}
	}
	return objects, nil
}
