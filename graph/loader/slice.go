package loader

import "crmgraph/upstream/solos"

// Slice is a part of a list.
type Slice[T any] struct {
	Items []T
	Total int  // elements of the whole list, -1 when not known
	More  bool // whether elements follow

	// Fault is why elements may be missing: the CRM sent what may be one, and cannot be read.
	Fault error
}

// sliceOf returns the slice of limit elements from offset on; list starts at offset and
// holds one element more, where there is one, to tell whether more follow.
func sliceOf[T any](list solos.List[T], offset, limit int) *Slice[T] {
	slice := &Slice[T]{Items: list.Items, Total: list.Total}
	if limit != All && len(list.Items) > limit {
		slice.Items, slice.More = list.Items[:limit], true
	}
	// A CRM that tells the length may send fewer elements at once than it was asked for.
	if end := offset + len(slice.Items); len(slice.Items) > 0 && end < slice.Total {
		slice.More = true
	}
	// A list that ends here tells its length, unless it ended somewhere before.
	if slice.Total < 0 && !slice.More && (len(slice.Items) > 0 || offset == 0) {
		slice.Total = offset + len(slice.Items)
	}
	return slice
}

// sliceOfHead returns the slice of limit elements from offset on as a call for it would have
// brought it, and whether the large page that a list begins with tells that much.
func sliceOfHead[T any](head solos.List[T], offset, limit int) (*Slice[T], bool) {
	if offset > 0 && len(head.Items) <= offset+limit && !endsList(head, 0, largePage) {
		return nil, false
	}
	head.Items = head.Items[min(offset, len(head.Items)):]
	return sliceOf(head, offset, limit), true
}

// mapSlice returns the slice with other items in the same places.
func mapSlice[T, U any](slice *Slice[T], items []U) *Slice[U] {
	return &Slice[U]{Items: items, Total: slice.Total, More: slice.More, Fault: slice.Fault}
}
