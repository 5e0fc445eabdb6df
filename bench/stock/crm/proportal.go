package crm

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"crmgraph/bench/stock/graph/model"
)

type portfolioPage struct {
	Total int32 `json:"total"`
	Data  []struct {
		ID        json.Number `json:"client_id"`
		Name      string      `json:"name"`
		Industry  *string     `json:"okved_vid_deyatelnosti"`
		Valuation json.Number `json:"priority"`
		Result    *string     `json:"posledniy_resultat_text"`
		Contact   json.Number `json:"data_posledniy_contact_unixtime"`
		Period    json.Number `json:"vyruchka_period"`
		Amount    json.Number `json:"vyruchka_za_god"`
	} `json:"data"`
}

// Portfolio returns the viewer's first customers and how many there are.
func (c *Client) Portfolio(ctx context.Context, first int) ([]*model.Customer, int32, error) {
	const usual = 50 // customers on a page
	path := "/portfolio?page=1"
	if first > usual {
		path += fmt.Sprintf("&perPage=%d", first)
	}
	var page portfolioPage
	if err := c.proPortal(ctx, path, &page); err != nil {
		return nil, 0, err
	}
	var customers []*model.Customer
	for _, row := range page.Data[:min(first, len(page.Data))] {
		customer := &model.Customer{
			Number:    integer(row.ID),
			Name:      row.Name,
			Industry:  row.Industry,
			Valuation: optionalInt(row.Valuation),
		}
		if row.Result != nil || row.Contact != "" {
			customer.LastActivity = &model.Activity{Result: row.Result, At: instant(row.Contact)}
		}
		if row.Period != "" || row.Amount != "" {
			customer.Revenue = &model.Revenue{Period: optional(row.Period), Amount: optional(row.Amount)}
		}
		customers = append(customers, customer)
	}
	return customers, page.Total, nil
}

// CustomerTask is a task and whose it is.
type CustomerTask struct {
	*model.Task
	Number     int64
	CustomerID int64
}

// Tasks returns the viewer's tasks of one status.
func (c *Client) Tasks(ctx context.Context, status model.TaskStatus) ([]CustomerTask, error) {
	names := map[model.TaskStatus]string{
		model.TaskStatusPlanned: "planned", model.TaskStatusOverdue: "duedate", model.TaskStatusCompleted: "completed",
	}
	var rows []struct {
		ID       int64 `json:"id"`
		Customer struct {
			ID int64 `json:"id"`
		} `json:"customer"`
		Type    string  `json:"type"`
		Start   int64   `json:"start_date"`
		Comment *string `json:"comment"`
	}
	if err := c.proPortal(ctx, "/tasks?status="+names[status], &rows); err != nil {
		return nil, err
	}
	kinds := map[string]model.TaskType{"Звонок": model.TaskTypeCall, "Встреча": model.TaskTypeMeeting}
	tasks := make([]CustomerTask, len(rows))
	for i, row := range rows {
		startsAt := time.UnixMilli(row.Start).UTC()
		task := &model.Task{ID: model.NodeID("Task", row.ID), Status: status, StartsAt: &startsAt, Comment: row.Comment}
		if kind, ok := kinds[row.Type]; ok {
			task.Type = &kind
		}
		tasks[i] = CustomerTask{Task: task, Number: row.ID, CustomerID: row.Customer.ID}
	}
	return tasks, nil
}
