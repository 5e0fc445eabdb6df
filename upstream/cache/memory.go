package cache

import (
	"fmt"
	"iter"
	"math"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"crmgraph/upstream"
)

const (
	// entryOverhead is what an entry takes whatever its answer's size: about 400 bytes for
	// itself, and up to 800 for the value of an answer with next to nothing in it.
	entryOverhead = 1200
	// bytesPerBodyByte is how much memory a value takes beyond that for a byte of the JSON
	// it was read from. Of the answers of both CRMs it is 1.5 to 2.1, at most 2.9.
	bytesPerBodyByte = 3
	// largestShare is the part of the memory that one answer may take.
	largestShare = 8
)

// memory holds answers up to a size in bytes, and of those that are asked for most.
type memory struct {
	entries *otter.Cache[upstream.Key, *entry]
	unused  bool // no answer is ever kept
	largest uint64
	evicted atomic.Uint64
}

func newMemory(maxBytes int64) (*memory, error) {
	m := &memory{largest: uint64(maxBytes) / largestShare}
	entries, err := otter.New(&otter.Options[upstream.Key, *entry]{
		MaximumWeight: uint64(maxBytes),
		Weigher:       func(_ upstream.Key, e *entry) uint32 { return e.size },
		ExpiryCalculator: otter.ExpiryWritingFunc(func(item otter.Entry[upstream.Key, *entry]) time.Duration {
			return item.Value.useful() - time.Since(item.Value.at)
		}),
		// At once, not by and by: many large answers may come before a goroutine gets to evict.
		Executor: func(evict func()) { evict() },
		OnAtomicDeletion: func(deleted otter.DeletionEvent[upstream.Key, *entry]) {
			if deleted.Cause == otter.CauseOverflow {
				m.evicted.Add(1)
			}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("the memory of the cache: %w", err)
	}
	m.entries = entries
	return m, nil
}

// sizeOf is what an entry takes in memory, about.
func sizeOf(key *upstream.Key, bodyBytes int) uint32 {
	text := len(key.Operation) + len(key.Scope) + len(key.ID) + len(key.Query) + len(key.Body)
	return uint32(min(entryOverhead+text+bytesPerBodyByte*bodyBytes, math.MaxUint32))
}

func (m *memory) get(key *upstream.Key) (*entry, bool) {
	if m.unused {
		return nil, false
	}
	return m.entries.GetIfPresent(*key)
}

// set puts e in the place of what is there for key, and reports whether there was anything.
// Where e is not kept, what it would have replaced is not either.
func (m *memory) set(key *upstream.Key, e *entry) (replaced bool) {
	// An entry without any time left would inherit that of the one it replaces.
	if uint64(e.size) > m.largest || e.useful() <= time.Since(e.at) {
		return m.drop(key)
	}
	_, added := m.entries.Set(*key, e)
	return !added
}

func (m *memory) drop(key *upstream.Key) bool {
	_, dropped := m.entries.Invalidate(*key)
	return dropped
}

// noteFailure marks the answer for key, if there is one, as one the CRM failed to replace.
func (m *memory) noteFailure(key *upstream.Key, refreshTimeout time.Duration) {
	if e, ok := m.get(key); ok {
		e.noteFailure(refreshTimeout)
	}
}

func (m *memory) keys() iter.Seq[upstream.Key] { return m.entries.Keys() }

func (m *memory) close() { m.entries.StopAllGoroutines() }
