package loader

import (
	"context"
	"errors"
	"maps"

	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
)

// Need says what an operation wants to know of customers.
type Need uint8

// Needs can be combined.
const (
	NeedBasics Need = 1 << iota // name, valuation, industry, revenue: a row or the card
	NeedRow                     // what only the portfolio tells
	NeedCard                    // the company card
)

type customerKey struct {
	number int64
	need   Need
}

// Customer returns a customer with what is needed of it; level holds the customers that
// are needed beside it. It fails with upstream.NotFound where the viewer has no such
// customer.
func (s *Set) Customer(ctx context.Context, number int64, need Need, level []int64) (*model.Customer, error) {
	key := func(number int64) customerKey { return customerKey{number: number, need: need} }
	return s.customerByID.load(ctx, key(number), keysOf(level, key))
}

// fetchCustomers finds customers by the fewest calls: one customer costs one card, of
// several the portfolio tells as many as it has in one call or a few, and the cards tell
// the rest. Rows that the operation has read already cost nothing.
func (s *Set) fetchCustomers(ctx context.Context, keys []customerKey) []*result[*model.Customer] {
	rows := map[int64]*proportal.Customer{}
	var wantRows []int64
	needsRow := false
	for _, key := range keys {
		if row, ok := s.customerRows.get(key.number); ok {
			rows[key.number] = row
		} else if key.need&NeedRow != 0 || key.need&NeedCard == 0 {
			wantRows = append(wantRows, key.number)
			needsRow = needsRow || key.need&NeedRow != 0
		}
	}
	var rowsErr error
	if needsRow || len(wantRows) > 1 {
		var found map[int64]*proportal.Customer
		found, rowsErr = s.findInPortfolio(ctx, wantRows, needsRow)
		maps.Copy(rows, found)
	}

	level := &model.Level{Customers: make([]int64, len(keys))}
	results := make([]*result[*model.Customer], len(keys))
	s.SideBySide(ctx, len(keys), func(ctx context.Context, i int) {
		key := keys[i]
		level.Customers[i] = key.number
		customer := &model.Customer{Number: key.number, Row: rows[key.number], Level: level}
		err := s.complete(ctx, customer, key.need, rowsErr)
		results[i] = &result[*model.Customer]{Data: customer, Error: err}
	})
	return results
}

// complete adds the card to a customer that needs it or was not found in the portfolio.
func (s *Set) complete(ctx context.Context, customer *model.Customer, need Need, rowsErr error) error {
	if rowsErr != nil && customer.Row == nil && need&NeedRow != 0 {
		return rowsErr
	}
	if customer.Row != nil && need&NeedCard == 0 {
		return nil
	}
	card, err := s.card.load(ctx, customer.Number)
	switch {
	case err == nil:
		customer.Card = card
		return nil
	case !errors.Is(err, upstream.NotFound):
		return err
	case customer.Row != nil:
		return nil
	case !s.crm.cards.mayBeMissing(err):
		return err
	}
	rows, rowErr := s.findInPortfolio(ctx, []int64{customer.Number}, true)
	if rowErr != nil {
		return rowErr
	}
	if customer.Row = rows[customer.Number]; customer.Row == nil {
		return err
	}
	return nil
}

// findInPortfolio returns the rows of those customers the viewer's portfolio has. Unless
// onlyHere says that nothing else tells what is wanted, it stops reading where fewer
// customers are missing than pages are left: a card each is cheaper then.
func (s *Set) findInPortfolio(ctx context.Context, numbers []int64, onlyHere bool) (map[int64]*proportal.Customer, error) {
	wanted := make(map[int64]struct{}, len(numbers))
	for _, number := range numbers {
		wanted[number] = struct{}{}
	}
	found := make(map[int64]*proportal.Customer, len(numbers))
	take := func(page *proportal.PortfolioPage) {
		for _, row := range page.Customers {
			if _, ok := wanted[row.ID]; ok {
				found[row.ID] = row
			}
		}
	}
	head, err := s.portfolioHead.load(ctx, struct{}{})
	if err != nil {
		return nil, err
	}
	take(head.page)
	if head.page.Total < 0 {
		for page := head.page; onlyHere && len(found) < len(wanted) && len(page.Customers) >= page.PerPage; take(page) {
			if page, err = s.pageBehind(ctx, head.asked, page); err != nil {
				return nil, err
			}
		}
		return found, nil
	}
	others := s.otherPages(head.asked, head.page, 0, head.page.Total)
	if missing := len(wanted) - len(found); missing == 0 || !onlyHere && missing < len(others) {
		return found, nil
	}
	pages, err := s.portfolioPage.loadAll(ctx, others)
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		take(page)
	}
	return found, nil
}

// pageBehind reads the page that follows one of a portfolio that does not tell how many pages it has.
func (s *Set) pageBehind(ctx context.Context, asked proportal.PortfolioOptions, page *proportal.PortfolioPage) (*proportal.PortfolioPage, error) {
	asked.Page = page.Page + 1
	if asked.PerPage != 0 {
		asked.PerPage = sizeToAsk(page.PerPage)
	}
	next, err := s.page(ctx, asked)
	if err == nil && next.Page != asked.Page {
		err = stuck(proportal.ListPortfolioCall)
	}
	return next, err
}

// portfolioHead is the first page of the portfolio, as large as it can be had.
type portfolioHead struct {
	asked proportal.PortfolioOptions
	page  *proportal.PortfolioPage
}

// fetchPortfolioHead runs once an operation, so that what the operation itself finds out
// about the size of pages does not make it ask again.
func (s *Set) fetchPortfolioHead(ctx context.Context, _ struct{}) (portfolioHead, error) {
	asked := proportal.PortfolioOptions{Page: 1}
	if !s.crm.perPage.seen.Load() {
		asked.PerPage = maxPerPage
	}
	page, err := s.page(ctx, asked)
	return portfolioHead{asked: asked, page: page}, err
}

// Card returns a customer's company card, nil where there is none.
func (s *Set) Card(ctx context.Context, customer *model.Customer) (*proportal.Card, error) {
	if customer.Card != nil {
		return customer.Card, nil
	}
	card, err := s.card.load(ctx, customer.Number)
	if errors.Is(err, upstream.NotFound) {
		return nil, nil
	}
	return card, err
}

func (s *Set) fetchCard(ctx context.Context, number int64) (*proportal.Card, error) {
	card, err := s.proportal.GetCustomer(ctx, number)
	s.crm.cards.saw(err)
	return card, err
}
