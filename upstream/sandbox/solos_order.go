package sandbox

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"sync"
)

// projectOrder is all projects put in order by one field: rank has each project's place by
// its index. Nulls come first, equals by id.
type projectOrder struct{ rank []int }

// projectOrders returns the orders by every built-in and every dynamic field. Each is
// worked out when it is first asked for.
func projectOrders(projects []*companyProject, dynamic []string) map[string]func() *projectOrder {
	keys := map[string]func(*companyProject) sortKey{
		"id":      func(p *companyProject) sortKey { return sortKey{number: new(big.Rat).SetUint64(p.ID)} },
		"name":    func(p *companyProject) sortKey { return sortKey{text: p.Name} },
		"created": func(p *companyProject) sortKey { return sortKey{text: sqlDateTime(p.CreatedAt)} },
		"price":   func(p *companyProject) sortKey { return textKey(p.price) },
	}
	for _, name := range builtinIDFields() {
		keys[name] = func(p *companyProject) sortKey {
			if len(p.ids[name]) == 0 {
				return sortKey{null: true}
			}
			return textKey(new(strconv.FormatUint(slices.Min(p.ids[name]), 10)))
		}
	}
	for _, name := range dynamic {
		keys[name] = func(p *companyProject) sortKey { return textKey(p.dynamic[name]) }
	}
	orders := make(map[string]func() *projectOrder, len(keys))
	for name, key := range keys {
		orders[name] = sync.OnceValue(func() *projectOrder { return newProjectOrder(projects, key) })
	}
	return orders
}

func newProjectOrder(projects []*companyProject, key func(*companyProject) sortKey) *projectOrder {
	keys := make([]sortKey, len(projects))
	for i, p := range projects {
		keys[i] = key(p)
	}
	sorted := slices.Clone(projects)
	slices.SortFunc(sorted, func(a, b *companyProject) int {
		return cmp.Or(keys[a.index].compare(keys[b.index]), cmp.Compare(a.index, b.index))
	})
	order := &projectOrder{rank: make([]int, len(projects))}
	for place, p := range sorted {
		order.rank[p.index] = place
	}
	return order
}

// sortKey is a value to sort by: null, then numbers, then texts.
type sortKey struct {
	null   bool
	number *big.Rat
	text   string
}

// textKey sorts a canonical text, as a number if it is one.
func textKey(text *string) sortKey {
	if text == nil {
		return sortKey{null: true}
	}
	if number, ok := new(big.Rat).SetString(*text); ok {
		return sortKey{number: number}
	}
	return sortKey{text: *text}
}

func (k sortKey) compare(other sortKey) int {
	if c := cmp.Compare(k.kind(), other.kind()); c != 0 {
		return c
	}
	if k.number != nil {
		return k.number.Cmp(other.number)
	}
	return cmp.Compare(k.text, other.text)
}

func (k sortKey) kind() int {
	switch {
	case k.null:
		return 0
	case k.number != nil:
		return 1
	default:
		return 2
	}
}
