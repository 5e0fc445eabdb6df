package loader

import (
	"context"
	"sync"
	"sync/atomic"

	"crmgraph/upstream/callcontext"
)

// memo finds values that cost a call each and remembers them, failures too, for the
// operation. Whoever asks first makes the call; the others wait for its outcome.
type memo[K comparable, V any] struct {
	set   *Set
	fetch func(*Set, context.Context, K) (V, error)

	mu     sync.Mutex
	newest *outcome[K, V] // of all of them
	count  int
	byKey  map[K]*outcome[K, V] // nil while there are few
}

// few is how many outcomes are looked through one by one: most operations have one.
const few = 8

// outcome is what became of a call, once it is done.
type outcome[K comparable, V any] struct {
	key     K
	older   *outcome[K, V]
	done    sync.WaitGroup
	settled atomic.Bool
	value   V
	err     error
}

// bind says how values are found; it comes before anything else.
func (m *memo[K, V]) bind(set *Set, fetch func(*Set, context.Context, K) (V, error)) {
	m.set, m.fetch = set, fetch
}

// load returns the value of key.
func (m *memo[K, V]) load(ctx context.Context, key K) (V, error) {
	m.mu.Lock()
	known := m.find(key)
	first := known == nil
	if first {
		known = m.add(key)
	}
	m.mu.Unlock()
	if first {
		m.settle(ctx, key, known)
	} else {
		known.wait(ctx)
	}
	return known.value, known.err
}

// has reports whether key was asked for already.
func (m *memo[K, V]) has(key K) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.find(key) != nil
}

// find returns the outcome of a key, nil if there is none. The lock is held.
func (m *memo[K, V]) find(key K) *outcome[K, V] {
	if m.byKey != nil {
		return m.byKey[key]
	}
	known := m.newest
	for known != nil && known.key != key {
		known = known.older
	}
	return known
}

// add returns the outcome of a new key, which is to be settled. The lock is held.
func (m *memo[K, V]) add(key K) *outcome[K, V] {
	m.newest = &outcome[K, V]{key: key, older: m.newest}
	m.newest.done.Add(1)
	switch m.count++; {
	case m.byKey != nil:
		m.byKey[key] = m.newest
	case m.count > few:
		m.byKey = make(map[K]*outcome[K, V], 2*m.count)
		for known := m.newest; known != nil; known = known.older {
			m.byKey[known.key] = known
		}
	}
	return m.newest
}

func (m *memo[K, V]) settle(ctx context.Context, key K, o *outcome[K, V]) {
	defer o.done.Done()
	defer o.settled.Store(true)
	defer func() {
		if cause := recover(); cause != nil {
			o.err = Panicked(cause)
		}
	}()
	o.value, o.err = m.fetch(m.set, ctx, key)
}

// Ready is part of callcontext.Answer.
func (o *outcome[K, V]) Ready() bool { return o.settled.Load() }

// wait returns when the call is done.
func (o *outcome[K, V]) wait(ctx context.Context) {
	if !o.Ready() {
		callcontext.Wait(ctx, o)
	}
	o.done.Wait()
}

// wait returns when there is an outcome for everything that was asked for so far.
func (m *memo[K, V]) wait(ctx context.Context) {
	m.mu.Lock()
	underWay := m.newest
	m.mu.Unlock()
	for ; underWay != nil; underWay = underWay.older {
		underWay.wait(ctx)
	}
}

// loadAll returns the values of keys in their order, or the first error there is; the
// calls are made side by side.
func (m *memo[K, V]) loadAll(ctx context.Context, keys []K) ([]V, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	values := make([]V, len(keys))
	errs := make([]error, len(keys))
	m.set.SideBySide(ctx, len(keys), func(ctx context.Context, i int) { values[i], errs[i] = m.load(ctx, keys[i]) })
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return values, nil
}
