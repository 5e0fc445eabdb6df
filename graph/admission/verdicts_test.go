package admission_test

import (
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/graph/admission"
)

// TestVerdictsAreKept: equal documents get one document, even at the same time, and what is
// refused is so again, with errors that each caller may change.
func TestVerdictsAreKept(t *testing.T) {
	t.Parallel()
	gate := newGate(t, pets(t), admission.Options{})
	docs := make([]*ast.QueryDocument, 16)
	var callers sync.WaitGroup
	for i := range docs {
		callers.Go(func() {
			docs[i], _ = gate.Admit(t.Context(), strings.Clone("{pet{name}}"))
			_, errs := gate.Admit(t.Context(), "{pet{wrong}}")
			if len(errs) != 1 || errs[0].Path != nil || len(errs[0].Extensions) != 1 {
				t.Errorf("got %v, want one untouched error", errs)
				return
			}
			errs[0].Path = ast.Path{ast.PathIndex(i)}
			errs[0].Extensions["caller"] = i
		})
	}
	callers.Wait()
	for _, doc := range docs {
		if doc == nil || doc != docs[0] {
			t.Fatalf("got document %p and %p, want the same", doc, docs[0])
		}
	}
	if again, _ := gate.Admit(t.Context(), "{pet{name} }"); again == docs[0] {
		t.Error("another document got the same")
	}
}

// TestMemoryIsBounded: many large documents, admitted and refused, take no more memory than
// they may. It runs alone, as whoever measures memory must.
func TestMemoryIsBounded(t *testing.T) {
	const allowed = 8 << 20
	gate := newGate(t, pets(t), admission.Options{CacheBytes: allowed})
	before := heap()
	for i := range 600 {
		field := []string{"name ", "wrong "}[i%2]
		_, _ = gate.Admit(t.Context(), "{pet{"+strings.Repeat(" ", i)+strings.Repeat(field, 1000)+"}}")
	}
	if grown := int64(heap()) - int64(before); grown > allowed {
		t.Errorf("%d bytes are in use, want at most %d", grown, allowed)
	}
	runtime.KeepAlive(gate)
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
