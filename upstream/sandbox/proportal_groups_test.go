package sandbox_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// TestGroupFilters counts prospects by their tasks: complete are those with a completed
// task and no open one. The samples of the reference print their own counts.
func TestGroupFilters(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	resource := start(t, sandbox.Options{Dialect: sandbox.DialectResource})
	m := s.Data().Managers[0]

	counts := map[int64]map[string]int64{}
	for _, c := range m.Customers {
		state := "active"
		if hasTask(s, "completed")(c) && !hasTask(s, "planned")(c) && !hasTask(s, "duedate")(c) {
			state = "complete"
		}
		for _, id := range c.GroupIDs {
			if counts[id] == nil {
				counts[id] = map[string]int64{}
			}
			counts[id][state]++
		}
	}
	counts[283]["active"], counts[129]["active"] = 138, 132

	tests := map[string]struct{ status, count string }{
		"?status=active":                  {"active", "active"},
		"?status=complete":                {"complete", "active"},
		"?count=complete":                 {"active", "complete"},
		"?status=complete&count=complete": {"complete", "complete"},
		"":                                {"active", "active"},
	}
	for query, test := range tests {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			want := map[int64]int64{}
			for _, group := range m.Groups {
				if counts[group.ID][test.status] > 0 {
					want[group.ID] = counts[group.ID][test.count]
				}
			}
			if len(want) == 0 || len(want) == len(m.Groups) {
				t.Fatalf("%d of %d groups fit; nothing to filter", len(want), len(m.Groups))
			}
			if diff := cmp.Diff(want, groupCounts(t, portal(t, s, workspace+"groups"+query))); diff != "" {
				t.Errorf("reference: customers by group (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, groupCounts(t, portal(t, resource, workspace+"groups"+query))); diff != "" {
				t.Errorf("resource: customers by group (-want +got):\n%s", diff)
			}
		})
	}
}

// groupCounts reads the number of customers by group out of all three shapes of a list of groups.
func groupCounts(t *testing.T, answer any) map[int64]int64 {
	t.Helper()
	idName, countName := "id", "customers"
	if outer, ok := answer.([]any); ok && len(outer) == 1 {
		if inner, ok := outer[0].([]any); ok {
			answer, idName, countName = inner, "spisok_id", "customers_count"
		}
	}
	counts := map[int64]int64{}
	for _, group := range listOf(t, answer) {
		counts[*integer(t, group[idName])] = *integer(t, group[countName])
	}
	return counts
}
