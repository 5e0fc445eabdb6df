package graph

import (
	"testing"

	"crmgraph/upstream"
)

// TestCallsOfABatchAreCountedTogether: what operations really call counts, too, since a plan
// cannot know everything.
func TestCallsOfABatchAreCountedTogether(t *testing.T) {
	t.Parallel()
	shared := NewBatch(2)
	operations := make([]*meter, 2)
	limits := Limits{Calls: 3, Solos: 2}
	for i := range operations {
		operations[i] = &meter{limits: limits, batch: batchOf(shared.With(t.Context(), i))}
	}
	call := func(operation int, service upstream.Service) upstream.ObservedCall {
		made, _ := operations[operation].Start(t.Context(), &upstream.Call{Service: service})
		return made
	}
	first := call(0, upstream.Solos)
	if first == nil || call(1, upstream.Solos) == nil {
		t.Fatal("a call within the limits was refused")
	}
	if call(0, upstream.Solos) != nil {
		t.Error("a third call of solOS was let through, want two of both operations")
	}
	first.Ended(upstream.Outcome{Shared: true}) // by another request's call: it was not made
	if call(1, upstream.Solos) == nil || call(0, upstream.ProPortal) == nil {
		t.Error("a call in the place of one that was not made was refused")
	}
	if call(1, upstream.ProPortal) != nil {
		t.Error("a fourth call was let through, want three of both operations")
	}
}
