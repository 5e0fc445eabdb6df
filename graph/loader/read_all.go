package loader

import (
	"errors"

	"crmgraph/upstream"
	"crmgraph/upstream/solos"
)

// largePage is how many elements of a solOS list are asked for when all are needed.
const largePage = 1000

// endsList reports whether a page is the last of its list: the CRM tells how long the list
// is, or sends fewer elements than it was asked for.
func endsList[T any](page solos.List[T], offset, asked int) bool {
	if len(page.Items) == 0 {
		return true
	}
	if page.Total >= 0 {
		return offset+len(page.Items) >= page.Total
	}
	return len(page.Items) < asked
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
		switch {
		case endsList(page, offset, largePage):
			return all, nil
		case len(all) == before:
			return nil, stuck(call)
		}
		offset += len(page.Items)
	}
}
