package proportal

import (
	"context"
	"slices"
	"sync"

	"github.com/go-faster/jx"

	"crmgraph/upstream"
)

// maxPages bounds what a wrong number of pages can make this client ask for.
const maxPages = 1000

// listAll gets a whole list. Most installations send it at once; of one that sends it in
// pages the first tells how many there are, and the others are asked for side by side.
func listAll[T any](ctx context.Context, v *ViewerClient, req upstream.Request, q query,
	read func(*reader, *jx.Decoder) ([]T, upstream.Page, error),
) ([]T, error) {
	get := func(req upstream.Request, q query) (items []T, page upstream.Page, err error) {
		req.Query = q.encoded
		err = v.send(ctx, &req, func(r *reader, d *jx.Decoder) (err error) {
			items, page, err = read(r, d)
			return err
		})
		return items, page, err
	}
	first, page, err := get(req, q)
	if err != nil {
		return nil, err
	}
	last := lastPage(page)
	switch {
	case last <= 1:
		return first, nil
	case last > maxPages || page.Current > 1:
		return nil, &upstream.Error{
			Call: req.Call, Kind: upstream.Malformed, Field: "last_page",
			Err: upstream.AtField("last_page", upstream.Unreadable("the pages do not add up to a list")),
		}
	}
	pages := make([][]T, last)
	errs := make([]error, last)
	pages[0] = first
	var wait sync.WaitGroup
	for i := 1; i < last; i++ {
		wait.Go(func() { pages[i], _, errs[i] = get(req, q.withNumber("page", i+1)) })
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(pages...), nil
}

// lastPage returns the number of the last page, or 0 where the answer was no page.
func lastPage(page upstream.Page) int {
	if page.LastPage < 0 && page.Total > 0 && page.PerPage > 0 {
		return (page.Total + page.PerPage - 1) / page.PerPage
	}
	return max(page.LastPage, 0)
}
