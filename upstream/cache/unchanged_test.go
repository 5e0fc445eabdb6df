package cache_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

// page is a CRM with one object, whose readings are told apart by their addresses.
type page struct {
	body string
	err  error
}

type reading struct{ text string }

func (p *page) of(scope string) *question {
	return &question{
		key: upstream.Key{Service: upstream.ProPortal, Operation: "tasks", Scope: scope},
		ask: func(context.Context) (*upstream.Body, error) {
			if p.err != nil {
				return nil, p.err
			}
			return upstream.NewBody(200, []byte(p.body)), nil
		},
		read: func(body []byte) (any, error) { return &reading{string(body)}, nil },
	}
}

func asked(t *testing.T, c *cache.Cache, q upstream.Question, terms upstream.Terms) *reading {
	t.Helper()
	answer, err := get(t.Context(), c, q, terms)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Value.(*reading)
}

var anew = upstream.Terms{NoCache: true}

func TestAnAnswerThatHasNotChangedIsNotReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, cache.Options{})
		p := page{body: "first"}
		first := asked(t, c, p.of("ann"), anew)
		time.Sleep(time.Second)
		answer, err := get(t.Context(), c, p.of("ann"), anew)
		if err != nil || answer.Value != first {
			t.Fatalf("got %v, %v of the same body, want what was read before", answer.Value, err)
		}
		if want := (upstream.Freshness{State: upstream.Revalidated, Left: lifetime.TTL}); answer.Freshness != want || answer.Bytes != len("first") {
			t.Errorf("got %+v, want it as new as its call: %+v", answer, want)
		}

		p.body = "fiRst"
		second := asked(t, c, p.of("ann"), anew)
		if second.text != "fiRst" {
			t.Errorf("got %q of a body with another letter", second.text)
		}
		p.body = "fiRst "
		if third := asked(t, c, p.of("ann"), anew); third.text != "fiRst " {
			t.Errorf("got %q of a longer body", third.text)
		}
		if other := asked(t, c, p.of("bob"), anew); other.text != "fiRst " {
			t.Errorf("another viewer got %q", other.text)
		}
		if got := c.Stats().Operations["proportal.tasks"].Unchanged; got != 1 {
			t.Errorf("%d answers are counted as unchanged, want 1", got)
		}
	})
}

func TestARefreshThatFindsTheSameKeepsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, cache.Options{})
		p := page{body: "same"}
		first := asked(t, c, p.of("ann"), anyTerms)
		time.Sleep(lifetime.TTL)
		wantState(t, c, p.of("ann"), upstream.Stale)
		synctest.Wait()
		wantState(t, c, p.of("ann"), upstream.Fresh)
		if asked(t, c, p.of("ann"), anyTerms) != first {
			t.Error("the same body was read again")
		}
	})
}

func TestAnAnswerIsReadAgainOnceItMeansSomethingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, cache.Options{})
		p := page{body: "same"}
		planned := p.of("ann")
		planned.lasts = 3 * time.Second
		first := asked(t, c, planned, anew)
		time.Sleep(2 * time.Second)
		if asked(t, c, planned, anew) != first {
			t.Error("it was read again while it meant the same")
		}
		time.Sleep(time.Second)
		if asked(t, c, planned, anew) == first {
			t.Error("it was not read again")
		}
	})
}

func wantState(t *testing.T, c *cache.Cache, q upstream.Question, want upstream.State) {
	t.Helper()
	answer, err := get(t.Context(), c, q, anyTerms)
	if err != nil || answer.Freshness.State != want {
		t.Errorf("got %s, %v, want %s", answer.Freshness.State, err, want)
	}
}

func TestNothingIsLeftOfWhatWasForgotten(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(*testing.T, *cache.Cache, *page){
		"purged": func(t *testing.T, c *cache.Cache, _ *page) {
			t.Helper()
			if _, err := c.Purge(t.Context(), cache.Purge{All: true}); err != nil {
				t.Fatal(err)
			}
		},
		"no longer there": func(t *testing.T, c *cache.Cache, p *page) {
			t.Helper()
			p.err = failure(upstream.NotFound)
			refused(t, c, p.of("ann"), anew, upstream.NotFound)
		},
		"forbidden": func(t *testing.T, c *cache.Cache, p *page) {
			t.Helper()
			p.err = failure(upstream.Forbidden)
			refused(t, c, p.of("ann"), anew, upstream.Forbidden)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := open(t, cache.Options{})
				p := page{body: "same"}
				first := asked(t, c, p.of("ann"), anew)
				forget(t, c, &p)
				p.err = nil
				if again := asked(t, c, p.of("ann"), anew); again == first || again.text != "same" {
					t.Errorf("got what was read before it was forgotten, %q", again.text)
				}
			})
		})
	}
}

func TestAnAnswerOfTheTierThatHasNotChangedIsNotReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := newTier()
		p := page{body: "same"}
		c, replica := open(t, cache.Options{Tier: shared}), open(t, cache.Options{Tier: shared})
		first := asked(t, c, p.of("ann"), anyTerms)
		time.Sleep(lifetime.TTL + lifetime.StaleWhileRevalidate)
		asked(t, replica, p.of("ann"), anyTerms)
		p.err = failure(upstream.Unavailable)
		if got := asked(t, c, p.of("ann"), anyTerms); got != first {
			t.Errorf("%q was read again", got.text)
		}
	})
}
