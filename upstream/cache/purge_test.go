package cache_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

func TestPurge(t *testing.T) {
	t.Parallel()
	keys := map[string]upstream.Key{
		"ann's tasks":  {Service: upstream.ProPortal, Operation: "tasks", Scope: "ann"},
		"bob's tasks":  {Service: upstream.ProPortal, Operation: "tasks", Scope: "bob"},
		"ann's task 7": {Service: upstream.ProPortal, Operation: "task", Scope: "ann", ID: "7"},
		"bob's task 7": {Service: upstream.ProPortal, Operation: "task", Scope: "bob", ID: "7"},
		"ann's task 8": {Service: upstream.ProPortal, Operation: "task", Scope: "ann", ID: "8"},
		"steps of 7":   {Service: upstream.Solos, Operation: "steps", Scope: "firm", ID: "7"},
	}
	for name, test := range map[string]struct {
		purge cache.Purge
		gone  string
	}{
		"an operation":               {cache.Purge{Operation: "proportal.tasks"}, "ann's tasks, bob's tasks"},
		"one that nobody asked for":  {cache.Purge{Operation: "solos.tasks"}, ""},
		"a viewer":                   {cache.Purge{Viewer: "ann"}, "ann's tasks, ann's task 7, ann's task 8"},
		"an operation of a viewer":   {cache.Purge{Operation: "proportal.task", Viewer: "bob"}, "bob's task 7"},
		"an entity":                  {cache.Purge{Entity: cache.Entity{Kind: "task", ID: "7"}}, "ann's tasks, bob's tasks, ann's task 7, bob's task 7"},
		"an entity for a viewer":     {cache.Purge{Entity: cache.Entity{Kind: "task", ID: "7"}, Viewer: "ann"}, "ann's tasks, ann's task 7"},
		"everything":                 {cache.Purge{All: true}, "ann's tasks, bob's tasks, ann's task 7, bob's task 7, ann's task 8, steps of 7"},
		"everything of an operation": {cache.Purge{All: true, Operation: "solos.steps"}, "steps of 7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s crm
			c := open(t, cache.Options{Concerns: func(key upstream.Key, kind, id string) bool {
				return kind == "task" && (key.Operation == "tasks" || key.Operation == "task" && key.ID == id)
			}})
			for _, key := range keys {
				if _, err := c.Get(t.Context(), s.asks(key), anyTerms); err != nil {
					t.Fatal(err)
				}
			}
			n, err := c.Purge(t.Context(), test.purge)
			if err != nil {
				t.Fatal(err)
			}
			gone := 0
			for what, key := range keys {
				_, _, kept := c.Kept(t.Context(), s.asks(key), anyTerms)
				if want := !strings.Contains(test.gone, what); kept != want {
					t.Errorf("%s: kept is %t, want %t", what, kept, want)
				}
				if !kept {
					gone++
				}
			}
			if n != gone {
				t.Errorf("the purge counts %d, want %d", n, gone)
			}
		})
	}
}

func TestPurgesThatNameNothingAreRefused(t *testing.T) {
	t.Parallel()
	c := open(t, cache.Options{})
	for _, purge := range []cache.Purge{
		{},
		{Entity: cache.Entity{Kind: "task"}},
		{Entity: cache.Entity{ID: "7"}},
		{Entity: cache.Entity{Kind: "task", ID: "7"}}, // nobody told this cache what concerns it
	} {
		if _, err := c.Purge(t.Context(), purge); err == nil {
			t.Errorf("%+v was accepted", purge)
		}
	}
}

func TestWhatIsAskedForDuringAPurgeIsNotKept(t *testing.T) {
	t.Parallel()
	purges := map[string]func(c *cache.Cache) error{
		"here": func(c *cache.Cache) error {
			_, err := c.Purge(context.Background(), cache.Purge{Viewer: "ann"})
			return err
		},
		"on another replica": func(c *cache.Cache) error {
			c.Apply(cache.Purge{Viewer: "ann"})
			return nil
		},
	}
	for name, purge := range purges {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := crm{takes: 10 * time.Second}
				c := open(t, cache.Options{})
				var all sync.WaitGroup
				all.Go(func() {
					answer := wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
					if answer.Freshness.Left != 0 {
						t.Errorf("what a purge overtook is said to stay fresh for %v", answer.Freshness.Left)
					}
				})
				time.Sleep(time.Second)
				if err := purge(c); err != nil {
					t.Error(err)
				}
				// Whoever asks after the purge is given an answer from after it.
				all.Go(func() { wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh) })
				all.Wait()
				wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
			})
		})
	}
}

func TestARefreshDuringAPurgeBringsNothingBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		c := open(t, cache.Options{})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		time.Sleep(10 * time.Second)
		s.takes = time.Second
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Stale)
		synctest.Wait()
		if _, err := c.Purge(t.Context(), cache.Purge{All: true}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		refused(t, c, s.tasks("ann"), upstream.Terms{OnlyIfCached: true}, upstream.NotCached)
	})
}

func TestAPurgeReachesTheTierAndTellsOfItsTrouble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		shelf := newTier()
		c := open(t, cache.Options{Tier: shelf})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		purge := cache.Purge{Operation: "proportal.tasks"}
		if n, err := c.Purge(t.Context(), purge); n != 1 || err != nil {
			t.Fatalf("got %d, %v", n, err)
		}
		if len(shelf.purges) != 1 || shelf.purges[0] != purge {
			t.Errorf("the tier was given %+v, want %+v", shelf.purges, purge)
		}
		wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
		shelf.trouble = errors.New("no connection")
		if n, err := c.Purge(t.Context(), purge); n != 1 || !errors.Is(err, shelf.trouble) {
			t.Fatalf("got %d, %v", n, err)
		}
		if _, _, kept := c.Kept(t.Context(), s.tasks("ann"), anyTerms); kept {
			t.Error("the tier's trouble kept the answer in memory")
		}
	})
}

func TestAPurgeForgetsWhatWasReadFromTheTierMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s crm
		shelf := newTier()
		c := open(t, cache.Options{Tier: shelf})
		wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh)
		shelf.beforePurge = func() { wants(t, c, s.tasks("ann"), anyTerms, "ann 1", upstream.Fresh) }
		if _, err := c.Purge(t.Context(), cache.Purge{All: true}); err != nil {
			t.Fatal(err)
		}
		wants(t, c, s.tasks("ann"), anyTerms, "ann 2", upstream.Fresh)
	})
}
