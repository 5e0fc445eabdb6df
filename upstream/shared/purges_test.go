package shared

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/rueidis"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

func TestPurge(t *testing.T) {
	t.Parallel()
	keys := map[string]upstream.Key{
		"tasks of 7":    {Service: upstream.ProPortal, Operation: "tasks", Scope: "7"},
		"tasks of 8":    {Service: upstream.ProPortal, Operation: "tasks", Scope: "8"},
		"task of 7":     {Service: upstream.ProPortal, Operation: "task", Scope: "7", ID: "5"},
		"groups of 7":   {Service: upstream.ProPortal, Operation: "groups", Scope: "7"},
		"projects of c": {Service: upstream.Solos, Operation: "projects", Scope: "c"},
	}
	operations := func(kind string) []string {
		if kind == "task" {
			return []string{"proportal.tasks", "proportal.task"}
		}
		return nil
	}
	tests := map[string]struct {
		purge cache.Purge
		gone  []string
	}{
		"operation":        {cache.Purge{Operation: "proportal.tasks"}, []string{"tasks of 7", "tasks of 8"}},
		"viewer":           {cache.Purge{Viewer: "7"}, []string{"groups of 7", "task of 7", "tasks of 7"}},
		"both":             {cache.Purge{Operation: "proportal.tasks", Viewer: "7"}, []string{"tasks of 7"}},
		"entity":           {cache.Purge{Entity: cache.Entity{Kind: "task", ID: "5"}}, []string{"task of 7", "tasks of 7", "tasks of 8"}},
		"entity of viewer": {cache.Purge{Entity: cache.Entity{Kind: "task", ID: "5"}, Viewer: "8"}, []string{"tasks of 8"}},
		"entity by operation": {
			cache.Purge{Entity: cache.Entity{Kind: "task", ID: "5"}, Operation: "proportal.task"},
			[]string{"task of 7"},
		},
		"entity of no operation": {cache.Purge{Entity: cache.Entity{Kind: "good", ID: "5"}}, nil},
		"all":                    {cache.Purge{All: true}, []string{"groups of 7", "projects of c", "task of 7", "tasks of 7", "tasks of 8"}},
		"all of a viewer":        {cache.Purge{All: true, Viewer: "c"}, []string{"projects of c"}},
		"a pattern":              {cache.Purge{Operation: "proportal.*"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startServer(t)
			opts := optionsFor(r.url())
			opts.Operations = operations
			one := opened(t, opts)
			var told heard
			opts.OnPurge = told.purge
			other := opened(t, opts)
			for _, key := range keys {
				put(t, one, key, answer("x"))
				other.Get(t.Context(), key)
			}
			one.SetSecret(t.Context(), "login", []byte("token"), time.Hour)
			if err := one.Purge(t.Context(), test.purge); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the other replica is told", func() bool { return told.has(test.purge) })
			for who, s := range map[string]*Shared{"the replica that purged": one, "the other": other} {
				var gone []string
				for name, key := range keys {
					if _, ok := s.Get(t.Context(), key); !ok {
						gone = append(gone, name)
					}
				}
				slices.Sort(gone)
				if diff := cmp.Diff(test.gone, gone); diff != "" {
					t.Errorf("what is gone for %s (-want +got):\n%s", who, diff)
				}
			}
			if _, ok := other.Secret(t.Context(), "login"); !ok {
				t.Error("the secret is gone")
			}
		})
	}
}

// Whoever is told of a purge must not find in the client's cache what was purged.
func TestPurgedAnswersAreGoneWhenToldOf(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	one := opened(t, optionsFor(r.url()))
	var other *Shared
	found := make(chan bool, 1)
	opts := optionsFor(r.url())
	opts.OnPurge = func(cache.Purge) {
		_, ok := other.Get(t.Context(), tasksOf("7"))
		found <- ok
	}
	other = opened(t, opts)
	for range 50 {
		put(t, one, tasksOf("7"), answer("x"))
		eventually(t, "the other replica has it", func() bool { _, ok := other.Get(t.Context(), tasksOf("7")); return ok })
		if err := one.Purge(t.Context(), cache.Purge{Viewer: "7"}); err != nil {
			t.Fatal(err)
		}
		if _, ok := one.Get(t.Context(), tasksOf("7")); ok {
			t.Error("found again where it was purged")
		}
		if <-found {
			t.Error("found again where the purge was told of")
		}
	}
}

func TestOwnPurgesAreNotToldOf(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	var mine, others heard
	opts := optionsFor(r.url())
	opts.OnPurge = mine.purge
	one := opened(t, opts)
	opts.OnPurge = others.purge
	other := opened(t, opts)
	if err := one.Purge(t.Context(), cache.Purge{Viewer: "mine"}); err != nil {
		t.Fatal(err)
	}
	if err := other.Purge(t.Context(), cache.Purge{Viewer: "other's"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both are told", func() bool {
		return mine.has(cache.Purge{Viewer: "other's"}) && others.has(cache.Purge{Viewer: "mine"})
	})
	if purges, _ := mine.counts(); purges != 1 {
		t.Errorf("told of %d purges, want 1", purges)
	}
}

func TestPurgesAreToldInSecret(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	listener := r.client()
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	subscribed, received, left := make(chan struct{}), make(chan rueidis.PubSubMessage, 1), make(chan struct{})
	go func() {
		defer close(left)
		hooked := rueidis.WithOnSubscriptionHook(ctx, func(rueidis.PubSubSubscription) { close(subscribed) })
		err := listener.Receive(hooked, listener.B().Psubscribe().Pattern("*").Build(), func(m rueidis.PubSubMessage) { received <- m })
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}()
	<-subscribed
	if err := s.Purge(t.Context(), cache.Purge{Viewer: "viewer-4711", Operation: "proportal.tasks"}); err != nil {
		t.Fatal(err)
	}
	message := <-received
	for _, private := range []string{"viewer", "4711", "proportal"} {
		if strings.Contains(message.Message+message.Channel, private) {
			t.Errorf("the message contains %q", private)
		}
	}
	cancel()
	<-left
}

func TestEmptyPurgeIsRefused(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	put(t, s, tasksOf("7"), answer("x"))
	if err := s.Purge(t.Context(), cache.Purge{}); err == nil {
		t.Error("no error")
	}
	if _, ok := s.Get(t.Context(), tasksOf("7")); !ok {
		t.Error("the answer is gone")
	}
}

// Many thousand names are looked at in many steps.
func TestPurgeOfMany(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	mine := strings.TrimSuffix(s.names.concerned(cache.Purge{Viewer: "7", Operation: "proportal.tasks"}, nil)[0], "*")
	r.do("EVAL", `for i = 1, 20000 do redis.call("SET", "else:" .. i, "x") redis.call("SET", ARGV[1] .. i, "x") end`, "0", mine)
	if err := s.Purge(t.Context(), cache.Purge{Viewer: "7"}); err != nil {
		t.Fatal(err)
	}
	if left, err := r.do("DBSIZE").AsInt64(); left != 20000 || err != nil {
		t.Errorf("%d names left, want 20000: %v", left, err)
	}
	if got := s.Stats().Removed; got != 20000 {
		t.Errorf("%d removed, want 20000", got)
	}
}

// Who was cut off does not know what was purged meanwhile.
func TestMissedPurgesAreAGap(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	var told heard
	opts := optionsFor(r.url())
	opts.OnGap = told.gap
	s := opened(t, opts)
	if _, gaps := told.counts(); gaps != 0 {
		t.Errorf("%d gaps at the start", gaps)
	}
	r.do("CLIENT", "KILL", "TYPE", "pubsub")
	eventually(t, "the gap is told of", func() bool { _, gaps := told.counts(); return gaps == 1 })
	becomes(t, s, Up)
	if got := s.Stats(); got.Connected != 2 || got.Gaps != 1 {
		t.Errorf("%d connections and %d gaps, want 2 and 1", got.Connected, got.Gaps)
	}
}

// A message that cannot be read may be about anything.
func TestUnreadableMessageIsAGap(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	var told heard
	opts := optionsFor(r.url())
	opts.OnPurge, opts.OnGap = told.purge, told.gap
	s := opened(t, opts)
	r.do("PUBLISH", s.names.purges(), "garbage")
	eventually(t, "the gap is told of", func() bool { _, gaps := told.counts(); return gaps == 1 })
	if purges, _ := told.counts(); purges != 0 {
		t.Errorf("told of %d purges", purges)
	}
}

// What waits to be written may be older than the purge.
func TestPurgeForgetsWhatIsQueued(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	s.writes.writing.Lock() // the writer waits
	goOn := sync.OnceFunc(s.writes.writing.Unlock)
	defer goOn()
	s.Put(tasksOf("7"), answer("old"), time.Hour)
	purged := make(chan error, 1)
	purges := s.writes.purges.Load()
	go func() { purged <- s.Purge(t.Context(), cache.Purge{Viewer: "7"}) }()
	eventually(t, "the purge has begun", func() bool { return s.writes.purges.Load() > purges })
	goOn()
	if err := <-purged; err != nil {
		t.Fatal(err)
	}
	put(t, s, tasksOf("8"), answer("new")) // which is behind it in the queue
	if _, ok := s.Get(t.Context(), tasksOf("7")); ok {
		t.Error("the old answer was written after the purge")
	}
}

// What is on its way when a purge begins arrives before anything is removed.
func TestPurgeWaitsForWhatIsBeingWritten(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	s.writes.writing.Lock() // as the writer does
	arrive := sync.OnceFunc(s.writes.writing.Unlock)
	defer arrive()
	purged := make(chan error, 1)
	purges := s.writes.purges.Load()
	go func() { purged <- s.Purge(t.Context(), cache.Purge{Viewer: "7"}) }()
	eventually(t, "the purge has begun", func() bool { return s.writes.purges.Load() > purges })
	name := s.names.answer(tasksOf("7"))
	r.do("SET", name, string(s.codec.seal(name, value{at: time.Now(), body: []byte("old")})))
	arrive()
	if err := <-purged; err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Get(t.Context(), tasksOf("7")); ok {
		t.Error("what was being written survived")
	}
}

// While a purge is not done, nothing is read that it is about.
func TestPurgeThatRedisRefuses(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	put(t, s, tasksOf("7"), answer("old"))
	r.do("ACL", "SETUSER", "default", "-scan")
	if err := s.Purge(t.Context(), cache.Purge{Viewer: "7"}); err == nil {
		t.Error("the purge does not say that it was not done")
	}
	if _, ok := s.Get(t.Context(), tasksOf("7")); ok {
		t.Error("found after the purge")
	}
	eventually(t, "health says why", func() bool { return s.Health().Reason == AccessRefused })
	r.do("ACL", "SETUSER", "default", "+scan")
	becomes(t, s, Up)
	if _, ok := s.Get(t.Context(), tasksOf("7")); ok {
		t.Error("found when the purge was to be done")
	}
}

// Whoever is told may take time: answers are found meanwhile, and too many purges are a gap.
func TestSlowListener(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	one := opened(t, optionsFor(r.url()))
	put(t, one, tasksOf("7"), answer("x"))
	var told heard
	goOn := make(chan struct{})
	opts := optionsFor(r.url())
	opts.OnPurge = func(p cache.Purge) {
		<-goOn
		told.purge(p)
	}
	opts.OnGap = told.gap
	slow := opened(t, opts)
	const purges = 2 * waitingNews
	for i := range purges {
		if err := one.Purge(t.Context(), cache.Purge{Viewer: strconv.Itoa(1000 + i)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := slow.Get(t.Context(), tasksOf("7")); !ok {
		t.Error("the answer is not found")
	}
	close(goOn)
	eventually(t, "the gap is told of", func() bool { _, gaps := told.counts(); return gaps == 1 })
	if got, _ := told.counts(); got >= purges {
		t.Errorf("told of %d purges beside a gap", got)
	}
}
