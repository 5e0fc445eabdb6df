package graph_test

import (
	"cmp"
	"slices"
	"testing"

	"crmgraph/upstream/sandbox"
)

// Of tasks made in the same second the one with the highest number is the last; of several
// entries into the step a project is at, the latest is the current one.
func TestTies(t *testing.T) {
	t.Parallel()
	const project = 3
	opts := sandbox.Options{
		Mutate: func(data *sandbox.Data) {
			busy := slices.MaxFunc(data.Managers[0].Customers, func(a, b *sandbox.Customer) int { return len(a.Tasks) - len(b.Tasks) })
			for _, task := range busy.Tasks {
				task.CreatedAt = busy.Tasks[0].CreatedAt
			}
			// In the order in which the emulated CRM lists tasks: the last one first.
			slices.SortFunc(busy.Tasks, func(a, b *sandbox.Task) int { return cmp.Compare(b.ID, a.ID) })
			for _, p := range data.Projects {
				if p.ID == project {
					steps := p.Steps
					again := steps[len(steps)-1]
					again.ID, again.Date = again.ID+1_000_000, again.Date.AddDate(0, 0, 1)
					p.Steps = slices.Insert(steps, len(steps)-1, again)
				}
			}
		},
	}
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		opts.Dialect = dialect
		crms := startSandbox(t, opts)
		o, err := newOracle(crms, dialect, 0)
		if err != nil {
			t.Fatal(err)
		}
		const query = `{
			customer(id: "4007337") { lastTask { databaseId } }
			project(id: "3") { stepId currentStep { databaseId stepId date } }
		}`
		newWorldOn(t, crms).check(t, query, nil, oracleAnswer(t, o, query, nil), map[string]int{
			"proportal.customer": 1, "proportal.customerTasks": 1, "solos.project": 1, "solos.steps": 1,
		})
	}
}
