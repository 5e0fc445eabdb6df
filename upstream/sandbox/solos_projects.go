package sandbox

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// companyProject is a project ready to be filtered and sent.
type companyProject struct {
	*Project
	// index is the place in the order of ids.
	index int
	body  []byte
	// ids has the built-in fields that hold ids, by the name of the filter.
	ids map[string][]uint64
	// dynamic has the dynamic fields in canonical form; nil for null.
	dynamic map[string]*string
	// price is canonical; nil for null.
	price            *string
	checklistExpired bool
}

func newCompanyProject(p *Project, index int, dialect Dialect) *companyProject {
	project := &companyProject{
		Project: p,
		index:   index,
		ids: map[string][]uint64{
			"sales_funnel_id":       {p.SalesFunnelID},
			"step_id":               {p.StepID},
			"user_id":               present(p.UserID),
			"group_id":              present(p.GroupID),
			"currency_id":           {p.CurrencyID},
			"participants_user_id":  p.ParticipantUserIDs,
			"participants_group_id": p.ParticipantGroupIDs,
		},
		dynamic: map[string]*string{},
	}
	for _, a := range p.Actions {
		project.ids["actions_type_id"] = append(project.ids["actions_type_id"], a.TypeID)
	}
	for _, g := range p.Goods {
		project.ids["good_id"] = append(project.ids["good_id"], g.GoodID)
	}
	for _, list := range p.Checklists {
		project.checklistExpired = project.checklistExpired || list.Expired
	}
	for _, field := range p.Fields {
		project.dynamic[field.Name] = nil
		if field.Value != nil {
			project.dynamic[field.Name] = new(canonical(fmt.Sprint(field.Value)))
		}
	}
	if p.Price != nil {
		project.price = new(canonical(*p.Price))
	}
	if dialect == DialectResource {
		project.body = encode(p.resource())
	} else {
		project.body = encode(p.reference())
	}
	return project
}

func present(id *uint64) []uint64 {
	if id == nil {
		return nil
	}
	return []uint64{*id}
}

// canonical makes texts of equal numbers equal: "0100.50" and "100.5" are one. Other texts stay.
func canonical(text string) string {
	sign, digits := "", text
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		sign, digits = "-", rest
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole == "" || strings.Trim(whole, "0123456789") != "" || strings.Trim(fraction, "0123456789") != "" {
		return text
	}
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		return sign + whole + "." + fraction
	}
	if whole == "0" {
		return whole
	}
	return sign + whole
}

// listing is what lists of projects share: which part, in which order, of which projects.
type listing struct {
	window
	order   func() *projectOrder
	reverse bool
	deleted bool
}

// parseListing reads the five parameters of a list from their texts.
func (c *company) parseListing(text func(name string) string) (listing, error) {
	w, err := parseWindow(text("count"), text("offset"))
	if err != nil {
		return listing{}, err
	}
	l := listing{window: w}
	field := orDefault(text("order_by"), "id")
	order, known := c.orders[field]
	if !known {
		return listing{}, fmt.Errorf("order_by: unknown field %q", field)
	}
	l.order = order
	if l.reverse, err = parseFlag(text("reverse")); err != nil {
		return listing{}, fmt.Errorf("reverse: %w", err)
	}
	if l.deleted, err = parseFlag(text("deleted")); err != nil {
		return listing{}, fmt.Errorf("deleted: %w", err)
	}
	return l, nil
}

// answerListing answers with the candidates that fit, in order. Candidates may be in any order.
func (c *company) answerListing(l listing, candidates []*companyProject, fits condition) answer {
	var found []*companyProject
	for _, p := range candidates {
		if p.Deleted == l.deleted && fits(p) {
			found = append(found, p)
		}
	}
	rank := l.order().rank
	slices.SortFunc(found, func(a, b *companyProject) int { return cmp.Compare(rank[a.index], rank[b.index]) })
	if l.reverse {
		slices.Reverse(found)
	}
	shown := cut(l.window, found)
	items := make([][]byte, 0, len(shown))
	for _, p := range shown {
		items = append(items, p.body)
	}
	return c.list(items, len(found))
}

func (c *company) listProjects(query url.Values, _ []byte) answer {
	l, err := c.parseListing(query.Get)
	if err != nil {
		return badRequest("%v", err)
	}
	return c.answerListing(l, c.projects, func(*companyProject) bool { return true })
}

func (c *company) project(query url.Values, _ []byte) answer {
	id, err := strconv.ParseUint(query.Get("id"), 10, 64)
	if err != nil {
		return badRequest("id: %q is no uint", query.Get("id"))
	}
	p := c.byID[id]
	if p == nil {
		return c.missing()
	}
	return c.object(p.body)
}
