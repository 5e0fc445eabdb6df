package cache_test

import (
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

func TestStats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: time.Second}
		c := open(t, cache.Options{Tier: newTier()})
		together(3, func(int) {
			if _, err := get(t.Context(), c, s.tasks("ann"), anyTerms); err != nil {
				t.Error(err)
			}
		})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(10 * time.Second)
		s.fail(failure(upstream.Unavailable))
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
		time.Sleep(20 * time.Second)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.StaleOnError)
		synctest.Wait()
		s.fail(failure(upstream.NotFound))
		refused(t, c, s.tasks("bob"), anyTerms, upstream.NotFound)
		refused(t, c, s.tasks("bob"), anyTerms, upstream.NotFound)
		synctest.Wait()

		got := c.Stats()
		want := cache.Counts{
			Fresh: 1, Stale: 1, StaleOnError: 1, NotFound: 1,
			Misses: 2, Joined: 2, Stored: 2,
			Refreshes: 2, RefreshFailures: 2,
			TierMisses: 4,
		}
		if counts := got.Operations["proportal.tasks"]; counts != want {
			t.Errorf("got  %+v\nwant %+v", counts, want)
		}
		if got.Entries != 2 || got.Bytes == 0 || got.Flights != 0 || got.Evicted != 0 {
			t.Errorf("got %+v", got)
		}
	})
}
