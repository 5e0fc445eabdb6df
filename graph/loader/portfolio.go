package loader

import (
	"context"

	"crmgraph/graph/model"
	"crmgraph/graph/plan"
	"crmgraph/upstream/proportal"
)

type portfolioKey struct {
	tasks         proportal.TaskStatus
	offset, limit int
}

// Portfolio returns limit customers of the viewer's portfolio from offset on; an empty
// status means all of them.
func (s *Set) Portfolio(ctx context.Context, tasks proportal.TaskStatus, offset, limit int) (*Slice[*model.Customer], error) {
	return s.portfolio.load(ctx, portfolioKey{tasks: tasks, offset: offset, limit: limit})
}

// PortfolioCount returns how many customers the viewer's portfolio has.
func (s *Set) PortfolioCount(ctx context.Context) (int, error) {
	return s.portfolioCount.load(ctx, struct{}{})
}

func (s *Set) fetchPortfolioCount(ctx context.Context, _ struct{}) (int, error) {
	var key portfolioKey
	isRead := s.planned(func(p *plan.Plan) (ok bool) {
		key.offset, key.limit, ok = p.PortfolioSlice()
		return ok
	})
	if isRead {
		slice, err := s.portfolio.load(ctx, key)
		if err != nil {
			return 0, err
		}
		if slice.Total >= 0 {
			return slice.Total, nil
		}
	}
	return s.proportal.CountPortfolio(ctx)
}

// maxPerPage is the largest portfolio page that is asked for.
const maxPerPage = 500

// fetchPortfolio reads the page that holds offset first; it tells the size of the pages
// and of the whole, and so which other pages are surely needed.
func (s *Set) fetchPortfolio(ctx context.Context, key portfolioKey) (*Slice[*model.Customer], error) {
	first := s.pageFor(key)
	page, err := s.page(ctx, first)
	if err != nil {
		return nil, err
	}
	end := key.offset + key.limit
	if page.Total >= 0 {
		end = min(end, page.Total)
	} else {
		end++ // only another element can tell that there are more
	}
	others := s.otherPages(first, page, key.offset, end)
	pages, err := s.portfolioPage.loadAll(ctx, others)
	if err != nil {
		return nil, err
	}
	slice := slicePages(append(pages, page), key)
	if key.tasks != "" {
		s.keepTasks(ctx, slice.Items, key.tasks)
	}
	return slice, nil
}

func (s *Set) fetchPortfolioPage(ctx context.Context, opts proportal.PortfolioOptions) (*proportal.PortfolioPage, error) {
	page, err := s.proportal.ListPortfolio(ctx, opts)
	if err != nil {
		return nil, err
	}
	s.customerRows.add(page.Customers)
	return page, nil
}

// pageFor picks the request whose page holds as much of the slice as one page can.
func (s *Set) pageFor(key portfolioKey) proportal.PortfolioOptions {
	size, last := proportal.DefaultPerPage, key.offset+key.limit-1
	opts := proportal.PortfolioOptions{Tasks: key.tasks, Page: key.offset/size + 1}
	if key.offset/size == last/size || s.crm.perPage.seen.Load() {
		return opts
	}
	for size = key.limit; size <= min(last+1, maxPerPage); size++ {
		if key.offset/size == last/size {
			opts.Page, opts.PerPage = key.offset/size+1, size
			break
		}
	}
	return opts
}

// page reads a page and takes note of an installation that ignores perPage.
func (s *Set) page(ctx context.Context, opts proportal.PortfolioOptions) (*proportal.PortfolioPage, error) {
	page, err := s.portfolioPage.load(ctx, opts)
	if err == nil && opts.PerPage != 0 && page.PerPage < opts.PerPage && page.Total > page.PerPage {
		s.crm.perPage.seen.Store(true)
	}
	return page, err
}

// otherPages lists the requests for the pages, besides page, that hold elements from
// offset up to end.
func (s *Set) otherPages(asked proportal.PortfolioOptions, page *proportal.PortfolioPage, offset, end int) []proportal.PortfolioOptions {
	var others []proportal.PortfolioOptions
	if page.PerPage <= 0 { // an empty list that came without its envelope
		return nil
	}
	for number := offset/page.PerPage + 1; (number-1)*page.PerPage < end; number++ {
		if number == page.Page {
			continue
		}
		other := asked
		other.Page = number
		if asked.PerPage != 0 {
			other.PerPage = sizeToAsk(page.PerPage)
		}
		others = append(others, other)
	}
	return others
}

// sizeToAsk returns what to ask for to get further pages of a size that the CRM has chosen
// itself: nothing where it is the usual one, which an installation may be unable to vary.
func sizeToAsk(perPage int) int {
	if perPage == proportal.DefaultPerPage {
		return 0
	}
	return perPage
}

// slicePages cuts the slice out of pages, which are in no particular order.
func slicePages(pages []*proportal.PortfolioPage, key portfolioKey) *Slice[*model.Customer] {
	rows := make([]*proportal.Customer, key.limit)
	slice := &Slice[*model.Customer]{Total: pages[len(pages)-1].Total}
	count := 0
	for _, page := range pages {
		start := (page.Page-1)*page.PerPage - key.offset
		for i, row := range page.Customers {
			switch at := start + i; {
			case at >= key.limit:
				slice.More = true
			case at >= 0:
				rows[at] = row
				count = max(count, at+1)
			}
		}
	}
	if slice.Total >= 0 {
		slice.More = key.offset+count < slice.Total
	}
	slice.Items = model.NewCustomers(compact(rows[:count]))
	return slice
}

// compact drops the gaps that a list leaves which shrinks while its pages are read.
func compact(rows []*proportal.Customer) []*proportal.Customer {
	out := rows[:0]
	for _, row := range rows {
		if row != nil {
			out = append(out, row)
		}
	}
	return out
}
