// Package loaders batches calls to the CRMs within a request.
package loaders

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"

	"github.com/graph-gophers/dataloader/v7"

	"crmgraph/bench/stock/crm"
	"crmgraph/bench/stock/graph/model"
)

// Loaders are the loaders of one request.
type Loaders struct {
	Tasks    *dataloader.Loader[int64, []*model.Task]    // by customer
	Projects *dataloader.Loader[int64, []*model.Project] // by customer
	Steps    *dataloader.Loader[int64, []*model.Step]    // by project
	Payments *dataloader.Loader[Page, []*model.Payment]
}

// Page is the first elements of a list of a project.
type Page struct {
	Project int64
	First   int
}

type loadersKey struct{}

// Middleware gives every request its own loaders.
func Middleware(client *crm.Client, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		loaders := &Loaders{
			Tasks:    dataloader.NewBatchedLoader(tasks(client)),
			Projects: dataloader.NewBatchedLoader(projects(client)),
			Steps:    dataloader.NewBatchedLoader(sideBySide(client.Steps)),
			Payments: dataloader.NewBatchedLoader(sideBySide(func(ctx context.Context, page Page) ([]*model.Payment, error) {
				return client.Payments(ctx, page.Project, page.First)
			})),
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), loadersKey{}, loaders)))
	})
}

// For returns the loaders of the request.
func For(ctx context.Context) *Loaders { return ctx.Value(loadersKey{}).(*Loaders) }

// tasks loads the tasks of many customers from the three lists that hold all tasks.
func tasks(client *crm.Client) dataloader.BatchFunc[int64, []*model.Task] {
	return func(ctx context.Context, customers []int64) []*dataloader.Result[[]*model.Task] {
		statuses := []model.TaskStatus{model.TaskStatusPlanned, model.TaskStatusOverdue, model.TaskStatusCompleted}
		byCustomer := map[int64][]crm.CustomerTask{}
		for _, list := range sideBySide(client.Tasks)(ctx, statuses) {
			if list.Error != nil {
				return failed[[]*model.Task](len(customers), list.Error)
			}
			for _, task := range list.Data {
				byCustomer[task.CustomerID] = append(byCustomer[task.CustomerID], task)
			}
		}
		results := make([]*dataloader.Result[[]*model.Task], len(customers))
		for i, customer := range customers {
			list := byCustomer[customer]
			slices.SortFunc(list, func(a, b crm.CustomerTask) int {
				return cmp.Or(b.StartsAt.Compare(*a.StartsAt), cmp.Compare(b.Number, a.Number))
			})
			sorted := make([]*model.Task, len(list))
			for k, task := range list {
				sorted[k] = task.Task
			}
			results[i] = &dataloader.Result[[]*model.Task]{Data: sorted}
		}
		return results
	}
}

// projects loads the projects of many customers with one call.
func projects(client *crm.Client) dataloader.BatchFunc[int64, []*model.Project] {
	return func(ctx context.Context, customers []int64) []*dataloader.Result[[]*model.Project] {
		found, err := client.ProjectsOf(ctx, customers)
		if err != nil {
			return failed[[]*model.Project](len(customers), err)
		}
		byCustomer := map[int64][]*model.Project{}
		for _, project := range found {
			byCustomer[project.CustomerID] = append(byCustomer[project.CustomerID], project)
		}
		results := make([]*dataloader.Result[[]*model.Project], len(customers))
		for i, customer := range customers {
			results[i] = &dataloader.Result[[]*model.Project]{Data: byCustomer[customer]}
		}
		return results
	}
}

// sideBySide loads each key with a call of its own, all at once.
func sideBySide[K comparable, V any](load func(context.Context, K) (V, error)) dataloader.BatchFunc[K, V] {
	return func(ctx context.Context, keys []K) []*dataloader.Result[V] {
		results := make([]*dataloader.Result[V], len(keys))
		var running sync.WaitGroup
		for i, key := range keys {
			running.Go(func() {
				value, err := load(ctx, key)
				results[i] = &dataloader.Result[V]{Data: value, Error: err}
			})
		}
		running.Wait()
		return results
	}
}

func failed[V any](count int, err error) []*dataloader.Result[V] {
	return slices.Repeat([]*dataloader.Result[V]{{Error: err}}, count)
}
