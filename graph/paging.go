package graph

import (
	"crmgraph/graph/loader"
	"crmgraph/graph/model"
)

const errFirst = model.InputError("The argument first must be from 1 to 100.")

// checkFirst checks the argument first.
func checkFirst(first int) error {
	if first < 1 || first > model.MaxFirst {
		return model.AtArgument("first", errFirst)
	}
	return nil
}

// window is the part of a list that first and after ask for.
type window struct {
	scope         model.Scope
	offset, limit int
}

// windowOf checks first and after, which are arguments of a field that returns the list of a scope.
func windowOf(first int, after *string, scope model.Scope) (window, error) {
	if err := checkFirst(first); err != nil {
		return window{}, err
	}
	w := window{scope: scope, limit: first}
	if after != nil {
		before, err := model.ParseOffsetCursor(w.scope, *after)
		if err != nil {
			return window{}, model.AtArgument("after", err)
		}
		w.offset = before + 1
	}
	return w, nil
}

// page describes a page of the given length; total is -1 when nobody knows.
func (w window) page(length int, more bool, total int) model.Page {
	return model.Page{Scope: w.scope, Offset: w.offset, Length: length, More: more, Total: total}
}

// cut returns the window's part of a list that is there as a whole.
func cut[T any](list []T, w window) ([]T, model.Page) {
	start := min(w.offset, len(list))
	end := min(start+w.limit, len(list))
	return list[start:end], w.page(end-start, end < len(list), len(list))
}

// pageOf describes the page that a loader's slice makes.
func pageOf[T any](slice *loader.Slice[T], w window) model.Page {
	return w.page(len(slice.Items), slice.More, slice.Total)
}
