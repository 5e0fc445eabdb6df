package graph_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// crowdedTimeline is a customer whose history has many entries at few instants.
func crowdedTimeline(dialect sandbox.Dialect) sandbox.Options {
	return sandbox.Options{
		Dialect: dialect, Customers: 1, Tasks: 8, Projects: 3,
		Mutate: func(data *sandbox.Data) {
			start := time.Date(2026, time.March, 2, 21, 0, 0, 0, time.UTC) // midnight in Moscow, as of payments
			instant := func(i int) time.Time { return start.AddDate(0, 0, i%3) }
			for i, task := range data.Managers[0].Tasks {
				task.StartsAt = instant(i)
			}
			for _, p := range data.Projects {
				p.Deleted = false
				p.Actions, p.Payments = p.Actions[:min(6, len(p.Actions))], p.Payments[:min(6, len(p.Payments))]
				for i := range p.Actions {
					p.Actions[i].Date = instant(i)
				}
				for i := range p.Payments {
					p.Payments[i].Date = instant(i)
				}
			}
		},
	}
}

func timelineQuery(crms *sandbox.Sandbox) string {
	of := fmt.Sprintf(`customer(id: "%d") {`, crms.Data().Managers[0].Customers[0].ID)
	return strings.Replace(paged("", of, "timeline", "", "}").query, "totalCount", "missing totalCount", 1)
}

// Pages of any size together are the whole history, ties in dates or not.
func TestPagesOfTimelineMakeTheWhole(t *testing.T) {
	t.Parallel()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, crowdedTimeline(dialect))
			o, err := newOracle(w.crms, dialect, 0)
			if err != nil {
				t.Fatal(err)
			}
			query := timelineQuery(w.crms)
			whole := whole(t, o, query, nil)
			if len(whole) < 20 {
				t.Fatalf("only %d entries", len(whole))
			}
			for size := 1; size <= len(whole)+1; size++ {
				w.checkPages(t, query, whole, size)
			}
			w.checkPages(t, query, whole, 100)
		})
	}
}

// A source that fails on one page and recovers loses nothing and doubles nothing: its
// entries come with a later page.
func TestTimelineSourceThatFailsAndRecovers(t *testing.T) {
	t.Parallel()
	sources := []struct {
		target  string
		missing []string
	}{
		{"proportal.customerTasks", []string{"TASKS"}},
		{"solos.actions", []string{"ACTIONS"}},
		{"solos.payments", []string{"PAYMENTS"}},
		{"solos.filterProjects", []string{"ACTIONS", "PAYMENTS"}},
	}
	for _, source := range sources {
		t.Run(source.target, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, crowdedTimeline(sandbox.DialectReference))
			o, err := newOracle(w.crms, sandbox.DialectReference, 0)
			if err != nil {
				t.Fatal(err)
			}
			query := timelineQuery(w.crms)
			whole := whole(t, o, query, nil)
			for _, size := range []int{3, 7, 100} {
				for failing := range (len(whole)+size-1)/size + 1 {
					read := w.readTimeline(t, query, size, failing, source.target, source.missing)
					if diff := cmp.Diff(slices.Sorted(slices.Values(whole)), slices.Sorted(slices.Values(read))); diff != "" {
						t.Fatalf("pages of %d, number %d failing (-want +got):\n%s", size, failing, diff)
					}
				}
			}
		})
	}
}

// readTimeline reads a timeline whose page of the given number fails in part, as any
// client would: as long as there is a next page.
func (w *world) readTimeline(t *testing.T, query string, size, failing int, target string, missing []string) []string {
	t.Helper()
	var after *string
	var read []string
	for number := range 100 {
		w.crms.Reset()
		fails := number == failing
		if fails {
			w.crms.SetFault(target, sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusInternalServerError})
		}
		got := w.ask(t, query, map[string]any{"first": size, "after": after})
		page := connectionIn(t, got.Data)
		read = append(read, page.ids()...)
		if !fails {
			missing := page.Missing
			if len(missing) != 0 || page.TotalCount == nil || len(got.Errors) != 0 {
				t.Fatalf("a good page: missing %v, total %v, errors %+v", missing, page.TotalCount, got.Errors)
			}
		} else if diff := cmp.Diff(missing, page.Missing); diff != "" || page.TotalCount != nil || len(got.Errors) != 1 {
			t.Fatalf("a failing page: total %v, errors %+v, missing (-want +got):\n%s", page.TotalCount, got.Errors, diff)
		}
		if !page.PageInfo.HasNextPage {
			return read
		}
		after = page.PageInfo.EndCursor
	}
	t.Fatalf("pages of %d, number %d failing: no end after %d entries", size, failing, len(read))
	return nil
}
