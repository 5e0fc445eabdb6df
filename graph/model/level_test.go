package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmgraph/graph/model"
)

// Each key once, in the order in which they first come, however many there are.
func TestDistinct(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 7, 128, 129, 1000} {
		var keys, want []int64
		for i := range n {
			key := int64(n-i) / 3 // three of each, at the end two zeros
			keys = append(keys, key)
			if key != 0 && (len(want) == 0 || want[len(want)-1] != key) {
				want = append(want, key)
			}
		}
		keys = append(keys, keys...)
		if diff := cmp.Diff(want, model.Distinct(keys), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("of %d keys (-want +got):\n%s", len(keys), diff)
		}
	}
}
