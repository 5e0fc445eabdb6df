package cache_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

var anyTerms upstream.Terms

func TestFreshAnswersAreServedWithoutACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		first := wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		if first.Shared || first.Status != 200 || first.Bytes != len("ann 1") || first.Freshness.Left != 10*time.Second {
			t.Errorf("of a call that was made: %+v", first)
		}
		time.Sleep(4 * time.Second)
		kept := wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		want := upstream.Freshness{State: upstream.Fresh, Age: 4 * time.Second, Left: 6 * time.Second}
		if kept.Freshness != want || kept.Status != 0 {
			t.Errorf("got %+v, want freshness %+v and no status", kept, want)
		}
		s.wantCalls(t, 1)
	})
}

func TestStaleAnswersAreServedAtOnceAndReplacedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: time.Second}
		c := open(t, cache.Options{})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(10 * time.Second)
		began := time.Now()
		for range 100 {
			stale := wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
			if stale.Freshness.Left != 0 {
				t.Fatalf("a stale answer stays fresh for %v", stale.Freshness.Left)
			}
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("waited %v for stale answers", waited)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
		s.wantCalls(t, 2)
	})
}

// Get comes after Kept found nothing, and by then an answer may have come and be replaced.
func TestNobodyWaitsForARefreshThatBeganAfterTheyLooked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: time.Second}
		c := open(t, cache.Options{})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(10 * time.Second)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
		answer, err := c.Get(t.Context(), s.tasks("ann"), anyTerms)
		if err != nil || answer.Value != "ann 1" || answer.Freshness.State != upstream.Stale {
			t.Errorf("got %+v, %v, want the kept answer", answer, err)
		}
	})
}

func TestRefreshesLeaveRoomForOtherCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		questions := make([]*question, 100)
		for i := range questions {
			questions[i] = s.tasks("viewer " + strconv.Itoa(i))
		}
		ask := func() {
			for _, q := range questions {
				if _, err := get(t.Context(), c, q, anyTerms); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
		}
		ask()
		time.Sleep(10 * time.Second)
		s.takes = time.Second
		ask()
		s.wantCalls(t, 100+64)
		time.Sleep(time.Second)
		synctest.Wait()
		ask()
		s.wantCalls(t, 100+100)
	})
}

func TestARefreshOutlivesTheRequestThatCausedIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: time.Second}
		c := open(t, cache.Options{})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(10 * time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		if _, _, ok := c.Kept(ctx, s.tasks("ann"), anyTerms); !ok {
			t.Fatal("nothing kept")
		}
		cancel()
		time.Sleep(time.Second)
		synctest.Wait()
		wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
	})
}

func TestARefreshHasADeadline(t *testing.T) {
	t.Parallel()
	for timeout, want := range map[time.Duration]time.Duration{
		time.Second: time.Second, // a call takes no longer for nobody waiting for it
		time.Minute: 3 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := crm{}
			c := open(t, cache.Options{RefreshTimeout: 3 * time.Second})
			wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
			time.Sleep(10 * time.Second)
			began := time.Now()
			var ended time.Time
			q := s.tasks("ann")
			q.timeout = timeout
			q.ask = func(ctx context.Context) (*upstream.Body, error) {
				<-ctx.Done()
				ended = time.Now()
				return nil, failure(upstream.Timeout)
			}
			wants(t, c, q, anyTerms, "ann 1", upstream.Stale)
			time.Sleep(time.Minute)
			synctest.Wait()
			if got := ended.Sub(began); got != want {
				t.Errorf("the refresh of what may take %v took %v, want %v", timeout, got, want)
			}
		})
	}
}

func TestAFailedRefreshLeavesTheAnswerAndIsNotTriedAtOnceAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(10 * time.Second)
		s.fail(failure(upstream.Unavailable))
		// A request every 10 ms for 10 s, with a pause of half a second to one and a half.
		for range 1000 {
			wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
			time.Sleep(10 * time.Millisecond)
		}
		if refreshes := s.calls.Load() - 1; refreshes < 6 || refreshes > 20 {
			t.Errorf("the failing CRM was called %d times in 10 s, want 6 to 20", refreshes)
		}
		s.fail(nil)
		time.Sleep(1500 * time.Millisecond)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
		synctest.Wait()
		answer, err := get(t.Context(), c, s.tasks("ann"), anyTerms)
		if err != nil || answer.Value == "ann 1" || answer.Freshness.State != upstream.Fresh {
			t.Errorf("after the CRM has recovered: %+v, %v", answer, err)
		}
	})
}

func TestAnswersTooOldAreAskedForAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(30 * time.Second)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Revalidated)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
	})
}

func TestTerms(t *testing.T) {
	t.Parallel()
	sec := func(n int) *time.Duration { return ptr(time.Duration(n) * time.Second) }
	for name, test := range map[string]struct {
		terms upstream.Terms
		age   int // of what is kept, in seconds
		value string
		state upstream.State // "" for NotCached
	}{
		"no-cache asks though the answer is fresh":      {upstream.Terms{NoCache: true}, 1, "ann 2", upstream.Revalidated},
		"no-store asks though the answer is fresh":      {upstream.Terms{NoStore: true}, 1, "ann 2", upstream.Revalidated},
		"a fresh answer that is young enough":           {upstream.Terms{MaxAge: sec(5)}, 5, "ann 1", upstream.Fresh},
		"a fresh answer that is too old":                {upstream.Terms{MaxAge: sec(5)}, 6, "ann 2", upstream.Revalidated},
		"a great age does not make an answer fresh":     {upstream.Terms{MaxAge: sec(60)}, 11, "ann 1", upstream.Stale},
		"a great age does not make an answer servable":  {upstream.Terms{MaxAge: sec(60)}, 31, "ann 2", upstream.Revalidated},
		"stale within what is accepted":                 {upstream.Terms{MaxStale: sec(40)}, 50, "ann 1", upstream.Stale},
		"stale beyond what is accepted":                 {upstream.Terms{MaxStale: sec(40)}, 51, "ann 2", upstream.Revalidated},
		"max-age holds for stale answers":               {upstream.Terms{MaxStale: sec(40), MaxAge: sec(20)}, 25, "ann 2", upstream.Revalidated},
		"only-if-cached takes a fresh answer":           {upstream.Terms{OnlyIfCached: true}, 9, "ann 1", upstream.Fresh},
		"only-if-cached takes a stale answer":           {upstream.Terms{OnlyIfCached: true}, 29, "ann 1", upstream.Stale},
		"only-if-cached takes none that is older":       {upstream.Terms{OnlyIfCached: true}, 30, "", ""},
		"only-if-cached takes what is accepted":         {upstream.Terms{OnlyIfCached: true, MaxStale: sec(40)}, 50, "ann 1", upstream.Stale},
		"only-if-cached takes none that is too old":     {upstream.Terms{OnlyIfCached: true, MaxAge: sec(5)}, 6, "", ""},
		"no terms, and stale":                           {upstream.Terms{}, 29, "ann 1", upstream.Stale},
		"no terms, and beyond what is served as stale":  {upstream.Terms{}, 30, "ann 2", upstream.Revalidated},
		"an age of zero asks for what is a second old":  {upstream.Terms{MaxAge: sec(0)}, 1, "ann 2", upstream.Revalidated},
		"no terms, and the last moment of being fresh":  {upstream.Terms{}, 9, "ann 1", upstream.Fresh},
		"no terms, and the first moment of being stale": {upstream.Terms{}, 10, "ann 1", upstream.Stale},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s crm
				c := open(t, cache.Options{})
				wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
				time.Sleep(time.Duration(test.age) * time.Second)
				if test.state == "" {
					refused(t, c, s.tasks("ann"), test.terms, upstream.NotCached)
					return
				}
				wants(t, c, s.tasks("ann"), test.terms, test.value, test.state)
			})
		})
	}
}

func TestOnlyIfCachedAsksNobodyInTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(lifetime.TTL)
		wants(t, c, s.tasks("ann"), upstream.Terms{OnlyIfCached: true}, "ann 1", upstream.Stale)
		synctest.Wait()
		s.wantCalls(t, 1)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
		synctest.Wait()
		s.wantCalls(t, 2)
	})
}

func TestAnswersToNoCacheAreKeptAndThoseToNoStoreAreNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		unkept := wants(t, c, s.tasks("ann"), upstream.Terms{NoStore: true}, "ann 1", upstream.Revalidated)
		if unkept.Freshness.Left != 0 {
			t.Errorf("what may not be stored is said to stay fresh for %v", unkept.Freshness.Left)
		}
		refused(t, c, s.tasks("ann"), upstream.Terms{OnlyIfCached: true}, upstream.NotCached)
		wants(t, c, s.tasks("ann"), upstream.Terms{NoCache: true}, "ann 2", upstream.Revalidated)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
		s.wantCalls(t, 2)
	})
}

func TestWithoutALifetimeNothingIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{Lifetime: always(cache.Lifetime{NotFound: time.Minute})})
		first := wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		if first.Freshness.Left != 0 {
			t.Errorf("what is not kept is said to stay fresh for %v", first.Freshness.Left)
		}
		wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
		s.fail(failure(upstream.NotFound))
		refused(t, c, s.tasks("ann"), anyTerms, upstream.NotFound)
		s.fail(nil)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 4", upstream.Fresh)
	})
}

func TestLifetimesAreThoseOfTheOperation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{Lifetime: func(service upstream.Service, operation string) cache.Lifetime {
			if service == upstream.Solos && operation == "stages" {
				return cache.Lifetime{TTL: time.Hour}
			}
			return cache.Lifetime{TTL: time.Second}
		}})
		stages := s.asks(upstream.Key{Service: upstream.Solos, Operation: "stages", Scope: "firm"})
		steps := s.asks(upstream.Key{Service: upstream.Solos, Operation: "steps", Scope: "firm"})
		wants(t, c, stages, anyTerms, "firm 1", upstream.Fresh)
		wants(t, c, steps, anyTerms, "firm 2", upstream.Fresh)
		time.Sleep(time.Minute)
		wants(t, c, stages, anyTerms, "firm 1", upstream.Fresh)
		wants(t, c, steps, anyTerms, "firm 3", upstream.Fresh)
	})
}

func TestAnswersOfNobodyAreNeitherKeptNorShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: time.Second}
		c := open(t, cache.Options{})
		together(3, func(int) {
			if _, err := c.Get(t.Context(), s.tasks(""), anyTerms); err != nil {
				t.Error(err)
			}
		})
		s.wantCalls(t, 3)
		refused(t, c, s.tasks(""), upstream.Terms{OnlyIfCached: true}, upstream.NotCached)
	})
}

func TestNewRefusesNegativeSettings(t *testing.T) {
	t.Parallel()
	for _, opts := range []cache.Options{{MaxBytes: -1}, {RefreshTimeout: -1}} {
		if c, err := cache.New(opts); err == nil {
			c.Close()
			t.Errorf("%+v was accepted", opts)
		}
	}
}
