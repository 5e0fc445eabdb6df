package loader

import "sync"

// rowTable keeps the rows that an operation has read in lists, so that whatever leads back
// to one of them knows it already. Most operations never lead back: rows are sorted by their
// numbers when one is looked for.
type rowTable[K comparable, V any] struct {
	number func(V) K // tells a row's number; set before anything else

	mu       sync.Mutex
	lists    [][]V // that are not in byNumber yet
	room     [1][]V
	byNumber map[K]V
}

// add keeps rows, which nobody may change any more.
func (t *rowTable[K, V]) add(rows []V) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lists == nil {
		t.lists = t.room[:0]
	}
	t.lists = append(t.lists, rows)
}

// get returns a row, and whether it was read.
func (t *rowTable[K, V]) get(number K) (V, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, rows := range t.lists {
		if t.byNumber == nil {
			t.byNumber = make(map[K]V, len(rows))
		}
		for _, row := range rows {
			t.byNumber[t.number(row)] = row
		}
	}
	t.lists = t.lists[:0]
	row, ok := t.byNumber[number]
	return row, ok
}
