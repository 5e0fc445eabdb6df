package loader

import (
	"context"
	"encoding/json"
	"sync"

	"crmgraph/graph/model"
	"crmgraph/upstream/solos"
)

// ProjectQuery says which projects, in which order.
type ProjectQuery struct {
	None       bool                 `json:"-"` // no projects, whatever else it says
	Filter     *solos.ProjectFilter // nil: all of them
	OrderBy    string               // ByID unless the client wants another order
	Descending bool
	Deleted    bool
}

// ByID is the order of projects by their numbers.
const ByID = "id"

// String returns the query as text; equal queries have equal texts.
func (q ProjectQuery) String() string {
	text, err := json.Marshal(q)
	if err != nil { // only a field's value that is no JSON, which no caller can make
		return ""
	}
	return string(text)
}

func (q *ProjectQuery) options(offset, count int) solos.ProjectsOptions {
	return solos.ProjectsOptions{
		Count: count, Offset: offset, OrderBy: q.OrderBy, Descending: q.Descending, Deleted: q.Deleted,
	}
}

// queryTable keeps one pointer for all equal queries of an operation, so that they can be keys.
type queryTable struct {
	mu       sync.Mutex
	byOrder  map[order]*ProjectQuery // without a filter
	filtered map[string]*ProjectQuery
}

// order is a query without a filter.
type order struct {
	by                  string
	descending, deleted bool
}

func (t *queryTable) intern(query ProjectQuery) *ProjectQuery {
	t.mu.Lock()
	defer t.mu.Unlock()
	if query.Filter == nil {
		return keepOne(&t.byOrder, order{query.OrderBy, query.Descending, query.Deleted}, query)
	}
	return keepOne(&t.filtered, query.String(), query)
}

// keepOne returns the query that is known under key, which is query at first.
func keepOne[K comparable](known *map[K]*ProjectQuery, key K, query ProjectQuery) *ProjectQuery {
	if one, ok := (*known)[key]; ok {
		return one
	}
	if *known == nil {
		*known = map[K]*ProjectQuery{}
	}
	one := new(query)
	(*known)[key] = one
	return one
}

type projectsKey struct {
	query         *ProjectQuery
	offset, limit int
}

// Projects returns limit projects from offset on.
func (s *Set) Projects(ctx context.Context, query ProjectQuery, offset, limit int) (*Slice[*model.Project], error) {
	if query.None {
		return noProjects(), nil
	}
	return s.projects.load(ctx, projectsKey{query: s.queries.intern(query), offset: offset, limit: limit})
}

// noProjects returns the slice of a list without projects.
func noProjects() *Slice[*model.Project] { return &Slice[*model.Project]{Items: []*model.Project{}} }

// fetchProjects asks for one project more than wanted, to learn whether more follow.
func (s *Set) fetchProjects(ctx context.Context, key projectsKey) (*Slice[*model.Project], error) {
	list, err := s.projectPage.load(ctx, projectsKey{query: key.query, offset: key.offset, limit: key.limit + 1})
	if err != nil {
		return nil, err
	}
	slice := sliceOf(list, key.offset, key.limit)
	return mapSlice(slice, model.NewProjects(slice.Items)), nil
}

func (s *Set) fetchProjectPage(ctx context.Context, key projectsKey) (solos.List[*solos.Project], error) {
	opts := key.query.options(key.offset, key.limit)
	var list solos.List[*solos.Project]
	var err error
	if key.query.Filter == nil {
		list, err = s.solos.ListProjects(ctx, opts)
	} else {
		list, err = s.solos.FilterProjects(ctx, *key.query.Filter, opts)
	}
	s.projectRows.add(list.Items)
	return list, err
}
