package shared

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crmgraph/upstream/cache"
)

// allMiss checks that nothing is found, every lock is granted and nothing fails.
func allMiss(t *testing.T, s *Shared) {
	t.Helper()
	if _, ok := s.Get(t.Context(), tasksOf("7")); ok {
		t.Error("an answer is found")
	}
	if _, ok := s.Secret(t.Context(), "login"); ok {
		t.Error("a secret is found")
	}
	if !s.Lock(t.Context(), tasksOf("7"), time.Hour) {
		t.Error("the lock of a refresh is not granted")
	}
	unlock, ok := s.TryLock(t.Context(), "login", time.Hour)
	if !ok {
		t.Error("the lock is not granted")
	}
	unlock()
	s.Put(tasksOf("7"), answer("x"), time.Hour)
	s.SetSecret(t.Context(), "login", []byte("token"), time.Hour)
	s.DropSecret(t.Context(), "another")
}

// works checks that answers are stored and found.
func works(t *testing.T, s *Shared) {
	t.Helper()
	eventually(t, "an answer is stored and found", func() bool {
		s.Put(tasksOf("works"), answer("x"), time.Hour)
		_, ok := s.Get(t.Context(), tasksOf("works"))
		return ok
	})
}

func TestAbsentAtTheStart(t *testing.T) {
	t.Parallel()
	r := newServer(t)
	var told heard
	opts := optionsFor(r.url())
	opts.OnGap = told.gap
	s := open(t, opts)
	allMiss(t, s)
	eventually(t, "health says why", func() bool { return s.Health().Reason == Unreachable })
	if got := s.Health().State; got != Down {
		t.Errorf("got %s", got)
	}
	if err := s.Purge(t.Context(), cache.Purge{All: true}); err == nil {
		t.Error("the purge does not say that nobody was told")
	}
	r.start()
	becomes(t, s, Up)
	works(t, s)
	eventually(t, "the purges missed so far are a gap", func() bool { _, gaps := told.counts(); return gaps > 0 })
}

func TestKilledAndRestartedEmpty(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	opts := optionsFor(r.url())
	s := opened(t, opts)
	put(t, s, tasksOf("7"), answer("x"))
	s.SetSecret(t.Context(), "login", []byte("token"), time.Hour)
	r.kill()
	becomes(t, s, Down)
	allMiss(t, s)
	r.start()
	becomes(t, s, Up)
	allMiss(t, s)
	works(t, s)
}

// No call waits longer than the timeout, and once one has, Redis is not asked by any.
func TestFrozen(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	opts := optionsFor(r.url())
	opts.Timeout = hasty
	s := opened(t, opts)
	r.freeze()
	for range 100 {
		allMiss(t, s)
	}
	// One call, and what the writer may have sent just before.
	if got := s.Stats().Failed; got > 2 {
		t.Errorf("%d calls waited for Redis", got)
	}
	becomes(t, s, Down)
	if got := s.Health().Reason; got != NoAnswer {
		t.Errorf("got the reason %q", got)
	}
	r.thaw()
	becomes(t, s, Up)
	works(t, s)
}

// Who chose to wait long for Redis does so with all there is to do, and keeps the connection
// meanwhile: giving it up would grant locks to several.
func TestSlowWithinTheTimeout(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	put(t, s, tasksOf("7"), answer("x"))
	r.do("CLIENT", "PAUSE", strconv.FormatInt((silence+deadAfter+time.Second).Milliseconds(), 10), "ALL")
	s.Put(tasksOf("8"), answer("x"), time.Hour)
	if _, ok := s.Get(t.Context(), tasksOf("7")); !ok {
		t.Error("the answer is not found")
	}
	eventually(t, "the other answer is written, or given up", func() bool { return s.Stats().Stored+s.Stats().Failed >= 2 })
	if got := s.Stats(); got.Failed != 0 || got.Connected != 1 {
		t.Errorf("%d commands failed and %d connections were made, want 0 and 1", got.Failed, got.Connected)
	}
}

// Calls that come all at once wait no longer either, though the client has room for 1,024.
func TestFrozenUnderLoad(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	opts := optionsFor(r.url())
	opts.Timeout = 250 * time.Millisecond
	s := opened(t, opts)
	r.freeze()
	var calls sync.WaitGroup
	for i := range 4000 {
		key := tasksOf("7")
		key.ID = strings.Repeat("x", i)
		calls.Go(func() { s.Get(t.Context(), key) })
	}
	calls.Wait()
	r.thaw()
	becomes(t, s, Up)
	if got := s.Stats().Connected; got != 1 {
		t.Errorf("calls waited until the connection was given up: it is number %d", got)
	}
}

// A purge that Redis could not be told of is made up for before anything is read there.
func TestPurgeWhileFrozen(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	opts := optionsFor(r.url())
	var told heard
	opts.OnPurge = told.purge
	other := opened(t, opts)
	opts.Timeout = hasty
	opts.OnPurge = nil
	s := opened(t, opts)
	put(t, other, tasksOf("7"), answer("old"))
	put(t, other, tasksOf("8"), answer("old"))
	put(t, other, tasksOf("9"), answer("kept"))
	other.SetSecret(t.Context(), "login", []byte("refused token"), time.Hour)
	r.freeze()
	s.Get(t.Context(), tasksOf("6"))
	becomes(t, s, Down)
	if err := s.Purge(t.Context(), cache.Purge{Viewer: "7"}); err == nil {
		t.Error("the purge does not say that it was not done")
	}
	s.DropSecret(t.Context(), "login")
	s.Drop(tasksOf("8"))
	eventually(t, "the removals are owed", func() bool {
		s.owed.mu.Lock()
		defer s.owed.mu.Unlock()
		return len(s.owed.removals) == 2
	})
	r.thaw()
	becomes(t, s, Up)
	for _, viewer := range []string{"7", "8"} {
		if _, ok := s.Get(t.Context(), tasksOf(viewer)); ok {
			t.Errorf("what %s had is found again", viewer)
		}
	}
	if _, ok := s.Secret(t.Context(), "login"); ok {
		t.Error("the secret is found again")
	}
	eventually(t, "the other replica is told", func() bool { return told.has(cache.Purge{Viewer: "7"}) })
	if _, ok := other.Get(t.Context(), tasksOf("9")); !ok {
		t.Error("the rest is gone")
	}
}

func TestMemoryFull(t *testing.T) {
	t.Parallel()
	r := startServer(t, "maxmemory-policy noeviction")
	s := opened(t, optionsFor(r.url()))
	put(t, s, tasksOf("before"), answer("x"))
	r.do("CONFIG", "SET", "maxmemory", "1")
	allMiss(t, s)
	eventually(t, "health says so", func() bool { return s.Health().Reason == MemoryFull })
	if got := s.Health().State; got != Up {
		t.Errorf("got %s, want up: it still finds what it has", got)
	}
	if _, ok := s.Get(t.Context(), tasksOf("before")); !ok {
		t.Error("what is stored is not found")
	}
	if err := s.Purge(t.Context(), cache.Purge{Viewer: "before"}); err != nil {
		t.Errorf("what is stored cannot be purged: %v", err)
	}
	if got := s.Health().Reason; got != MemoryFull {
		t.Errorf("got the reason %q while the memory is full", got)
	}
	r.do("CONFIG", "SET", "maxmemory", "0")
	works(t, s)
	if got := s.Health().Reason; got != "" {
		t.Errorf("got the reason %q after all", got)
	}
}

// No text of an error or of the log tells where Redis is or how one gets in.
func TestRefusedAccess(t *testing.T) {
	t.Parallel()
	r := startServer(t, `requirepass the-right-password`)
	var lines log
	opts := optionsFor("redis://:a-wrong-password@" + r.address())
	opts.Logger = lines.logger()
	s := open(t, opts)
	eventually(t, "health says so", func() bool { return s.Health().Reason == AccessRefused })
	allMiss(t, s)
	err := s.Purge(t.Context(), cache.Purge{Viewer: "viewer-4711"})
	if err == nil {
		t.Fatal("no error")
	}
	eventually(t, "the log says so", func() bool { return strings.Contains(lines.String(), string(AccessRefused)) })
	for _, private := range []string{"password", "127.0.0.1", "4711"} {
		if strings.Contains(lines.String()+err.Error(), private) {
			t.Errorf("log or error contains %q", private)
		}
	}
	opts.URL = "redis://:the-right-password@" + r.address() + "/3"
	works(t, opened(t, opts))
}

// Servers and proxies that do without part of what Redis can are asked each time.
func TestWithoutTracking(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{
		"not permitted":   "user default on nopass ~* &* +@all -client|tracking",
		"an old protocol": `rename-command HELLO ""`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startServer(t, config)
			var told heard
			opts := optionsFor(r.url())
			opts.OnPurge, opts.OnGap = told.purge, told.gap
			one, other := opened(t, optionsFor(r.url())), opened(t, opts)
			put(t, one, tasksOf("7"), answer("x"))
			if _, ok := other.Get(t.Context(), tasksOf("7")); !ok {
				t.Error("the answer is not found")
			}
			if err := one.Purge(t.Context(), cache.Purge{Viewer: "7"}); err != nil {
				t.Error(err)
			}
			if _, ok := other.Get(t.Context(), tasksOf("7")); ok {
				t.Error("the answer is found after the purge")
			}
			eventually(t, "the other replica is told", func() bool { return told.has(cache.Purge{Viewer: "7"}) })
			r.do("CLIENT", "KILL", "TYPE", "pubsub")
			eventually(t, "the gap is told of", func() bool { _, gaps := told.counts(); return gaps == 1 })
			becomes(t, other, Up)
			works(t, other)
		})
	}
}

// Closing ends what waits for Redis, which need not answer.
func TestCloseWhileFrozen(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	r.freeze()
	asked := make(chan bool, 1)
	go func() {
		_, ok := s.Get(t.Context(), tasksOf("7"))
		asked <- ok
	}()
	eventually(t, "Redis is asked", func() bool {
		l := s.live.Load()
		return l == nil || l.underWay.Load() > 0
	})
	s.Close()
	if <-asked {
		t.Error("an answer is found")
	}
	allMiss(t, s)
}

// What nobody may see any more is not found again where Redis refuses to remove it.
func TestRefusedRemovals(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	put(t, s, tasksOf("7"), answer("x"))
	s.SetSecret(t.Context(), "login", []byte("refused token"), time.Hour)
	r.do("CONFIG", "SET", "min-replicas-to-write", "1")
	s.Drop(tasksOf("7"))
	eventually(t, "health says so", func() bool { return s.Health().Reason == WritesRefused })
	if _, ok := s.Get(t.Context(), tasksOf("7")); ok {
		t.Error("the answer is found again")
	}
	s.DropSecret(t.Context(), "login")
	if _, ok := s.Secret(t.Context(), "login"); ok {
		t.Error("the secret is found again")
	}
	r.do("CONFIG", "SET", "min-replicas-to-write", "0")
	becomes(t, s, Up)
	allMiss(t, s)
}
