package sandbox

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/big"
	"slices"
	"time"
)

// The dynamic fields every project has beside the customer field.
const (
	fieldContractDate   = "contract_date"
	fieldSource         = "source"
	fieldManagerComment = "manager_comment"
	fieldDeadline       = "deadline"
	fieldContractNumber = "contract_number"
	fieldProbability    = "probability"
)

// otherFields lists them.
func otherFields() []string {
	return []string{fieldContractDate, fieldSource, fieldManagerComment, fieldDeadline, fieldContractNumber, fieldProbability}
}

// bigProjectID shows that solOS's ids exceed 32 bits.
const bigProjectID = 5_000_000_001

// projects makes the projects around one manager's customers.
func (g *generator) projects() []*Project {
	var projects []*Project
	for n := range g.options.Projects {
		p := g.project(n, g.projectCustomer(n))
		if g.place == 0 && n == g.options.Projects-1 && n > 0 {
			p.ID = bigProjectID
		}
		projects = append(projects, p)
	}
	if g.place == 0 {
		for n := range g.options.BigCustomer {
			projects = append(projects, g.project(g.options.Projects+n, &g.customers[0].ID))
		}
	}
	return projects
}

// projectCustomer chooses the customer of the n-th project: the first customer has the
// first twenty, some customers have none, some projects name a customer that does not
// exist, some name none.
func (g *generator) projectCustomer(n int) *int64 {
	const heavy = 20
	switch {
	case len(g.customers) == 0 || n%25 == 21:
		return nil
	case n%25 == 22:
		return new(int64(99_000_000 + g.place*100_000 + n))
	case n < heavy && (g.place > 0 || g.options.BigCustomer == 0):
		return &g.customers[0].ID
	}
	rest := g.customers[1:]
	if len(rest) == 0 {
		return nil
	}
	chosen := g.skewed(len(rest))
	if chosen%4 == 3 {
		chosen-- // every fourth customer goes without
	}
	return &rest[chosen].ID
}

func (g *generator) project(n int, customerID *int64) *Project {
	g.ids.project += uint64(g.between(1, 3))
	if n == 0 && g.place == 0 {
		g.ids.project = 1
	}
	p := &Project{
		ID:            g.ids.project,
		Name:          fmt.Sprintf("%s: %s %d", pick(g, projectSubjects()), g.marker, n+1),
		CreatedAt:     g.moment(g.ago(540), g.ago(5)),
		Price:         maybe(g, 12, kopecks(g.between(100_000, 500_000_000))),
		CurrencyID:    pick(g, []uint64{1, 1, 1, 2, 3}),
		Deleted:       n%20 == 7,
		SalesFunnelID: uint64(g.between(1, 3)),
		UserID:        maybe(g, 10, uint64(g.between(2, 9))),
		GroupID:       maybe(g, 10, uint64(g.between(1, 3))),
		CustomerID:    customerID,
		ManagerID:     g.id,
		TaskCount:     max(0, g.random.IntN(6)-2),
	}
	p.ExternalCode = fmt.Sprintf("EXT-%06d", p.ID)
	p.ParticipantUserIDs = g.someIDs(8, 3)
	p.ParticipantGroupIDs = g.someIDs(5, 2)
	g.placeAtEdges(p, n)
	p.Fields = g.fields(p)
	p.Steps = g.steps(p)
	p.StepID = p.Steps[len(p.Steps)-1].StepID
	p.Actions = g.actions(p, n)
	p.Checklists = g.checklists()
	p.Goods = g.goods(p)
	p.Payments = g.payments(p, n)
	return p
}

// placeAtEdges gives a few projects values that careless code gets wrong: the first and
// the last second of a day in Moscow, a price a float cannot hold, a round price.
func (g *generator) placeAtEdges(p *Project, n int) {
	midnight := moscowDay(g.ago(100))
	switch n {
	case 3:
		p.CreatedAt = midnight
	case 4:
		p.CreatedAt = midnight.Add(-time.Second)
	case 5:
		p.Price = new("9007199254740993.25")
	case 6:
		p.Price = new("100.00")
	}
}

// someIDs returns up to most different ids from 1 to highest, ascending.
func (g *generator) someIDs(highest uint64, most int) []uint64 {
	var ids []uint64
	for range g.random.IntN(most + 1) {
		ids = append(ids, uint64(g.between(1, int64(highest))))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (g *generator) fields(p *Project) []Field {
	fields := []Field{
		{Name: g.options.CustomerField},
		{Name: fieldContractDate},
		{Name: fieldSource, Value: pick(g, leadSources())},
		{Name: fieldManagerComment},
		{Name: fieldDeadline},
		{Name: fieldContractNumber},
		{Name: fieldProbability, Value: g.between(0, 10) * 10},
	}
	if p.CustomerID != nil {
		fields[0].Value = *p.CustomerID
	}
	if !g.chance(3) {
		fields[1].Value = sqlDate(p.CreatedAt.AddDate(0, 0, 10))
		fields[5].Value = fmt.Sprintf("Д-%d/%02d", p.ID, p.CreatedAt.Year()%100)
	}
	if g.chance(3) {
		fields[3].Value = pick(g, managerComments())
	}
	if g.chance(2) {
		fields[4].Value = sqlDate(g.options.Now.AddDate(0, 0, int(g.between(-30, 90))))
	}
	return fields
}

// steps makes the way through the funnel up to the present step. Some go back once, so
// that a step stands there twice.
func (g *generator) steps(p *Project) []Step {
	last := g.random.IntN(len(funnelSteps()))
	way := []int{}
	for place := range last + 1 {
		way = append(way, place)
	}
	if last > 1 && g.chance(4) {
		way = slices.Insert(way, 2, 0, 1)
	}
	var steps []Step
	at := p.CreatedAt
	for _, place := range way {
		g.ids.step++
		steps = append(steps, Step{
			ID:      g.ids.step,
			StepID:  (p.SalesFunnelID-1)*uint64(len(funnelSteps())) + uint64(place) + 1,
			Name:    funnelSteps()[place],
			Date:    at,
			UserID:  maybe(g, 8, uint64(g.between(2, 9))),
			Comment: maybe(g, 2, pick(g, actionTexts())),
		})
		at = g.moment(at.Add(time.Second), g.options.Now)
	}
	return steps
}

// actions makes the events; the very first project has more than a page of them.
func (g *generator) actions(p *Project, n int) []Action {
	count := g.random.IntN(8)
	if n == 0 && g.place == 0 {
		count = 130
	}
	if n%5 == 4 {
		count = 0
	}
	var actions []Action
	for range count {
		g.ids.action += uint64(g.between(1, 2))
		kind := g.random.IntN(len(actionTypes()))
		actions = append(actions, Action{
			ID:       g.ids.action,
			TypeID:   uint64(kind + 1),
			TypeName: actionTypes()[kind],
			Date:     g.moment(p.CreatedAt, g.options.Now),
			UserID:   maybe(g, 8, uint64(g.between(2, 9))),
			Text:     maybe(g, 6, fmt.Sprintf("%s (%s)", pick(g, actionTexts()), g.marker)),
		})
	}
	slices.SortFunc(actions, func(a, b Action) int { return cmp.Compare(scatter(a.ID), scatter(b.ID)) })
	return actions
}

func (g *generator) checklists() []Checklist {
	today := moscowDay(g.options.Now)
	var lists []Checklist
	for range g.random.IntN(3) {
		g.ids.checklist++
		list := Checklist{ID: g.ids.checklist, Name: pick(g, checklistNames())}
		for range g.random.IntN(5) {
			g.ids.checklistItem++
			item := ChecklistItem{ID: g.ids.checklistItem, Name: pick(g, checklistPoints()), Done: g.chance(2)}
			if !g.chance(4) {
				item.Deadline = new(today.AddDate(0, 0, int(g.between(-10, 40))))
			}
			list.Expired = list.Expired || (!item.Done && item.Deadline != nil && item.Deadline.Before(today))
			list.Items = append(list.Items, item)
		}
		lists = append(lists, list)
	}
	return lists
}

func (g *generator) goods(p *Project) []Good {
	var goods []Good
	for range max(0, g.random.IntN(6)-2) {
		g.ids.goodLine++
		kind := g.random.IntN(len(goodNames()))
		thousandths, price := g.between(1, 20)*1000, g.between(10_000, 900_000)
		if g.chance(3) {
			thousandths = g.between(1, 200) * 125
		}
		sum := big.NewRat(thousandths*price, 1000*100)
		goods = append(goods, Good{
			ID:         g.ids.goodLine,
			GoodID:     uint64(firstGoodID + kind),
			Name:       goodNames()[kind],
			Quantity:   big.NewRat(thousandths, 1000).FloatString(3),
			Price:      kopecks(price),
			CurrencyID: p.CurrencyID,
			Sum:        sum.FloatString(2),
		})
	}
	return goods
}

// payments makes the payments; every other one falls on the day of the one before, and
// the very first project has more than a page of them.
func (g *generator) payments(p *Project, n int) []Payment {
	count := g.random.IntN(6)
	if n == 0 && g.place == 0 {
		count = 110
	}
	if n%4 == 3 {
		count = 0
	}
	var payments []Payment
	for i := range count {
		g.ids.payment += uint64(g.between(1, 2))
		date := moscowDay(g.moment(p.CreatedAt, g.options.Now))
		if i%2 == 1 {
			date = payments[i-1].Date
		}
		payments = append(payments, Payment{
			ID:         g.ids.payment,
			Type:       g.random.IntN(2),
			Date:       date,
			Sum:        kopecks(g.between(100_000, 90_000_000)),
			CurrencyID: p.CurrencyID,
			Comment:    maybe(g, 3, pick(g, paymentComments())),
		})
	}
	slices.SortFunc(payments, func(a, b Payment) int { return cmp.Compare(scatter(a.ID), scatter(b.ID)) })
	return payments
}

// scatter orders by nothing a client could rely on, yet the same on every call.
func scatter(id uint64) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, id)
	return h.Sum64()
}
