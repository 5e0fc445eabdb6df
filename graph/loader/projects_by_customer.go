package loader

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"crmgraph/graph/model"
	"crmgraph/graph/plan"
	"crmgraph/upstream"
	"crmgraph/upstream/solos"
)

type customerProjectsKey struct {
	customer      int64
	query         *ProjectQuery
	offset, limit int
}

// All is the limit that means the whole list.
const All = -1

// CustomerProjects returns limit of a customer's projects from offset on. The projects
// of all customers of its level come from the same calls and are one level.
func (s *Set) CustomerProjects(ctx context.Context, customer *model.Customer, query ProjectQuery, offset, limit int) (*Slice[*model.Project], error) {
	if query.None {
		return noProjects(), nil
	}
	interned := s.queries.intern(query)
	key := func(number int64) customerProjectsKey {
		return customerProjectsKey{customer: number, query: interned, offset: offset, limit: limit}
	}
	return s.customerProjects.load(ctx, key(customer.Number), keysOf(customer.Level.Customers, key))
}

// fetchCustomerProjects finds the projects of many customers. All keys share query,
// offset and limit: they are of one level and one field.
func (s *Set) fetchCustomerProjects(ctx context.Context, keys []customerProjectsKey) []*result[*Slice[*model.Project]] {
	query, offset, limit := keys[0].query, keys[0].offset, keys[0].limit
	customers := make([]int64, len(keys))
	for i, key := range keys {
		customers[i] = key.customer
	}
	want := offset + limit + 1
	if limit == All {
		want = All
	}
	lists, err := s.projectsOfCustomers(ctx, query, customers, offset, want)
	if err != nil {
		return failAll[*Slice[*model.Project]](len(keys), err)
	}
	pages := make([][]*solos.Project, len(keys))
	cuts := make([]*Slice[*solos.Project], len(keys))
	for i, customer := range customers {
		cuts[i] = lists[customer].cut(offset, limit)
		pages[i] = cuts[i].Items
	}
	results := make([]*result[*Slice[*model.Project]], len(keys))
	for i, projects := range onOneLevel(pages, model.NewProjects) {
		results[i] = &result[*Slice[*model.Project]]{Data: mapSlice(cuts[i], projects)}
	}
	return results
}

// projectList is the head of a customer's list: the elements from start on.
type projectList struct {
	start int
	items []*solos.Project
	fault error // of a project that may be the customer's
}

func (l projectList) end() int { return l.start + len(l.items) }

// cut never uses what the CRM told of the length: that is of all customers together.
func (l projectList) cut(offset, limit int) *Slice[*solos.Project] {
	items := l.items[min(offset-l.start, len(l.items)):]
	slice := sliceOf(solos.List[*solos.Project]{Items: items, Total: -1}, offset, limit)
	if slice.Fault = l.fault; l.fault != nil {
		slice.Total = -1
	}
	return slice
}

// projectsOfCustomers returns the first want projects of each customer, or all of them.
// A filter whose conditions are joined by "or" cannot hold the condition on the customer
// too, so each of its conditions becomes a filter of its own, and the answers are merged.
// They are read whole: how the CRM orders equals is not known, so the heads of two lists
// may not hold the head of the merged one.
func (s *Set) projectsOfCustomers(ctx context.Context, query *ProjectQuery, customers []int64, offset, want int) (map[int64]projectList, error) {
	parts := conjunctions(query.Filter)
	if len(parts) == 1 {
		return s.readProjects(ctx, query, parts[0], customers, offset, want)
	}
	answers := make([]map[int64]projectList, len(parts))
	errs := make([]error, len(parts))
	s.SideBySide(ctx, len(parts), func(ctx context.Context, i int) {
		answers[i], errs[i] = s.readProjects(ctx, query, parts[i], customers, 0, All)
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	merged := make(map[int64]projectList, len(customers))
	for _, customer := range customers {
		var all []*solos.Project
		var fault error
		for _, answer := range answers {
			all = append(all, answer[customer].items...)
			fault = cmp.Or(fault, answer[customer].fault)
		}
		merged[customer] = projectList{items: mergeProjects(all, query), fault: fault}
	}
	return merged, nil
}

// readProjects reads the projects that match filter and belong to customers until every
// customer has want of them, or all. One customer's are read from offset on; several
// customers' come mixed, so they are read from the start, in large pages.
func (s *Set) readProjects(ctx context.Context, query *ProjectQuery, filter solos.ProjectFilter, customers []int64, offset, want int) (map[int64]projectList, error) {
	lists := make(map[int64]projectList, len(customers))
	filter, open := s.takeCustomers(filter, customers)
	if len(open) == 0 {
		return lists, nil
	}
	count := largePage
	if len(customers) == 1 && want != All && !s.planned((*plan.Plan).FiltersTwice) {
		lists[open[0]] = projectList{start: offset}
		count = want - offset
	} else {
		offset = 0
	}
	seen := map[uint64]struct{}{}
	isOpen := make(map[int64]bool, len(open))
	for _, customer := range open {
		isOpen[customer] = true
	}
	for {
		page, err := s.pageOfCustomers(ctx, query, filter, open, offset, count)
		if err != nil {
			return nil, err
		}
		before := len(seen)
		for _, project := range page.Items {
			if _, ok := seen[project.ID]; ok {
				continue
			}
			switch {
			case project.CustomerErr != nil:
				s.addUnclear(lists, open, project)
			case project.CustomerID == nil || !isOpen[*project.CustomerID]:
				continue
			default:
				addProject(lists, *project.CustomerID, project)
			}
			seen[project.ID] = struct{}{}
		}
		if endsList(page, offset, count) {
			return lists, nil
		}
		still := slices.DeleteFunc(slices.Clone(open), func(customer int64) bool {
			isFull := want != All && lists[customer].end() >= want
			isOpen[customer] = !isFull
			return isFull
		})
		switch {
		case len(still) == 0:
			return lists, nil
		case len(still) < len(open):
			// Only those who are not full are asked for further, and what was read of
			// theirs is what to skip.
			offset = len(distinct(lists, still))
			open = still
		case len(seen) == before:
			return nil, stuck(solos.FilterProjectsCall)
		default:
			offset += len(page.Items)
		}
	}
}

// distinct returns the ids of all projects of some customers, who may share them.
func distinct(lists map[int64]projectList, customers []int64) map[uint64]struct{} {
	ids := map[uint64]struct{}{}
	for _, customer := range customers {
		for _, project := range lists[customer].items {
			ids[project.ID] = struct{}{}
		}
	}
	return ids
}

// addProject adds a project to a customer's list.
func addProject(lists map[int64]projectList, customer int64, project *solos.Project) {
	list := lists[customer]
	list.items = append(list.items, project)
	lists[customer] = list
}

// addUnclear adds a project whose customer field cannot be read as one customer to the lists of
// all customers whose numbers are in it. Where there is none, it is that of the only customer who was
// asked for, since solOS has found it, and may be anybody's of several.
func (s *Set) addUnclear(lists map[int64]projectList, customers []int64, project *solos.Project) {
	var value string
	for _, field := range project.Fields {
		if field.Name == s.crm.CustomerField {
			value = string(field.Value)
			break
		}
	}
	numbers := strings.FieldsFunc(value, func(r rune) bool { return r < '0' || r > '9' })
	added := false
	for _, customer := range customers {
		if len(customers) == 1 || slices.Contains(numbers, strconv.FormatInt(customer, 10)) {
			addProject(lists, customer, project)
			added = true
		}
	}
	if added {
		return
	}
	for _, customer := range customers {
		list := lists[customer]
		list.fault = cmp.Or(list.fault, project.CustomerErr)
		lists[customer] = list
	}
}

// pageOfCustomers reads one page of the projects that match filter and belong to
// customers. Fields that cut their lists differently share it.
func (s *Set) pageOfCustomers(ctx context.Context, query *ProjectQuery, filter solos.ProjectFilter, customers []int64, offset, count int) (solos.List[*solos.Project], error) {
	filter = s.ofCustomers(filter, customers)
	narrowed := *query
	narrowed.Filter = &filter
	return s.projectPage.load(ctx, projectsKey{query: s.queries.intern(narrowed), offset: offset, limit: count})
}

// takeCustomers takes a condition on the customer field out of filter, where there is
// one, and returns the customers that meet it.
func (s *Set) takeCustomers(filter solos.ProjectFilter, customers []int64) (solos.ProjectFilter, []int64) {
	isCustomer := func(field solos.Field) bool { return field.Name == s.crm.CustomerField }
	for _, field := range filter.Fields {
		if isCustomer(field) {
			allowed := numbersIn(field.Value)
			customers = slices.DeleteFunc(slices.Clone(customers), func(customer int64) bool {
				return !slices.Contains(allowed, customer)
			})
		}
	}
	filter.Fields = slices.DeleteFunc(slices.Clone(filter.Fields), isCustomer)
	return filter, customers
}

// numbersIn reads the customer numbers of a condition's value: one or a list of them, each
// as the customer field of a project may have it.
func numbersIn(value json.RawMessage) []int64 {
	var list []json.RawMessage
	if json.Unmarshal(value, &list) != nil {
		list = []json.RawMessage{value}
	}
	var numbers []int64
	for _, element := range list {
		var text string
		if json.Unmarshal(element, &text) != nil {
			text = string(element)
		}
		if number, err := upstream.ParseInt([]byte(text)); err == nil {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// ofCustomers adds the condition on the customers to filter.
func (s *Set) ofCustomers(filter solos.ProjectFilter, customers []int64) solos.ProjectFilter {
	ids := []byte{'['}
	for i, customer := range customers {
		if i > 0 {
			ids = append(ids, ',')
		}
		ids = strconv.AppendInt(ids, customer, 10)
	}
	field := solos.Field{Name: s.crm.CustomerField, Value: append(ids, ']')}
	filter.Fields = append(slices.Clip(filter.Fields), field)
	return filter
}
