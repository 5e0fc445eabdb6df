package loader

import (
	"errors"

	"crmgraph/upstream"
	"crmgraph/upstream/solos"
)

// largePage is how many elements of a solOS list are asked for when all are needed.
const largePage = 1000

// endsList reports whether a page with got elements, of the asked ones, is the last. A
// short page is, unless its length looks like an installation's own cap: a round number
// that is at least as large as the pages of the reference's examples.
func endsList(got, asked int) bool {
	const smallestCap, capStep = 100, 50
	return got < asked && (got < smallestCap || got%capStep != 0)
}

// stuck is the error of an upstream that answers every offset with the same elements.
func stuck(call upstream.Call) error {
	return &upstream.Error{Call: call, Kind: upstream.Malformed, Err: errors.New("the list does not move with its offset")}
}

// readAll reads a list to its end. Elements that show up again are left out.
func readAll[T any](call upstream.Call, read func(offset, count int) (solos.List[T], error), id func(T) uint64) ([]T, error) {
	var all []T
	seen := map[uint64]struct{}{}
	for offset := 0; ; {
		page, err := read(offset, largePage)
		if err != nil {
			return nil, err
		}
		before := len(all)
		for _, element := range page.Items {
			if _, ok := seen[id(element)]; !ok {
				seen[id(element)] = struct{}{}
				all = append(all, element)
			}
		}
		offset += len(page.Items)
		switch {
		case len(page.Items) == 0, endsList(len(page.Items), largePage), offset == page.Total:
			return all, nil
		case len(all) == before:
			return nil, stuck(call)
		}
	}
}
