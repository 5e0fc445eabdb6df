package cache_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
	"crmgraph/upstream/callcontext"
)

// together runs f n times at once and waits for all.
func together(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(i) })
	}
	all.Wait()
}

func TestAThousandEqualQuestionsAreOneCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: time.Second}
		c := open(t, cache.Options{})
		answers := make([]upstream.Answer, 1000)
		together(len(answers), func(i int) {
			var err error
			if answers[i], err = get(t.Context(), c, s.tasks("ann"), anyTerms); err != nil {
				t.Error(err)
			}
		})
		s.wantCalls(t, 1)
		made := 0
		for _, answer := range answers {
			if answer.Value != "ann 1" {
				t.Fatalf("got %v", answer.Value)
			}
			if !answer.Shared {
				made++
			}
		}
		if made != 1 {
			t.Errorf("%d of the answers claim a call of their own, want 1", made)
		}
	})
}

func TestQuestionsThatDifferAreDifferentCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: time.Second}
		c := open(t, cache.Options{})
		base := upstream.Key{Service: upstream.Solos, Operation: "steps", Scope: "firm", ID: "1", Query: "a=1", Body: "{}"}
		keys := []upstream.Key{base, base, base, base, base, base, base}
		keys[1].Service = upstream.ProPortal
		keys[2].Operation = "actions"
		keys[3].Scope = "other firm"
		keys[4].ID = "2"
		keys[5].Query = "a=2"
		keys[6].Body = "[]"
		together(len(keys), func(i int) {
			if _, err := get(t.Context(), c, s.asks(keys[i]), anyTerms); err != nil {
				t.Error(err)
			}
		})
		s.wantCalls(t, 7)
		together(len(keys), func(i int) {
			if _, _, ok := c.Kept(t.Context(), s.asks(keys[i]), anyTerms); !ok {
				t.Errorf("the answer to %+v is not kept", keys[i])
			}
		})
	})
}

// Who began the call is among those that leave: at once, or, if there was time for all of the
// call, with the call, which has their goroutine.
func TestTheLastWhoWaitsIsStillAnswered(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limit          func(context.Context) (context.Context, context.CancelFunc)
		left, answered int
	}{
		"with less time than the call": {limit: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 2*time.Second)
		}, left: 999, answered: 1},
		"with more time than the call": {limit: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 24*time.Hour)
		}, left: 998, answered: 2},
		"with all the time": {limit: context.WithCancel, left: 998, answered: 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := crm{takes: time.Minute}
				c := open(t, cache.Options{})
				impatient, cancel := test.limit(t.Context())
				defer cancel()
				var left, answered int
				var mu sync.Mutex
				var all sync.WaitGroup
				ask := func(ctx context.Context) {
					answer, err := get(ctx, c, s.tasks("ann"), anyTerms)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case errors.Is(err, upstream.Canceled):
						left++
					case err == nil && answer.Value == "ann 1":
						answered++
					default:
						t.Errorf("got %+v, %v", answer, err)
					}
				}
				all.Go(func() { ask(impatient) })
				synctest.Wait()
				for range 998 {
					all.Go(func() { ask(impatient) })
				}
				all.Go(func() { ask(t.Context()) })
				time.Sleep(time.Second)
				cancel()
				began := time.Now()
				synctest.Wait()
				if left != test.left || !time.Now().Equal(began) {
					t.Errorf("%d left at once, want %d", left, test.left)
				}
				all.Wait()
				if answered != test.answered {
					t.Errorf("%d were answered, want %d", answered, test.answered)
				}
				s.wantCalls(t, 1)
			})
		})
	}
}

// Who began a call and leaves takes it along if nobody else waits, whether or not it has their
// goroutine.
func TestWhoeverIsAloneTakesTheCallAlong(t *testing.T) {
	t.Parallel()
	for _, patience := range []time.Duration{2 * time.Second, 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			s := crm{takes: time.Minute}
			c := open(t, cache.Options{})
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			time.AfterFunc(time.Second, cancel)
			began := time.Now()
			_, err := get(ctx, c, s.tasks("ann"), anyTerms)
			if took := time.Since(began); !errors.Is(err, upstream.Canceled) || took != time.Second {
				t.Errorf("with %v: got %v after %v, want %v after 1s", patience, err, took, upstream.Canceled)
			}
		})
	}
}

func TestACallNobodyWaitsForIsCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: time.Hour}
		c := open(t, cache.Options{})
		q := s.tasks("ann")
		var cancelled time.Time
		q.ask = func(ctx context.Context) (*upstream.Body, error) {
			<-ctx.Done()
			cancelled = time.Now()
			if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the call ended with %v, as if they had left before their time was up", err)
			}
			time.Sleep(time.Minute) // the call takes a while to end
			return nil, failure(upstream.Canceled)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		together(100, func(int) {
			if _, err := get(ctx, c, q, anyTerms); !errors.Is(err, upstream.Timeout) {
				t.Errorf("got %v, want a timeout", err)
			}
		})
		synctest.Wait()
		if got := cancelled.Sub(began); got != time.Second {
			t.Errorf("cancelled after %v, want 1s", got)
		}
		s.takes = 0
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
	})
}

// A call knows until when anybody waits for it, so that it does not sleep beyond that.
func TestACallKnowsUntilWhenItIsAwaited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		began := time.Now()
		var call context.Context
		q := s.tasks("ann")
		q.ask = func(ctx context.Context) (*upstream.Body, error) {
			call = ctx
			<-ctx.Done()
			return nil, failure(upstream.Timeout)
		}
		var clients sync.WaitGroup
		defer clients.Wait()
		for _, step := range []struct{ waits, want time.Duration }{
			{2 * time.Second, 2 * time.Second},
			{5 * time.Second, 5 * time.Second},
			{time.Second, 5 * time.Second},
			{2 * timeout, timeout},
		} {
			clients.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), step.waits)
				defer cancel()
				_, _ = get(ctx, c, q, anyTerms)
			})
			synctest.Wait()
			until, limited := callcontext.AwaitedUntil(call)
			if got := until.Sub(began); got != step.want || !limited {
				t.Errorf("with one more who waits %v: awaited for %v, want %v", step.waits, got, step.want)
			}
			if deadline, _ := call.Deadline(); deadline.Sub(began) != timeout {
				t.Errorf("the deadline is %v after the start, want %v", deadline.Sub(began), timeout)
			}
		}
	})
}

func TestNoCallIsBegunForOneWhoHasLeft(t *testing.T) {
	t.Parallel()
	var s crm
	c, err := cache.New(cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Get(ctx, s.tasks("ann"), anyTerms)
	var failure *upstream.Error
	if !errors.As(err, &failure) || failure.Kind != upstream.Canceled || failure.Call.String() != "proportal.tasks" {
		t.Errorf("got %v", err)
	}
	c.Close() // whatever was begun has ended then
	s.wantCalls(t, 0)
}

func TestNoCacheDoesNotJoinAnEarlierCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: 10 * time.Second}
		c := open(t, cache.Options{})
		var all sync.WaitGroup
		all.Go(func() { wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh) })
		time.Sleep(time.Second)
		all.Go(func() { wants(t, c, s.tasks("ann"), upstream.Terms{NoCache: true}, "ann 2", upstream.Revalidated) })
		time.Sleep(time.Second)
		all.Go(func() { wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh) })
		all.Wait()
		s.wantCalls(t, 2)
	})
}

func TestAnEarlierCallDoesNotReplaceTheAnswerOfALaterOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: 10 * time.Second}
		c := open(t, cache.Options{})
		quick := crm{}
		quick.calls.Store(99)
		var all sync.WaitGroup
		all.Go(func() { wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh) })
		time.Sleep(time.Second)
		wants(t, c, quick.tasks("ann"), upstream.Terms{NoCache: true}, "ann 100", upstream.Revalidated)
		all.Wait()
		wants(t, c, s.tasks("ann"), upstream.Terms{OnlyIfCached: true}, "ann 100", upstream.Fresh)
	})
}

func TestNoStoreIsSharedWithNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: 10 * time.Second}
		c := open(t, cache.Options{})
		var all sync.WaitGroup
		all.Go(func() { wants(t, c, s.tasks("ann"), upstream.Terms{NoStore: true}, "ann 1", upstream.Revalidated) })
		time.Sleep(time.Second)
		all.Go(func() { wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh) })
		all.Wait()
	})
}

func TestARefusedTokenOfAnotherIsNoVerdict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: time.Second}
		c := open(t, cache.Options{})
		var refusedCalls atomic.Int64
		expired := s.tasks("ann")
		expired.credential = "expired"
		expired.ask = func(context.Context) (*upstream.Body, error) {
			refusedCalls.Add(1)
			time.Sleep(time.Second)
			return nil, failure(upstream.Unauthenticated)
		}
		var all sync.WaitGroup
		all.Go(func() { refused(t, c, expired, anyTerms, upstream.Unauthenticated) })
		synctest.Wait()
		for range 100 {
			all.Go(func() { refused(t, c, expired, anyTerms, upstream.Unauthenticated) })
			all.Go(func() {
				if answer, err := get(t.Context(), c, s.tasks("ann"), anyTerms); err != nil || answer.Value != "ann 1" {
					t.Errorf("with a good token: %+v, %v", answer, err)
				}
			})
		}
		all.Wait()
		s.wantCalls(t, 1)
		if n := refusedCalls.Load(); n != 1 {
			t.Errorf("the expired token was used %d times, want 1", n)
		}
	})
}

func TestManyRefusedTokensDoNotQueueUpBeforeAGoodOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: time.Second}
		c := open(t, cache.Options{})
		began := time.Now()
		together(20, func(i int) {
			q := s.tasks("ann")
			if i == 10 {
				if answer, err := get(t.Context(), c, q, anyTerms); err != nil || answer.Value != "ann 1" {
					t.Errorf("with the good token: %+v, %v", answer, err)
				}
				return
			}
			q.credential = "expired " + strconv.Itoa(i)
			q.ask = func(context.Context) (*upstream.Body, error) {
				time.Sleep(time.Second)
				return nil, failure(upstream.Unauthenticated)
			}
			refused(t, c, q, anyTerms, upstream.Unauthenticated)
		})
		// The call of one of them, and then each their own at once.
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %v, want 2s", took)
		}
	})
}

func TestACallThatLandedSinceTheKeptAnswersWereLookedAtIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	var s crm
	c := open(t, cache.Options{})
	for range 2 {
		if answer, err := c.Get(t.Context(), s.tasks("ann"), anyTerms); err != nil || answer.Value != "ann 1" {
			t.Errorf("got %+v, %v", answer, err)
		}
	}
	s.wantCalls(t, 1)
}

func TestACallThatPanicsIsAnErrorForAll(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(q *question){
		"ask panics": func(q *question) { q.ask = func(context.Context) (*upstream.Body, error) { panic("secret") } },
		"ask ends its routine": func(q *question) {
			q.ask = func(context.Context) (*upstream.Body, error) { runtime.Goexit(); return nil, nil }
		},
		"read panics": func(q *question) { q.read = func([]byte) (any, error) { panic("secret") } },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s crm
				c := open(t, cache.Options{})
				broken := s.tasks("ann")
				breakIt(broken)
				together(10, func(int) {
					_, err := get(t.Context(), c, broken, anyTerms)
					if !errors.Is(err, upstream.Malformed) {
						t.Errorf("got %v", err)
					}
				})
				if answer, err := get(t.Context(), c, s.tasks("ann"), anyTerms); err != nil {
					t.Errorf("afterwards: %+v, %v", answer, err)
				}
			})
		})
	}
}

func TestAClosedCacheAsksNothingInTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c, err := cache.New(cache.Options{Lifetime: always(lifetime)})
		if err != nil {
			t.Fatal(err)
		}
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		wants(t, c, s.tasks("bob"), anyTerms, "bob 2", upstream.Fresh)
		time.Sleep(10 * time.Second)
		s.takes = time.Hour
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
		synctest.Wait()
		began := time.Now()
		c.Close()
		if took := time.Since(began); took != 0 {
			t.Errorf("closing waited %v for a refresh it should cancel", took)
		}
		wants(t, c, s.tasks("bob"), anyTerms, "bob 2", upstream.Stale)
		synctest.Wait()
		s.wantCalls(t, 3)
		s.takes = 0
		wants(t, c, s.tasks("carl"), anyTerms, "carl 4", upstream.Fresh)
		wants(t, c, s.tasks("carl"), anyTerms, "carl 5", upstream.Fresh)
	})
}
