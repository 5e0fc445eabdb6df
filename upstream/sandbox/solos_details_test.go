package sandbox_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// firstProject is the one with more than a page of actions and payments.
func firstProject(s *sandbox.Sandbox) *sandbox.Project { return s.Data().Projects[0] }

func onDay(t *testing.T, at time.Time, date string) bool {
	t.Helper()
	start := moscow(t, date+" 00:00:00")
	return !at.Before(start) && at.Before(start.AddDate(0, 0, 1))
}

func moscowDate(at time.Time) string { return at.In(time.FixedZone("", 3*60*60)).Format(time.DateOnly) }

func TestActions(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	p := firstProject(s)
	ids := func(keep func(sandbox.Action) bool) []int64 {
		ids := []int64{}
		for _, a := range p.Actions {
			if keep(a) {
				ids = append(ids, int64(a.ID))
			}
		}
		return ids
	}
	all := ids(func(sandbox.Action) bool { return true })
	if len(all) <= 100 {
		t.Fatalf("only %d actions, want more than a page", len(all))
	}
	date := moscowDate(p.Actions[3].Date)
	tests := map[string][]int64{
		"":                                   all[:100],
		"&count=500":                         all,
		"&count=5&offset=98":                 all[98:103],
		"&filter_actions=2":                  ids(func(a sandbox.Action) bool { return a.TypeID == 2 }),
		"&filter_actions=1_3":                ids(func(a sandbox.Action) bool { return a.TypeID == 1 || a.TypeID == 3 }),
		"&filter_date=" + date:               ids(func(a sandbox.Action) bool { return onDay(t, a.Date, date) }),
		fmt.Sprintf("&filter_id=%d", all[7]): {all[7]},
		fmt.Sprintf("&filter_id=%d&filter_actions=%d", all[7], 7):                           {},
		fmt.Sprintf("&filter_date=%s&filter_actions=%d&count=1", date, p.Actions[3].TypeID): ids(func(a sandbox.Action) bool { return onDay(t, a.Date, date) && a.TypeID == p.Actions[3].TypeID })[:1],
	}
	for query, want := range tests {
		got := integers(t, listOf(t, solos(t, s, fmt.Sprintf("%s/actions?id=%d%s", projects, p.ID, query))), "id")
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
	if slices.IsSortedFunc(p.Actions, func(a, b sandbox.Action) int { return a.Date.Compare(b.Date) }) {
		t.Error("actions are in the order of dates, which nothing promises")
	}
	list := listOf(t, solos(t, s, fmt.Sprintf("%s/actions?id=%d", projects, p.ID)))
	if diff := gocmp.Diff(any(list[4]), solos(t, s, fmt.Sprintf("%s/actions/info?id=%d", projects, all[4]))); diff != "" {
		t.Errorf("the action alone differs from the one in the list (-list +alone):\n%s", diff)
	}
}

func TestPayments(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	p := firstProject(s)
	ids := func(keep func(sandbox.Payment) bool) []int64 {
		ids := []int64{}
		for _, payment := range p.Payments {
			if keep(payment) {
				ids = append(ids, int64(payment.ID))
			}
		}
		return ids
	}
	all := ids(func(sandbox.Payment) bool { return true })
	date := moscowDate(p.Payments[0].Date)
	sameDay := ids(func(payment sandbox.Payment) bool { return onDay(t, payment.Date, date) })
	if len(all) <= 100 || len(sameDay) < 2 {
		t.Fatalf("%d payments, %d on one day; want more than a page, and a tie", len(all), len(sameDay))
	}
	tests := map[string][]int64{
		"":                                   all[:100],
		"&count=500":                         all,
		"&count=2&offset=99":                 all[99:101],
		"&count=500&filter_type=0":           ids(func(payment sandbox.Payment) bool { return payment.Type == 0 }),
		"&count=500&filter_type=1":           ids(func(payment sandbox.Payment) bool { return payment.Type == 1 }),
		"&filter_date=" + date:               sameDay,
		fmt.Sprintf("&filter_id=%d", all[9]): {all[9]},
	}
	for query, want := range tests {
		got := integers(t, listOf(t, solos(t, s, fmt.Sprintf("%s/payments?id=%d%s", projects, p.ID, query))), "id")
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	var p *sandbox.Project
	for _, candidate := range s.Data().Projects {
		if n := len(candidate.Steps); n > 5 {
			p = candidate // one that went back: a step stands there twice
		}
		if last := candidate.Steps[len(candidate.Steps)-1]; last.StepID != candidate.StepID {
			t.Errorf("project %d: current step %d, the last step is %d", candidate.ID, candidate.StepID, last.StepID)
		}
	}
	ids := func(keep func(sandbox.Step) bool) []int64 {
		ids := []int64{}
		for _, step := range p.Steps {
			if keep(step) {
				ids = append(ids, int64(step.ID))
			}
		}
		return ids
	}
	first := p.Steps[0].StepID
	date := moscowDate(p.Steps[1].Date)
	twice := ids(func(step sandbox.Step) bool { return step.StepID == first })
	if len(twice) != 2 {
		t.Fatalf("step %d stands there %d times, want twice", first, len(twice))
	}
	tests := map[string][]int64{
		"":                                  ids(func(sandbox.Step) bool { return true }),
		"&count=1":                          ids(func(sandbox.Step) bool { return true }),
		fmt.Sprint("&filter_steps=", first): twice,
		fmt.Sprintf("&filter_steps=%d_%d", first, first+2): ids(func(step sandbox.Step) bool { return step.StepID == first || step.StepID == first+2 }),
		"&filter_date=" + date:                             ids(func(step sandbox.Step) bool { return onDay(t, step.Date, date) }),
	}
	for query, want := range tests {
		got := integers(t, listOf(t, solos(t, s, fmt.Sprintf("%s/steps?id=%d%s", projects, p.ID, query))), "id")
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
}

func TestDetailsOfUnknownProjectAreEmpty(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Projects: 3})
	for _, path := range []string{"steps", "actions", "checklists", "goods", "payments"} {
		if diff := gocmp.Diff(any([]any{}), solos(t, s, projects+"/"+path+"?id=999999")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}
