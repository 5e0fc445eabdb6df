package ratelimit

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Memory is a Store of one server. Of each key it keeps one time, by the generic cell rate
// algorithm: when the allowance is whole again. It is safe for concurrent use.
type Memory struct {
	mu    sync.Mutex
	whole *simplelru.LRU[string, time.Time]
}

const defaultKeys = 100_000

// NewMemory returns a Memory of that many keys, 100,000 when 0; those not asked for longest
// are forgotten first, which makes their allowance whole.
func NewMemory(keys int) *Memory {
	if keys <= 0 {
		keys = defaultKeys
	}
	whole, err := simplelru.NewLRU[string, time.Time](keys, nil)
	if err != nil {
		panic(err) // it refuses only sizes that are not positive
	}
	return &Memory{whole: whole}
}

// Take is part of Store.
func (m *Memory) Take(_ context.Context, key string, cost, limit int, window time.Duration) (left int, reset time.Duration, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	unit := window / time.Duration(limit)
	now, until := m.used(key, window)
	next := until + time.Duration(cost)*unit
	wanted := max(next, until+unit)
	if wanted > window {
		return leftOf(until, unit, window), wanted - window, false
	}
	if cost > 0 {
		m.whole.Add(key, now.Add(next))
	}
	return leftOf(next, unit, window), next, true
}

// Charge is part of Store.
func (m *Memory) Charge(_ context.Context, key string, cost, limit int, window time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, until := m.used(key, window)
	m.whole.Add(key, now.Add(min(until+time.Duration(cost)*(window/time.Duration(limit)), 2*window)))
}

// used returns how long it takes from now until the allowance of key is whole. The lock is held.
func (m *Memory) used(key string, window time.Duration) (now time.Time, until time.Duration) {
	now = time.Now()
	if whole, found := m.whole.Get(key); found {
		until = min(max(whole.Sub(now), 0), 2*window)
	}
	return now, until
}

// leftOf returns how many units are left of an allowance that is whole after until, rounded
// down.
func leftOf(until, unit, window time.Duration) int {
	if until > window {
		return -int((until - window + unit - 1) / unit)
	}
	return int((window - until) / unit)
}
