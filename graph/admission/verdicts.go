package admission

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/executor"
)

const (
	// verdictOverhead is what a verdict takes in memory whatever the document, in bytes.
	verdictOverhead = 2048
	// bytesPerToken is what a parsed and validated document takes for each of its tokens.
	bytesPerToken = 300
	// bytesPerError is what an error takes: its message, location and extensions.
	bytesPerError = 1024
	// largestShare is the part of the memory that one verdict may take.
	largestShare = 8
)

// verdict is what has been decided on a document.
type verdict struct {
	doc    *ast.QueryDocument // nil if it is refused
	errs   gqlerror.List      // why
	tokens int
	plans  *executor.Plans // of the document's operations
	steps  int             // that these have room for
}

func refused(tokens int, errs ...*gqlerror.Error) *verdict {
	return &verdict{errs: errs, tokens: tokens}
}

// errors returns the caller's own copies, because whoever presents an error adds to it.
func (v *verdict) errors() gqlerror.List {
	if v.errs == nil {
		return nil
	}
	own := make(gqlerror.List, len(v.errs))
	for i, err := range v.errs {
		copied := *err
		copied.Extensions = maps.Clone(err.Extensions)
		copied.Locations = slices.Clone(err.Locations)
		own[i] = &copied
	}
	return own
}

// size is what a verdict takes in memory, about.
func (v *verdict) size(query string) int {
	size := verdictOverhead + len(query)
	if v.doc != nil {
		// Values with escapes are copies of what the document holds.
		return size + len(query) + bytesPerToken*v.tokens + executor.BytesPerStep*v.steps
	}
	return size + bytesPerError*len(v.errs)
}

// verdicts holds verdicts up to a size in bytes, and of those that are asked for most. They
// are found by the document itself, compared byte for byte under a hash with a random seed.
type verdicts struct {
	kept    *otter.Cache[string, *verdict]
	largest int
}

func newVerdicts(maxBytes int64) (*verdicts, error) {
	kept, err := otter.New(&otter.Options[string, *verdict]{
		MaximumWeight: uint64(maxBytes),
		Weigher:       func(query string, v *verdict) uint32 { return uint32(min(v.size(query), math.MaxUint32)) },
		// At once, not by and by: many large documents may come before a goroutine gets to evict.
		Executor: func(evict func()) { evict() },
	})
	if err != nil {
		return nil, fmt.Errorf("the memory for verdicts: %w", err)
	}
	return &verdicts{kept: kept, largest: int(maxBytes / largestShare)}, nil
}

func (v *verdicts) get(query string) (*verdict, bool) { return v.kept.GetIfPresent(query) }

func (v *verdicts) add(query string, decided *verdict) {
	if decided.size(query) <= v.largest {
		v.kept.Set(query, decided)
	}
}

func (v *verdicts) close() { v.kept.StopAllGoroutines() }
