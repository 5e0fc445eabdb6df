package proportal

import (
	"context"
	"slices"
	"sync"

	"crmgraph/upstream"
	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/jsonread"
)

// maxPages bounds what a wrong number of pages can make this client ask for.
const maxPages = 1000

// listAll gets a whole list. Most installations send it at once; of one that sends it in
// pages the first tells how many there are, and the others are asked for side by side. Where
// it does not, they are asked for one by one.
func listAll[T any](ctx context.Context, v *ViewerClient, req *upstream.Request, q query,
	read func(*reader, *jsonread.Decoder) ([]T, upstream.Page, error),
) ([]T, error) {
	getPage := func(ctx context.Context, q query) (listPage[T], error) {
		one := &upstream.Request{Call: req.Call, ID: req.ID, Query: q.encoded}
		return get(ctx, v, one, func(r *reader, d *jsonread.Decoder) (page listPage[T], err error) {
			page.items, page.numbers, err = read(r, d)
			return page, err
		})
	}
	first, err := getPage(ctx, q)
	if err != nil {
		return nil, err
	}
	last := lastPage(first.numbers)
	switch {
	case last == 0 && first.mayGoOn():
		return listOn(ctx, req.Call, first, func(ctx context.Context, number int) (listPage[T], error) {
			return getPage(ctx, q.withNumber("page", number))
		})
	case last <= 1:
		return first.items, nil
	case last > maxPages || first.numbers.Current > 1:
		return nil, noList(req.Call, "last_page")
	}
	pages := make([][]T, last)
	errs := make([]error, last)
	pages[0] = first.items
	callcontext.Block(ctx)
	apart := callcontext.Apart(ctx)
	var wait sync.WaitGroup
	for i := 1; i < last; i++ {
		wait.Go(func() {
			page, err := getPage(apart, q.withNumber("page", i+1))
			pages[i], errs[i] = page.items, err
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(pages...), nil
}

// listPage is an answer that may be one page of a list.
type listPage[T any] struct {
	items   []T
	numbers upstream.Page
}

// mayGoOn reports whether more may follow a page that does not tell how many there are.
func (p listPage[T]) mayGoOn() bool {
	return p.numbers.Total < 0 && p.numbers.Current > 0 && p.numbers.PerPage > 0 && len(p.items) >= p.numbers.PerPage
}

// listOn gets the pages behind the first until one is not full.
func listOn[T any](ctx context.Context, call *upstream.Call, page listPage[T], get func(ctx context.Context, number int) (listPage[T], error)) ([]T, error) {
	all := slices.Clip(page.items) // which others may have, too
	for number := 1; ; {
		switch {
		case page.numbers.Current != number || number > maxPages:
			return nil, noList(call, "current_page")
		case !page.mayGoOn():
			return all, nil
		}
		number++
		var err error
		if page, err = get(ctx, number); err != nil {
			return nil, err
		}
		all = append(all, page.items...)
	}
}

// noList is the error of pages that make no list, by what they tell in field.
func noList(call *upstream.Call, field string) error {
	return &upstream.Error{
		Call: *call, Kind: upstream.Malformed, Field: field,
		Err: upstream.AtField(field, upstream.Unreadable("the pages do not add up to a list")),
	}
}

// lastPage returns the number of the last page, or 0 where the answer was no page.
func lastPage(page upstream.Page) int {
	if page.LastPage < 0 && page.Total > 0 && page.PerPage > 0 {
		return (page.Total + page.PerPage - 1) / page.PerPage
	}
	return max(page.LastPage, 0)
}
