package graph_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// costExtension is extensions.cost.
type costExtension struct {
	Cost struct {
		Estimated, Actual struct{ Proportal, Solos, Total int }
	}
}

// Random operations never make more calls than their plan has, never make one twice, and
// answer what the oracle says, which knows of no calls at all.
func TestRandomOperationsKeepToTheirPlans(t *testing.T) {
	t.Parallel()
	const workers, operations = 2, 400
	aliasedCursor := regexp.MustCompile(`\w+: (cursor|startCursor|endCursor)\b`)
	for worker := range workers {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{
				Dialect: sandbox.DialectResource, Customers: 30, Groups: 5, Tasks: 80, Projects: 60,
			})
			o, err := newOracle(w.crms, sandbox.DialectResource, 0)
			if err != nil {
				t.Fatal(err)
			}
			values := newRandomValues(w.crms.Data())
			compared := 0
			for i := range operations {
				g := &generator{Rand: rand.New(rand.NewPCG(77+uint64(worker), uint64(i))), schema: o.schema, values: values}
				query, variables := g.operation()
				w.crms.Reset()
				got := w.ask(t, query, variables)
				w.checkPlan(t, query, got)
				if want, err := o.answer(query, variables); err == nil && len(got.Errors) == 0 && !aliasedCursor.MatchString(query) {
					text, err := encodeJSON(want, "")
					if err != nil {
						t.Fatal(err)
					}
					compareAnswers(t, query, string(text), got.Data)
					compared++
				}
				if t.Failed() {
					t.Fatalf("operation %d with %v", i, variables)
				}
			}
			if compared < operations/5 {
				t.Errorf("only %d of %d operations could be compared with the oracle", compared, operations)
			}
		})
	}
}

// checkPlan compares the calls that the CRMs have received with the cost that an answer tells.
func (w *world) checkPlan(t *testing.T, query string, got answer) {
	t.Helper()
	cost := got.Extensions.Cost
	received := map[string]int{}
	for _, request := range w.crms.Requests() {
		service, _, _ := strings.Cut(request.Call, ".")
		received[service]++
	}
	want := map[string]int{}
	for service, count := range map[string]int{"proportal": cost.Actual.Proportal, "solos": cost.Actual.Solos} {
		if count > 0 {
			want[service] = count
		}
	}
	if diff := cmp.Diff(want, received); diff != "" {
		t.Errorf("%s\ncalls (-told +received):\n%s", query, diff)
	}
	if cost.Actual.Proportal > cost.Estimated.Proportal || cost.Actual.Solos > cost.Estimated.Solos {
		t.Errorf("%s\nmore calls than estimated: %+v, received %v", query, cost, w.crms.Calls())
	}
	w.checkNoRepetition(t)
}
