package model_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/graph/model"
)

func TestOffsetCursor(t *testing.T) {
	t.Parallel()
	scope := model.NewScope("tasks", 0, "planned")
	for _, before := range []int{0, 1, 127, 128, 1 << 20, 1 << 30} {
		cursor := model.OffsetCursor(scope, before)
		if got, err := model.ParseOffsetCursor(scope, cursor); err != nil || got != before {
			t.Errorf("cursor of %d: got %d, %v", before, got, err)
		}
		if _, err := model.ParseOffsetCursor(model.NewScope("tasks", 0, "completed"), cursor); err == nil {
			t.Errorf("cursor of %d is accepted by another list", before)
		}
	}
	if got, err := model.ParseOffsetCursor(scope, model.OffsetCursor(scope, 1<<30+1)); err == nil {
		t.Errorf("an offset out of range is accepted as %d", got)
	}
}

func FuzzParseOffsetCursor(f *testing.F) {
	scope := model.NewScope("fuzz", 0, nil)
	f.Add(model.OffsetCursor(scope, 5))
	f.Add("bw")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		before, err := model.ParseOffsetCursor(scope, text)
		if err == nil && model.OffsetCursor(scope, before) != text {
			t.Errorf("%q was read as %d, whose cursor is %q", text, before, model.OffsetCursor(scope, before))
		}
	})
}

func FuzzParseTimelineCursor(f *testing.F) {
	scope := model.NewScope("fuzz", 0, nil)
	at := time.Date(2026, 9, 1, 6, 0, 0, 5, time.UTC)
	page := model.NewTimeline(scope, []model.TimelineEntry{
		{Source: model.TimelineTasks, Number: 7, At: &at},
		{Source: model.TimelinePayments, Project: 3, Number: 9},
	}, nil, model.TimelineCursor{}, 2)
	for _, edge := range page.Edges() {
		f.Add(edge.Cursor)
	}
	f.Add("")
	f.Fuzz(func(_ *testing.T, text string) {
		// A cursor that is accepted must find its place without harm.
		cursor, err := model.ParseTimelineCursor(scope, text)
		if err != nil {
			return
		}
		model.NewTimeline(scope, []model.TimelineEntry{{Source: model.TimelineTasks, Number: 1}}, nil, cursor, 1)
	})
}

// A source that fails on one page and answers on the next is taken up where it was left.
func TestTimelineKeepsThePlaceOfAMissingSource(t *testing.T) {
	t.Parallel()
	scope := model.NewScope("timeline", 0, nil)
	day := func(n int) *time.Time {
		at := time.Date(2026, 9, n, 0, 0, 0, 0, time.UTC)
		return &at
	}
	task := func(number uint64, at *time.Time) model.TimelineEntry {
		return model.TimelineEntry{Source: model.TimelineTasks, Number: number, At: at}
	}
	payment := func(number uint64, at *time.Time) model.TimelineEntry {
		return model.TimelineEntry{Source: model.TimelinePayments, Project: 1, Number: number, At: at}
	}
	tasks := []model.TimelineEntry{task(1, day(9)), task(2, day(5)), task(3, day(1))}
	payments := []model.TimelineEntry{payment(4, day(8)), payment(5, day(5)), payment(6, nil)}

	var numbers []uint64
	number := map[model.TimelineItem]uint64{}
	entries := func(lists ...[]model.TimelineEntry) []model.TimelineEntry {
		var all []model.TimelineEntry
		for _, list := range lists {
			for _, entry := range list {
				item := &model.Task{}
				number[item] = entry.Number
				entry.Item = item
				all = append(all, entry)
			}
		}
		return all
	}
	read := func(page *model.TimelineConnection) model.TimelineCursor {
		for _, node := range page.Nodes {
			numbers = append(numbers, number[node])
		}
		cursor, err := model.ParseTimelineCursor(scope, *page.PageInfo().EndCursor)
		if err != nil {
			t.Fatal(err)
		}
		return cursor
	}
	missing := []model.TimelineSource{model.TimelinePayments}
	first := model.NewTimeline(scope, entries(tasks), missing, model.TimelineCursor{}, 2)
	if first.TotalCount != nil {
		t.Errorf("a page with a missing source tells a total of %d", *first.TotalCount)
	}
	cursor := read(first)
	second := model.NewTimeline(scope, entries(tasks, payments), nil, cursor, 2)
	cursor = read(second)
	third := model.NewTimeline(scope, entries(tasks, payments), nil, cursor, 2)
	read(third)
	if diff := cmp.Diff([]uint64{1, 2, 4, 5, 3, 6}, numbers); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
	if !first.PageInfo().HasNextPage || !second.PageInfo().HasNextPage || third.PageInfo().HasNextPage {
		t.Error("hasNextPage must be true but on the last page")
	}
}
