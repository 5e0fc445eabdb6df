package loader

import "sync"

// rowTable keeps the rows that an operation has read in lists, so that whatever leads back
// to one of them knows it already.
type rowTable[K comparable, V any] struct {
	number func(V) K // tells a row's number; set before anything else

	mu       sync.Mutex
	byNumber map[K]V
}

func (t *rowTable[K, V]) add(rows []V) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byNumber == nil {
		t.byNumber = make(map[K]V, len(rows))
	}
	for _, row := range rows {
		t.byNumber[t.number(row)] = row
	}
}

// get returns a row, and whether it was read.
func (t *rowTable[K, V]) get(number K) (V, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	row, ok := t.byNumber[number]
	return row, ok
}
