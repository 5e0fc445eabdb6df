package loader

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/graph-gophers/dataloader/v7"

	"crmgraph/upstream/callcontext"
)

// levels are what a dataloader has of its keys: those of a level are a batch from the start, which
// whoever filed them fetches. The library would collect them in a goroutine, and time that in
// another one, to learn what is known.
type levels[K comparable, V any] struct {
	mu     sync.Mutex
	places map[K]place[K, V]
}

var _ dataloader.Cache[int, int] = (*levels[int, int])(nil)

// place is where the value of a key is: in a batch, or in a thunk that somebody else has filed.
type place[K comparable, V any] struct {
	batch *batch[K, V]
	index int
	thunk dataloader.Thunk[V]
}

// batch is what was asked for at once.
type batch[K comparable, V any] struct {
	keys    []K
	done    sync.WaitGroup
	settled atomic.Bool
	results []*result[V]
}

// file returns the batch of a key, nil where it is in none, and whether the caller is first to need
// it and has to settle it: keys of the level that are not filed yet are in it, too.
func (l *levels[K, V]) file(key K, level func() []K) (b *batch[K, V], first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.places[key]; ok {
		return known.batch, false
	}
	var siblings []K
	if level != nil {
		siblings = level()
	}
	l.prepare(len(siblings))
	b = &batch[K, V]{keys: make([]K, 0, max(1, len(siblings)))}
	b.done.Add(1)
	for _, sibling := range siblings {
		l.add(b, sibling)
	}
	l.add(b, key)
	return b, true
}

// prepare makes room for the first keys. The lock is held.
func (l *levels[K, V]) prepare(keys int) {
	if l.places == nil {
		l.places = make(map[K]place[K, V], keys)
	}
}

// add puts a key into a batch unless it is filed. The lock is held.
func (l *levels[K, V]) add(b *batch[K, V], key K) {
	if _, ok := l.places[key]; !ok {
		l.places[key] = place[K, V]{batch: b, index: len(b.keys)}
		b.keys = append(b.keys, key)
	}
}

// settle gives all who wait for a batch its results.
func (b *batch[K, V]) settle(results []*result[V]) {
	b.results = results
	b.settled.Store(true)
	b.done.Done()
}

// Ready is part of callcontext.Answer.
func (b *batch[K, V]) Ready() bool { return b.settled.Load() }

// wait returns when there are results.
func (b *batch[K, V]) wait(ctx context.Context) {
	if !b.Ready() {
		callcontext.Wait(ctx, b)
	}
	b.done.Wait()
}

// Get is part of dataloader.Cache.
func (l *levels[K, V]) Get(_ context.Context, key K) (dataloader.Thunk[V], bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.places[key]
	if !ok || known.batch == nil {
		return known.thunk, ok
	}
	return func() (V, error) {
		known.batch.done.Wait()
		found := known.batch.results[known.index]
		return found.Data, found.Error
	}, true
}

// Set is part of dataloader.Cache.
func (l *levels[K, V]) Set(_ context.Context, key K, thunk dataloader.Thunk[V]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prepare(0)
	l.places[key] = place[K, V]{thunk: thunk}
}

// Delete is part of dataloader.Cache.
func (l *levels[K, V]) Delete(_ context.Context, key K) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.places[key]
	delete(l.places, key)
	return ok
}

// Clear is part of dataloader.Cache.
func (l *levels[K, V]) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.places)
}
