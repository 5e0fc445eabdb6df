// Package loader is the memory of one operation: it sees to it that no upstream call is
// made twice and that whatever can be asked for together is. Everything it does carries
// the identity of the one viewer it was made for.
//
// A loader never waits for a timer to learn how large its batch is: each object knows
// its level (model.Level), and the first of a level that needs a call asks for all.
package loader

import (
	"context"
	"sync"

	"github.com/graph-gophers/dataloader/v7"

	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

// ProPortal is what the loaders ask of ProPortal, in one viewer's name.
type ProPortal interface {
	ListGroups(ctx context.Context, opts proportal.GroupsOptions) ([]*proportal.Group, error)
	GetGroup(ctx context.Context, id int64) (*proportal.Group, error)
	ListGroupCustomers(ctx context.Context, groupID int64, status proportal.TaskStatus) ([]*proportal.Customer, error)
	ListPortfolio(ctx context.Context, opts proportal.PortfolioOptions) (*proportal.PortfolioPage, error)
	CountPortfolio(ctx context.Context) (int, error)
	ListTasks(ctx context.Context, status proportal.TaskStatus) ([]*proportal.Task, error)
	GetTaskBoard(ctx context.Context) (*proportal.TaskBoard, error)
	GetTask(ctx context.Context, id int64) (*proportal.Task, error)
	ListCustomerTasks(ctx context.Context, customerID int64) ([]*proportal.Task, error)
	GetCustomer(ctx context.Context, id int64) (*proportal.Card, error)
}

// Solos is what the loaders ask of solOS.
type Solos interface {
	ListProjects(ctx context.Context, opts solos.ProjectsOptions) (solos.List[*solos.Project], error)
	FilterProjects(ctx context.Context, filter solos.ProjectFilter, opts solos.ProjectsOptions) (solos.List[*solos.Project], error)
	GetProject(ctx context.Context, id uint64) (*solos.Project, error)
	ListSteps(ctx context.Context, projectID uint64, opts solos.StepsOptions) ([]*solos.Step, error)
	ListActions(ctx context.Context, projectID uint64, opts solos.ActionsOptions) (solos.List[*solos.Action], error)
	GetAction(ctx context.Context, id uint64) (*solos.Action, error)
	ListChecklists(ctx context.Context, projectID uint64) ([]*solos.Checklist, error)
	ListGoods(ctx context.Context, projectID uint64) ([]*solos.Good, error)
	ListPayments(ctx context.Context, projectID uint64, opts solos.PaymentsOptions) (solos.List[*solos.Payment], error)
}

type contextKey struct{}

// With returns a context that carries the loaders of one operation.
func With(ctx context.Context, set *Set) context.Context {
	return context.WithValue(ctx, contextKey{}, set)
}

// For returns the loaders of the operation that ctx belongs to.
func For(ctx context.Context) *Set {
	return ctx.Value(contextKey{}).(*Set)
}

// relation finds values of which many cost few calls, and remembers them, failures too,
// for the operation. Whoever is first of a level to need one asks for all; the others wait.
type relation[K comparable, V any] struct {
	set   *Set
	fetch func(*Set, context.Context, []K) []*result[V] // one result a key

	made   sync.Once
	levels levels[K, V]
	loader *dataloader.Loader[K, V]
}

// result pairs a value with an error, as dataloader wants it.
type result[V any] = dataloader.Result[V]

// bind says how values are found; it comes before anything else.
func (r *relation[K, V]) bind(set *Set, fetch func(*Set, context.Context, []K) []*result[V]) {
	r.set, r.fetch = set, fetch
}

// prepare makes the loader when it is needed: most operations need few. A batch of its own, with a
// timer, would be for keys that are not filed, and all are.
func (r *relation[K, V]) prepare() {
	r.loader = dataloader.NewBatchedLoader(r.fetchSafely, dataloader.WithCache(&r.levels),
		dataloader.WithTracer(tracer[K, V]{finish: traced[V]}))
}

func (r *relation[K, V]) fetchSafely(ctx context.Context, keys []K) (results []*result[V]) {
	defer func() {
		if cause := recover(); cause != nil {
			results = failAll[V](len(keys), Panicked(cause))
		}
	}()
	return r.fetch(r.set, ctx, keys)
}

// tracer traces nothing. That of the library makes a function for each key.
type tracer[K comparable, V any] struct {
	dataloader.NoopTracer[K, V]

	finish dataloader.TraceLoadFinishFunc[V]
}

// TraceLoad is part of dataloader.Tracer.
func (t tracer[K, V]) TraceLoad(ctx context.Context, _ K) (context.Context, dataloader.TraceLoadFinishFunc[V]) {
	return ctx, t.finish
}

func traced[V any](dataloader.Thunk[V]) {}

// load returns the value of key. If it was not asked for yet, all keys of its level are
// asked for with it; level may be nil.
func (r *relation[K, V]) load(ctx context.Context, key K, level func() []K) (V, error) {
	r.made.Do(r.prepare)
	switch batch, first := r.levels.file(key, level); {
	case first:
		batch.settle(r.fetchSafely(ctx, batch.keys))
	case batch != nil:
		batch.wait(ctx)
	}
	return r.loader.Load(ctx, key)()
}

// keep files a value that came along with something else, unless key was asked for already.
func (r *relation[K, V]) keep(ctx context.Context, key K, value V) {
	r.made.Do(r.prepare)
	r.loader.Prime(ctx, key, value)
}

func failAll[V any](n int, err error) []*result[V] {
	results := make([]*result[V], n)
	for i := range results {
		results[i] = &result[V]{Error: err}
	}
	return results
}

// keysOf makes the keys of a level from its numbers, when they are needed: only the first
// sibling files them.
func keysOf[N, K any](numbers []N, key func(N) K) func() []K {
	return func() []K {
		keys := make([]K, len(numbers))
		for i, number := range numbers {
			keys[i] = key(number)
		}
		return keys
	}
}

// numbers is keysOf where the numbers are the keys.
func numbers[N any](all []N) func() []N { return func() []N { return all } }
