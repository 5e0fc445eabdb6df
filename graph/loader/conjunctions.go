package loader

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/solos"
)

// conjunctions returns the filters whose conditions all have to hold and whose matches
// together are those of filter.
func conjunctions(filter *solos.ProjectFilter) []solos.ProjectFilter {
	if filter == nil {
		return []solos.ProjectFilter{{Condition: solos.And}}
	}
	whole := *filter
	whole.Condition = solos.And
	if filter.Condition != solos.Or {
		return []solos.ProjectFilter{whole}
	}
	var parts []solos.ProjectFilter
	part := func(holds bool, condition solos.ProjectFilter) {
		if holds {
			condition.Condition = solos.And
			parts = append(parts, condition)
		}
	}
	part(filter.Having != "", solos.ProjectFilter{Having: filter.Having})
	part(filter.CreatedFrom != "" || filter.CreatedTo != "",
		solos.ProjectFilter{CreatedFrom: filter.CreatedFrom, CreatedTo: filter.CreatedTo})
	part(len(filter.SalesFunnelIDs) > 0, solos.ProjectFilter{SalesFunnelIDs: filter.SalesFunnelIDs})
	part(len(filter.StepIDs) > 0, solos.ProjectFilter{StepIDs: filter.StepIDs})
	part(len(filter.UserIDs) > 0, solos.ProjectFilter{UserIDs: filter.UserIDs})
	part(len(filter.GroupIDs) > 0, solos.ProjectFilter{GroupIDs: filter.GroupIDs})
	part(filter.Price != nil, solos.ProjectFilter{Price: filter.Price})
	part(len(filter.CurrencyIDs) > 0, solos.ProjectFilter{CurrencyIDs: filter.CurrencyIDs})
	part(len(filter.ParticipantUserIDs) > 0, solos.ProjectFilter{ParticipantUserIDs: filter.ParticipantUserIDs})
	part(len(filter.ParticipantGroupIDs) > 0, solos.ProjectFilter{ParticipantGroupIDs: filter.ParticipantGroupIDs})
	part(len(filter.ActionTypeIDs) > 0, solos.ProjectFilter{ActionTypeIDs: filter.ActionTypeIDs})
	part(len(filter.GoodIDs) > 0, solos.ProjectFilter{GoodIDs: filter.GoodIDs})
	for _, field := range filter.Fields {
		part(true, solos.ProjectFilter{Fields: []solos.Field{field}})
	}
	if len(parts) == 0 {
		return []solos.ProjectFilter{whole}
	}
	return parts
}

// mergeProjects sorts the matches of several filters into the order the query asks for
// and drops repetitions. What the CRM left unordered comes by number.
func mergeProjects(projects []*solos.Project, query *ProjectQuery) []*solos.Project {
	compare := compareProjects(query.OrderBy)
	slices.SortStableFunc(projects, func(a, b *solos.Project) int {
		order := compare(a, b)
		if query.Descending {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(a.ID, b.ID))
	})
	return slices.CompactFunc(projects, func(a, b *solos.Project) bool { return a.ID == b.ID })
}

func compareProjects(orderBy string) func(a, b *solos.Project) int {
	switch orderBy {
	case ByID:
		return func(a, b *solos.Project) int { return cmp.Compare(a.ID, b.ID) }
	case "name":
		return by(func(p *solos.Project) *string { return p.Name }, strings.Compare)
	case "created":
		return by(func(p *solos.Project) *time.Time { return p.CreatedAt }, time.Time.Compare)
	case "price":
		return by(func(p *solos.Project) *upstream.Decimal { return p.Price }, upstream.Decimal.Compare)
	case "currency_id":
		return by(func(p *solos.Project) *uint64 { return p.CurrencyID }, cmp.Compare[uint64])
	case "sales_funnel_id":
		return by(func(p *solos.Project) *uint64 { return p.SalesFunnelID }, cmp.Compare[uint64])
	case "step_id":
		return by(func(p *solos.Project) *uint64 { return p.StepID }, cmp.Compare[uint64])
	case "user_id":
		return by(func(p *solos.Project) *uint64 { return p.UserID }, cmp.Compare[uint64])
	case "group_id":
		return by(func(p *solos.Project) *uint64 { return p.GroupID }, cmp.Compare[uint64])
	default:
		return by(func(p *solos.Project) *string { return fieldText(p, orderBy) }, compareText)
	}
}

// by compares by a value that may be missing; those without come first, as in MySQL.
func by[V any](value func(*solos.Project) *V, compare func(a, b V) int) func(a, b *solos.Project) int {
	return func(a, b *solos.Project) int {
		x, y := value(a), value(b)
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return -1
		case y == nil:
			return 1
		default:
			return compare(*x, *y)
		}
	}
}

func fieldText(project *solos.Project, name string) *string {
	for _, field := range project.Fields {
		if field.Name != name {
			continue
		}
		text := string(field.Value)
		if text == "null" {
			return nil
		}
		var plain string
		if json.Unmarshal(field.Value, &plain) == nil {
			text = plain
		}
		return &text
	}
	return nil
}

// compareText compares two numbers as numbers and anything else as text.
func compareText(a, b string) int {
	x, xIsNumber := upstream.ParseDecimal(a)
	y, yIsNumber := upstream.ParseDecimal(b)
	if xIsNumber && yIsNumber {
		return x.Compare(y)
	}
	return strings.Compare(a, b)
}
