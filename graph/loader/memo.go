package loader

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// memo finds values that cost a call each and remembers them, failures too, for the
// operation. Whoever asks first makes the call; the others wait for its outcome.
type memo[K comparable, V any] struct {
	set   *Set
	fetch func(*Set, context.Context, K) (V, error)

	mu       sync.Mutex
	outcomes map[K]*outcome[V]
}

// outcome is what became of a call, once it is done.
type outcome[V any] struct {
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
	known, ok := m.outcomes[key]
	if !ok {
		if m.outcomes == nil {
			m.outcomes = map[K]*outcome[V]{}
		}
		known = new(outcome[V])
		known.done.Add(1)
		m.outcomes[key] = known
	}
	m.mu.Unlock()
	if ok {
		known.wait(ctx)
	} else {
		m.settle(ctx, key, known)
	}
	return known.value, known.err
}

func (m *memo[K, V]) settle(ctx context.Context, key K, o *outcome[V]) {
	defer o.done.Done()
	defer o.settled.Store(true)
	defer func() {
		if cause := recover(); cause != nil {
			o.err = Panicked(cause)
		}
	}()
	o.value, o.err = m.fetch(m.set, ctx, key)
}

// wait returns when the call is done.
func (o *outcome[V]) wait(ctx context.Context) {
	if !o.settled.Load() {
		Waits(ctx)
	}
	o.done.Wait()
}

// wait returns when there is an outcome for everything that was asked for so far.
func (m *memo[K, V]) wait(ctx context.Context) {
	m.mu.Lock()
	underWay := slices.Collect(maps.Values(m.outcomes))
	m.mu.Unlock()
	for _, outcome := range underWay {
		outcome.wait(ctx)
	}
}

// loadAll returns the values of keys in their order, or the first error there is; the
// calls are made side by side.
func (m *memo[K, V]) loadAll(ctx context.Context, keys []K) ([]V, error) {
	values := make([]V, len(keys))
	errs := make([]error, len(keys))
	SideBySide(len(keys), func(i int) { values[i], errs[i] = m.load(ctx, keys[i]) })
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return values, nil
}
