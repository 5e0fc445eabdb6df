package cache_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

// old is past being served as stale, and within what is served where the CRM fails.
const old = 31 * time.Second

func TestKeptAnswersServeWhileTheCRMFails(t *testing.T) {
	t.Parallel()
	for kind, serves := range map[upstream.Kind]bool{
		upstream.Unavailable:     true,
		upstream.Timeout:         true,
		upstream.RateLimited:     true,
		upstream.Overloaded:      true,
		upstream.Malformed:       true,
		upstream.Invalid:         false,
		upstream.Unauthenticated: false,
		upstream.Forbidden:       false,
		upstream.Rejected:        false,
		upstream.NotFound:        false,
		upstream.OverBudget:      false,
		upstream.NotConfigured:   false,
		upstream.Canceled:        false,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s crm
				c := open(t, cache.Options{})
				wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
				time.Sleep(old)
				s.fail(failure(kind))
				if serves {
					wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.StaleOnError)
				} else {
					refused(t, c, s.tasks("ann"), anyTerms, kind)
				}
			})
		})
	}
}

func TestAnswersThatCannotBeReadAreOutages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(old)
		q := s.tasks("ann")
		q.read = func([]byte) (any, error) { return nil, failure(upstream.Malformed) }
		wants(t, c, q, anyTerms, "ann 1", upstream.StaleOnError)
	})
}

func TestKeptAnswersDoNotServeForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		s.fail(failure(upstream.Unavailable))
		time.Sleep(10*time.Second + 5*time.Minute - time.Second)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.StaleOnError)
		time.Sleep(time.Second)
		refused(t, c, s.tasks("ann"), anyTerms, upstream.Unavailable)
	})
}

func TestTermsHoldWhileTheCRMFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		terms  upstream.Terms
		serves bool
	}{
		"none":                 {upstream.Terms{}, true},
		"no-cache":             {upstream.Terms{NoCache: true}, false},
		"no-store":             {upstream.Terms{NoStore: true}, false},
		"an age it exceeds":    {upstream.Terms{MaxAge: ptr(30 * time.Second)}, false},
		"an age it has not":    {upstream.Terms{MaxAge: ptr(32 * time.Second)}, true},
		"staleness it exceeds": {upstream.Terms{MaxStale: ptr(time.Second)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s crm
				c := open(t, cache.Options{})
				wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
				time.Sleep(old)
				s.fail(failure(upstream.Unavailable))
				if test.serves {
					wants(t, c, s.tasks("ann"), test.terms, "ann 1", upstream.StaleOnError)
				} else {
					refused(t, c, s.tasks("ann"), test.terms, upstream.Unavailable)
				}
			})
		})
	}
}

func TestOnlyIfCachedTakesNoAnswerThatServesForWantOfABetter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(old)
		s.fail(failure(upstream.Unavailable))
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.StaleOnError)
		refused(t, c, s.tasks("ann"), upstream.Terms{OnlyIfCached: true}, upstream.NotCached)
	})
}

func TestOneRequestWaitsForAHangingCRM(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(old)
		q := s.tasks("ann")
		var hangs atomic.Int64
		q.ask = func(ctx context.Context) (*upstream.Body, error) {
			hangs.Add(1)
			select {
			case <-time.After(10 * time.Second):
			case <-ctx.Done():
			}
			return nil, failure(upstream.Timeout)
		}
		began := time.Now()
		wants(t, c, q, anyTerms, "ann 1", upstream.StaleOnError)
		if waited := time.Since(began); waited != 10*time.Second {
			t.Errorf("the first waited %v, want 10s", waited)
		}
		began = time.Now()
		for range 600 {
			wants(t, c, q, anyTerms, "ann 1", upstream.StaleOnError)
			time.Sleep(100 * time.Millisecond)
		}
		if waited := time.Since(began) - time.Minute; waited != 0 {
			t.Errorf("those after it waited %v in a minute, want none", waited)
		}
		// Attempts of 10 s, with pauses of about one between them.
		if n := hangs.Load(); n < 5 || n > 8 {
			t.Errorf("the CRM was called %d times in 70 s, want 5 to 8", n)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Revalidated)
	})
}

func TestAnAskerWhoseTimeIsUpIsGivenAKeptAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{}
		c := open(t, cache.Options{})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(old)
		s.takes = time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		answer, err := get(ctx, c, s.tasks("ann"), anyTerms)
		if err != nil || answer.Value != "ann 1" || answer.Freshness.State != upstream.StaleOnError {
			t.Errorf("got %+v and %v, want ann 1", answer, err)
		}
		began := time.Now()
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.StaleOnError)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("the next one waited %v", waited)
		}
	})
}

func TestWhatMayNoLongerBeSeenIsForgotten(t *testing.T) {
	t.Parallel()
	for _, kind := range []upstream.Kind{upstream.Unauthenticated, upstream.Forbidden, upstream.Rejected} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s crm
				c := open(t, cache.Options{})
				wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
				wants(t, c, s.tasks("bob"), anyTerms, "bob 2", upstream.Fresh)
				time.Sleep(15 * time.Second)
				s.fail(failure(kind))
				wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
				synctest.Wait()
				refused(t, c, s.tasks("ann"), upstream.Terms{OnlyIfCached: true}, upstream.NotCached)
				refused(t, c, s.tasks("ann"), anyTerms, kind)
				s.fail(failure(upstream.Unavailable))
				refused(t, c, s.tasks("ann"), anyTerms, upstream.Unavailable)
				wants(t, c, s.tasks("bob"), anyTerms, "bob 2", upstream.Stale)
			})
		})
	}
}

func TestThatThereIsNoSuchObjectIsKeptBriefly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		s.fail(failure(upstream.NotFound))
		refused(t, c, s.tasks("ann"), anyTerms, upstream.NotFound)
		s.fail(nil)
		time.Sleep(3*time.Second - time.Nanosecond)
		refused(t, c, s.tasks("ann"), anyTerms, upstream.NotFound)
		refused(t, c, s.tasks("ann"), upstream.Terms{OnlyIfCached: true}, upstream.NotFound)
		s.wantCalls(t, 1)
		time.Sleep(time.Nanosecond)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
	})
}

func TestAnObjectThatIsGoneIsNotServedAnyMore(t *testing.T) {
	t.Parallel()
	for name, negative := range map[string]time.Duration{"kept": time.Minute, "not kept": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s crm
				l := lifetime
				l.NotFound = negative
				c := open(t, cache.Options{Lifetime: always(l)})
				wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
				time.Sleep(15 * time.Second)
				s.fail(failure(upstream.NotFound))
				wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
				synctest.Wait()
				refused(t, c, s.tasks("ann"), anyTerms, upstream.NotFound)
			})
		})
	}
}

func TestOtherErrorsAreNotKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		for _, kind := range []upstream.Kind{upstream.Unavailable, upstream.Invalid, upstream.Forbidden} {
			s.fail(failure(kind))
			refused(t, c, s.tasks("ann"), anyTerms, kind)
		}
		s.fail(nil)
		wants(t, c, s.tasks("ann"), anyTerms, "ann 4", upstream.Fresh)
	})
}

// TestAbsenceNeverOutlivesItsTime: where its time is over before it is kept, that there is no
// such object takes nothing over from the answer it replaces.
func TestAbsenceNeverOutlivesItsTime(t *testing.T) {
	t.Parallel()
	c := open(t, cache.Options{Lifetime: always(cache.Lifetime{TTL: 1, StaleIfError: time.Hour, NotFound: 1})})
	var s crm
	for _, step := range []struct {
		err  error
		want error
	}{
		{nil, nil},
		{failure(upstream.NotFound), upstream.NotFound},
		{failure(upstream.Unavailable), upstream.Unavailable},
	} {
		s.fail(step.err)
		if _, err := get(t.Context(), c, s.tasks("ann"), upstream.Terms{}); !errors.Is(err, step.want) {
			t.Errorf("while the CRM says %v: got %v, want %v", step.err, err, step.want)
		}
	}
}

// Who gives a call no time learns nothing of the CRM, and others are not served old answers for it.
func TestWhoLeavesEarlySaysNothingOfTheCRM(t *testing.T) {
	t.Parallel()
	for given, want := range map[time.Duration]struct {
		value string
		state upstream.State
	}{
		time.Millisecond: {"ann 3", upstream.Revalidated},
		2 * time.Second:  {"ann 1", upstream.StaleOnError},
	} {
		synctest.Test(t, func(t *testing.T) {
			var s crm
			c := open(t, cache.Options{})
			wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
			time.Sleep(lifetime.TTL + lifetime.StaleWhileRevalidate)
			s.takes = 3 * time.Second
			hurried, cancel := context.WithTimeout(t.Context(), given)
			defer cancel()
			answer, err := get(hurried, c, s.tasks("ann"), anyTerms)
			if err != nil || answer.Value != "ann 1" || answer.Freshness.State != upstream.StaleOnError {
				t.Errorf("after %v: got %v, %v, want the old answer", given, answer, err)
			}
			synctest.Wait() // for the call to end
			wants(t, c, s.tasks("ann"), anyTerms, want.value, want.state)
		})
	}
}
