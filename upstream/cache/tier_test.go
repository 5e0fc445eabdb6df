package cache_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

// tier is a cache.Tier in memory.
type tier struct {
	mu          sync.Mutex
	stored      map[upstream.Key]cache.Stored
	until       map[upstream.Key]time.Time
	locked      bool // by another replica
	gets, locks int
	purges      []cache.Purge
	purging     cache.Purge
	trouble     error  // of purges
	beforePurge func() // called by Purge before anything is removed
	beforePut   func()
}

func newTier() *tier {
	return &tier{stored: make(map[upstream.Key]cache.Stored), until: make(map[upstream.Key]time.Time)}
}

func (s *tier) Get(_ context.Context, key upstream.Key) (cache.Stored, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gets++
	stored, ok := s.stored[key]
	return stored, ok && time.Now().Before(s.until[key])
}

func (s *tier) Put(key upstream.Key, stored cache.Stored, keep time.Duration) {
	if s.beforePut != nil {
		s.beforePut()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stored.Body = slices.Clone(stored.Body)
	s.stored[key], s.until[key] = stored, time.Now().Add(keep)
}

func (s *tier) Lock(context.Context, upstream.Key, time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.locks++
	return !s.locked
}

func (s *tier) Drop(key upstream.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.stored, key)
}

func (s *tier) Purge(_ context.Context, purge cache.Purge) error {
	s.purging = purge
	if s.beforePurge != nil {
		s.beforePurge()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.purges = append(s.purges, purge)
	clear(s.stored)
	return s.trouble
}

func (s *tier) holds(q *question) bool {
	_, ok := s.Get(context.Background(), q.key)
	return ok
}

// replicas are two caches over one tier.
func replicas(t *testing.T) (one, other *cache.Cache, shelf *tier) {
	t.Helper()
	shelf = newTier()
	return open(t, cache.Options{Tier: shelf}), open(t, cache.Options{Tier: shelf}), shelf
}

func TestReplicasShareAnswersAtTheirTrueAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		one, other, _ := replicas(t)
		wants(t, one, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(4 * time.Second)
		answer := wants(t, other, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		want := upstream.Freshness{State: upstream.Fresh, Age: 4 * time.Second, Left: 6 * time.Second}
		if answer.Freshness != want || !answer.Shared || answer.Status != 0 {
			t.Errorf("got %+v, want shared and %+v", answer, want)
		}
		time.Sleep(5 * time.Second)
		wants(t, other, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		s.wantCalls(t, 1)
	})
}

func TestReplicasShareThatThereIsNoSuchObject(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		one, other, _ := replicas(t)
		s.fail(failure(upstream.NotFound))
		refused(t, one, s.tasks("ann"), anyTerms, upstream.NotFound)
		s.fail(nil)
		refused(t, other, s.tasks("ann"), anyTerms, upstream.NotFound)
		time.Sleep(3 * time.Second)
		wants(t, other, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
	})
}

func TestTheTierMeetsTheTerms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		terms upstream.Terms
		age   int // of what the tier has, in seconds
		value string
		state upstream.State
	}{
		"fresh":               {upstream.Terms{}, 9, "ann 1", upstream.Fresh},
		"stale":               {upstream.Terms{}, 29, "ann 1", upstream.Stale},
		"too old":             {upstream.Terms{}, 30, "ann 2", upstream.Fresh},
		"no-cache":            {upstream.Terms{NoCache: true}, 1, "ann 2", upstream.Revalidated},
		"no-store":            {upstream.Terms{NoStore: true}, 1, "ann 2", upstream.Revalidated},
		"an age it has not":   {upstream.Terms{MaxAge: ptr(5 * time.Second)}, 5, "ann 1", upstream.Fresh},
		"an age that it past": {upstream.Terms{MaxAge: ptr(5 * time.Second)}, 6, "ann 2", upstream.Fresh},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s crm
				one, other, _ := replicas(t)
				wants(t, one, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
				time.Sleep(time.Duration(test.age) * time.Second)
				wants(t, other, s.tasks("ann"), test.terms, test.value, test.state)
			})
		})
	}
}

func TestAnAskerWithAnAgeDoesNotJoinOneWhoTakesOlderAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		one, _, shelf := replicas(t)
		wants(t, one, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(8 * time.Second)
		other := open(t, cache.Options{Tier: slowTier{shelf, time.Second}})
		var all sync.WaitGroup
		all.Go(func() { wants(t, other, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh) })
		time.Sleep(500 * time.Millisecond)
		wants(t, other, s.tasks("ann"), upstream.Terms{MaxAge: ptr(5 * time.Second)}, "ann 2", upstream.Fresh)
		all.Wait()
	})
}

type slowTier struct {
	*tier
	takes time.Duration
}

func (s slowTier) Get(ctx context.Context, key upstream.Key) (cache.Stored, bool) {
	time.Sleep(s.takes)
	return s.tier.Get(ctx, key)
}

func TestTheTierServesWhileTheCRMFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		one, other, _ := replicas(t)
		wants(t, one, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(old)
		s.fail(failure(upstream.Unavailable))
		wants(t, other, s.tasks("ann"), anyTerms, "ann 1", upstream.StaleOnError)
		refused(t, other, s.tasks("bob"), anyTerms, upstream.Unavailable)
	})
}

func TestARefreshTakesWhatAnotherReplicaHasGot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		one, other, _ := replicas(t)
		wants(t, one, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		wants(t, other, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(10 * time.Second)
		wants(t, one, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
		synctest.Wait()
		wants(t, other, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
		synctest.Wait()
		wants(t, other, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
		s.wantCalls(t, 2)
	})
}

func TestARefreshIsLeftToTheReplicaThatHasTheLock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		one, _, shelf := replicas(t)
		wants(t, one, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(12 * time.Second)
		shelf.locked = true
		for range 100 {
			wants(t, one, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
			synctest.Wait()
		}
		s.wantCalls(t, 1)
		if shelf.locks != 1 {
			t.Errorf("the lock was asked for %d times at once, want 1", shelf.locks)
		}
		shelf.locked = false
		time.Sleep(1500 * time.Millisecond)
		wants(t, one, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
		synctest.Wait()
		wants(t, one, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
	})
}

func TestNobodyWaitsForAFailingCRMWhileAnotherReplicaTriesIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c, _, shelf := replicas(t)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(old)
		s.fail(failure(upstream.Unavailable))
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.StaleOnError)
		time.Sleep(2 * time.Second)
		shelf.locked = true
		for range 2 {
			wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.StaleOnError)
			synctest.Wait()
		}
		s.wantCalls(t, 2)
	})
}

func TestOneWhoWaitsForARefreshThatIsLeftToAnotherReplicaAsksAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		shelf := newTier()
		c := open(t, cache.Options{Tier: slowTier{shelf, time.Second}})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(29 * time.Second)
		shelf.locked = true
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
		wants(t, c, s.tasks("ann"), upstream.Terms{MaxAge: ptr(10 * time.Second)}, "ann 2", upstream.Revalidated)
	})
}

func TestWhatTheTierHoldsAndNobodyCanReadIsAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c, _, shelf := replicas(t)
		q := s.tasks("ann")
		q.read = func(body []byte) (any, error) {
			if string(body) == "garbage" {
				return nil, failure(upstream.Malformed)
			}
			return string(body), nil
		}
		shelf.Put(q.key, cache.Stored{Body: []byte("garbage"), At: time.Now()}, time.Hour)
		s.fail(failure(upstream.Unavailable))
		refused(t, c, q, anyTerms, upstream.Unavailable)
		if shelf.holds(q) {
			t.Error("the tier still holds it")
		}
		s.fail(nil)
		wants(t, c, q, anyTerms, "ann 2", upstream.Fresh)
	})
}

func TestAReplicaWhoseClockIsAheadGivesNoAnswersFromTheFuture(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c, _, shelf := replicas(t)
		shelf.Put(s.tasks("ann").key, cache.Stored{Body: []byte("ann 0"), At: time.Now().Add(time.Hour)}, time.Hour)
		answer := wants(t, c, s.tasks("ann"), anyTerms, "ann 0", upstream.Fresh)
		if answer.Freshness.Age != 0 {
			t.Errorf("the answer is %v old", answer.Freshness.Age)
		}
		time.Sleep(10 * time.Second)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 0", upstream.Stale)
	})
}

func TestWhatMayNotBeKeptStaysOutOfTheTier(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c, _, shelf := replicas(t)
		wants(t, c, s.tasks("ann"), upstream.Terms{NoStore: true}, "ann 1", upstream.Revalidated)
		if shelf.holds(s.tasks("ann")) {
			t.Error("an answer that may not be stored is in the tier")
		}
		wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
		if !shelf.holds(s.tasks("ann")) {
			t.Error("an answer that may be stored is not in the tier")
		}
		s.fail(failure(upstream.Forbidden))
		refused(t, c, s.tasks("ann"), upstream.Terms{NoCache: true}, upstream.Forbidden)
		if shelf.holds(s.tasks("ann")) {
			t.Error("an answer that may no longer be seen is in the tier")
		}
	})
}

func TestOperationsThatAreNotKeptDoNotTroubleTheTier(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		shelf := newTier()
		c := open(t, cache.Options{Tier: shelf, Lifetime: always(cache.Lifetime{StaleWhileRevalidate: time.Minute})})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		if shelf.gets != 0 || len(shelf.stored) != 0 {
			t.Errorf("the tier was read %d times and holds %d answers", shelf.gets, len(shelf.stored))
		}
	})
}

func TestAPurgeThatOvertakesAnAnswerOnItsWayToTheTierTakesItBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c, _, shelf := replicas(t)
		shelf.beforePut = func() {
			if _, err := c.Purge(t.Context(), cache.Purge{All: true}); err != nil {
				t.Error(err)
			}
		}
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		if shelf.holds(s.tasks("ann")) {
			t.Error("the answer from before the purge is in the tier")
		}
	})
}

func TestReadingTheTierEndsWithTheLastWhoWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{Tier: hangingTier{newTier()}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := get(ctx, c, s.tasks("ann"), anyTerms); !errors.Is(err, upstream.Timeout) {
			t.Errorf("got %v, want a timeout", err)
		}
	})
}

type hangingTier struct{ *tier }

func (hangingTier) Get(ctx context.Context, _ upstream.Key) (cache.Stored, bool) {
	<-ctx.Done()
	return cache.Stored{}, false
}
