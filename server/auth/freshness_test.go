package auth_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/graph"
	"crmgraph/server/auth"
	"crmgraph/upstream"
)

func TestFreshnessTerms(t *testing.T) {
	t.Parallel()
	after := func(d time.Duration) *time.Duration { return &d }
	const year = 365 * 24 * time.Hour
	tests := []struct {
		name   string
		header http.Header
		want   graph.Terms
	}{
		{"nothing asked", http.Header{}, graph.Terms{}},
		{"no-cache", http.Header{"Cache-Control": {"no-cache"}}, graph.Terms{Terms: upstream.Terms{NoCache: true}}},
		{"in any case", http.Header{"Cache-Control": {"No-Store"}}, graph.Terms{Terms: upstream.Terms{NoStore: true}}},
		{
			"several, on several lines",
			http.Header{"Cache-Control": {"max-age=60, max-stale=5", "only-if-cached"}},
			graph.Terms{Terms: upstream.Terms{OnlyIfCached: true, MaxAge: after(time.Minute), MaxStale: after(5 * time.Second)}},
		},
		{"max-age of 0", http.Header{"Cache-Control": {"max-age=0"}}, graph.Terms{Terms: upstream.Terms{MaxAge: after(0)}}},
		{"quoted", http.Header{"Cache-Control": {`max-age="7"`}}, graph.Terms{Terms: upstream.Terms{MaxAge: after(7 * time.Second)}}},
		{"any staleness", http.Header{"Cache-Control": {"max-stale"}}, graph.Terms{Terms: upstream.Terms{MaxStale: after(year)}}},
		{"more than a year", http.Header{"Cache-Control": {"max-age=9223372036854775807"}}, graph.Terms{Terms: upstream.Terms{MaxAge: after(year)}}},
		{"unreadable and unknown", http.Header{"Cache-Control": {"max-age=soon, max-age, min-fresh=3, ,=, x"}}, graph.Terms{}},
		{"of HTTP/1.0", http.Header{"Pragma": {"no-cache"}}, graph.Terms{Terms: upstream.Terms{NoCache: true}}},
		{"which Cache-Control overrides", http.Header{"Pragma": {"no-cache"}, "Cache-Control": {"max-age=1"}}, graph.Terms{Terms: upstream.Terms{MaxAge: after(time.Second)}}},
		{"a report", http.Header{auth.FreshnessHeader: {"1"}}, graph.Terms{Report: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := auth.NewCallers(newLocal(t), auth.CallerOptions{}).Of(test.header).Freshness
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("terms (-want +got):\n%s", diff)
			}
		})
	}
}
