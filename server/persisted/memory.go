package persisted

import (
	"fmt"
	"math"

	"github.com/maypok86/otter/v2"
)

// entryOverhead is what a document takes in memory beyond its text, about.
const entryOverhead = 200

// memory holds learnt documents up to a size in bytes, those that are asked for most.
type memory struct {
	documents *otter.Cache[Hash, string]
}

func newMemory(maxBytes int64) (*memory, error) {
	documents, err := otter.New(&otter.Options[Hash, string]{
		MaximumWeight: uint64(maxBytes),
		Weigher: func(_ Hash, document string) uint32 {
			return uint32(min(entryOverhead+len(document), math.MaxUint32))
		},
		// At once, not by and by: many large documents may come before a goroutine gets to evict.
		Executor: func(evict func()) { evict() },
	})
	if err != nil {
		return nil, fmt.Errorf("the memory for documents: %w", err)
	}
	return &memory{documents}, nil
}

func (m *memory) get(hash Hash) (string, bool) { return m.documents.GetIfPresent(hash) }

func (m *memory) set(hash Hash, document string) { m.documents.Set(hash, document) }

func (m *memory) bytes() int64 { return int64(m.documents.WeightedSize()) }
