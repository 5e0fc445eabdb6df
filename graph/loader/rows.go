package loader

import (
	"sync"

	"crmgraph/upstream/proportal"
)

// rowTable keeps the rows of customers that an operation has read, so that whatever leads
// back to one of them knows it already.
type rowTable struct {
	mu       sync.Mutex
	byNumber map[int64]*proportal.Customer
}

func (t *rowTable) add(rows []*proportal.Customer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byNumber == nil {
		t.byNumber = make(map[int64]*proportal.Customer, len(rows))
	}
	for _, row := range rows {
		t.byNumber[row.ID] = row
	}
}

// get returns a customer's row, nil when none was read.
func (t *rowTable) get(number int64) *proportal.Customer {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byNumber[number]
}
