package shared

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

func TestReplicasShareAnswers(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	one, other := opened(t, optionsFor(r.url())), opened(t, optionsFor(r.url()))
	for name, stored := range map[string]cache.Stored{
		"short": answer(`{"id":1}`),
		"long":  answer(`[` + strings.Repeat(`{"id":1},`, 5000) + `{}]`),
		"empty": answer(""),
		"none":  {At: time.UnixMilli(1_790_000_000_000), NotFound: true},
	} {
		key := tasksOf(name)
		if _, ok := other.Get(t.Context(), key); ok {
			t.Errorf("%s: found before it was stored", name)
		}
		put(t, one, key, stored)
		var got cache.Stored
		eventually(t, "the other replica finds "+name, func() (ok bool) {
			got, ok = other.Get(t.Context(), key)
			return ok
		})
		if diff := cmp.Diff(stored, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
	}
}

// Each part of a key tells answers apart.
func TestKeysAreToldApart(t *testing.T) {
	t.Parallel()
	s := opened(t, optionsFor(startServer(t).url()))
	key := upstream.Key{Service: "a", Operation: "b", Scope: "c", ID: "d", Query: "e", Body: "f"}
	put(t, s, key, answer("mine"))
	for name, change := range map[string]func(*upstream.Key){
		"service":          func(k *upstream.Key) { k.Service = "x" },
		"operation":        func(k *upstream.Key) { k.Operation = "x" },
		"scope":            func(k *upstream.Key) { k.Scope = "x" },
		"id":               func(k *upstream.Key) { k.ID = "x" },
		"query":            func(k *upstream.Key) { k.Query = "x" },
		"body":             func(k *upstream.Key) { k.Body = "x" },
		"id before query":  func(k *upstream.Key) { k.ID, k.Query = "de", "" },
		"query after body": func(k *upstream.Key) { k.Query, k.Body = "", "ef" },
	} {
		other := key
		change(&other)
		if got, ok := s.Get(t.Context(), other); ok {
			t.Errorf("another %s finds %q", name, got.Body)
		}
	}
}

func TestInstallationsDoNotMeet(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	opts := optionsFor(r.url())
	one := opened(t, opts)
	put(t, one, tasksOf("7"), answer("mine"))
	one.SetSecret(t.Context(), "login", []byte("token"), time.Hour)
	_, locked := one.TryLock(t.Context(), "login", time.Hour)

	elsewhere := opts
	elsewhere.Namespace = "another company"
	rekeyed := opts
	rekeyed.Key = bytes.Repeat([]byte{8}, KeySize)
	for name, opts := range map[string]Options{"another namespace": elsewhere, "another key": rekeyed} {
		other := opened(t, opts)
		if _, ok := other.Get(t.Context(), tasksOf("7")); ok {
			t.Errorf("%s: the answer is found", name)
		}
		if _, ok := other.Secret(t.Context(), "login"); ok {
			t.Errorf("%s: the secret is found", name)
		}
		if _, ok := other.TryLock(t.Context(), "login", time.Hour); !ok || !locked {
			t.Errorf("%s: the lock is shared", name)
		}
	}
}

// Redis, its dumps and whoever listens learn nothing of viewers, questions, answers and tokens.
func TestNothingIsReadableInRedis(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	key := upstream.Key{Service: upstream.ProPortal, Operation: "task", Scope: "viewer-4711", ID: "id-4712", Query: "q=marker-query", Body: "marker-body"}
	put(t, s, key, answer(`{"comment":"marker-comment"}`))
	put(t, s, tasksOf("viewer-4711"), answer(strings.Repeat("marker-comment", 1000)))
	s.SetSecret(t.Context(), "marker-secret", []byte("marker-token"), time.Hour)
	s.Lock(t.Context(), key, time.Hour)
	s.TryLock(t.Context(), "marker-lock", time.Hour)

	r.do("SAVE")
	dump, err := os.ReadFile(filepath.Join(r.dir, "dump.rdb"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(dump, []byte("proportal.task:")) {
		t.Error("the name of the operation, for operators, is not in the dump")
	}
	for _, private := range []string{"4711", "4712", "marker"} {
		if bytes.Contains(dump, []byte(private)) {
			t.Errorf("the dump contains %q", private)
		}
	}
}

// What was changed, moved or put there by somebody else is not found, and is removed.
func TestForeignValuesAreRefused(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	put(t, s, tasksOf("other"), answer("the other's"))
	other := r.value(r.name())
	r.do("FLUSHALL")
	put(t, s, tasksOf("me"), answer("mine"))
	name := r.name()
	mine := r.value(name)

	tests := map[string][]string{
		"moved from another name": {"SET", name, other},
		"changed":                 {"SET", name, mine[:len(mine)-1] + string(mine[len(mine)-1]^1)},
		"of another version":      {"SET", name, "\x02" + mine[1:]},
		"cut off":                 {"SET", name, mine[:len(mine)-1]},
		"short":                   {"SET", name, mine[:3]},
		"garbage":                 {"SET", name, strings.Repeat("garbage", 100)},
		"larger than any value":   {"SETRANGE", name, "6000000", "x"},
		"a list":                  {"RPUSH", name, "x"},
	}
	for what, command := range tests {
		r.do("DEL", name)
		r.do(command...)
		before := s.Stats().Unreadable
		eventually(t, what+" is seen to be unreadable", func() bool {
			if _, ok := s.Get(t.Context(), tasksOf("me")); ok {
				t.Errorf("%s: found", what)
			}
			return s.Stats().Unreadable > before
		})
		eventually(t, what+" is removed", func() bool { return len(r.names()) == 0 })
	}
	if health := s.Health(); health.State != Up || health.Reason != "" {
		t.Errorf("garbage is no trouble of Redis, got %+v", health)
	}
}

func TestAnswersExpire(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	put(t, s, tasksOf("7"), answer("x"))
	left, err := r.do("PTTL", r.name()).AsInt64()
	if want := time.Hour.Milliseconds(); err != nil || left > want || left < want-time.Minute.Milliseconds() {
		t.Errorf("%d ms left, want at most %d: %v", left, want, err)
	}
}

func TestLargeAnswersAreNotStored(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	opts := optionsFor(r.url())
	opts.MaxValue = 1000
	s := opened(t, opts)
	s.Put(tasksOf("large"), answer(strings.Repeat("x", 1001)), time.Hour)
	put(t, s, tasksOf("largest"), answer(strings.Repeat("x", 1000)))
	if _, ok := s.Get(t.Context(), tasksOf("largest")); !ok {
		t.Error("the largest answer is not found")
	}
	if got := s.Stats(); got.TooLarge != 1 || len(r.names()) != 1 {
		t.Errorf("%d too large and %d stored, want 1 and 1", got.TooLarge, len(r.names()))
	}
}

// Put copies: the body it was given serves the next answer at once.
func TestPutKeepsNothing(t *testing.T) {
	t.Parallel()
	s := opened(t, optionsFor(startServer(t).url()))
	stored := answer("before")
	count := s.Stats().Stored
	s.Put(tasksOf("7"), stored, time.Hour)
	copy(stored.Body, "after!")
	eventually(t, "it is stored", func() bool { return s.Stats().Stored > count })
	if got, _ := s.Get(t.Context(), tasksOf("7")); string(got.Body) != "before" {
		t.Errorf("got %q", got.Body)
	}
}

func TestDrop(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	one, other := opened(t, optionsFor(r.url())), opened(t, optionsFor(r.url()))
	put(t, one, tasksOf("7"), answer("x"))
	put(t, one, tasksOf("8"), answer("x"))
	other.Drop(tasksOf("7"))
	eventually(t, "the answer is dropped", func() bool {
		_, ok := one.Get(t.Context(), tasksOf("7"))
		return !ok
	})
	if _, ok := one.Get(t.Context(), tasksOf("8")); !ok {
		t.Error("another answer is gone")
	}
}

// Answers read again come out of the client's cache, which Redis keeps up to date.
func TestClientSideCache(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	writer, reader := opened(t, optionsFor(r.url())), opened(t, optionsFor(r.url()))
	put(t, writer, tasksOf("7"), answer("old"))
	for range 10 {
		if got, _ := reader.Get(t.Context(), tasksOf("7")); string(got.Body) != "old" {
			t.Fatalf("got %q", got.Body)
		}
	}
	stats, err := r.do("INFO", "commandstats").ToString()
	if err != nil || !strings.Contains(stats, "cmdstat_getrange:calls=1,") {
		t.Error("Redis was asked more than once for the same answer")
	}
	put(t, writer, tasksOf("7"), answer("new"))
	eventually(t, "the new answer is found", func() bool {
		got, _ := reader.Get(t.Context(), tasksOf("7"))
		return string(got.Body) == "new"
	})
}

func TestLocks(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	one, other := opened(t, optionsFor(r.url())), opened(t, optionsFor(r.url()))
	if !one.Lock(t.Context(), tasksOf("7"), time.Hour) {
		t.Error("the first does not get the lock")
	}
	if other.Lock(t.Context(), tasksOf("7"), time.Hour) || one.Lock(t.Context(), tasksOf("7"), time.Hour) {
		t.Error("a second gets the lock")
	}
	if !other.Lock(t.Context(), tasksOf("8"), time.Millisecond) {
		t.Error("the lock of another question is taken")
	}
	eventually(t, "the lock expires", func() bool { return one.Lock(t.Context(), tasksOf("8"), time.Hour) })
}

func TestMutexes(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	one, other := opened(t, optionsFor(r.url())), opened(t, optionsFor(r.url()))
	unlock, ok := one.TryLock(t.Context(), "login", time.Hour)
	if !ok {
		t.Fatal("the first does not get the lock")
	}
	refused, ok := other.TryLock(t.Context(), "login", time.Hour)
	if ok {
		t.Fatal("a second gets the lock")
	}
	refused()
	if _, ok := other.TryLock(t.Context(), "login", time.Hour); ok {
		t.Fatal("one who did not get the lock released it")
	}
	unlock()
	if _, ok := other.TryLock(t.Context(), "login", time.Hour); !ok {
		t.Fatal("the lock is not released")
	}
	unlock()
	if _, ok := one.TryLock(t.Context(), "login", time.Hour); ok {
		t.Error("a lock that is another's by now was released")
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	one, other := opened(t, optionsFor(r.url())), opened(t, optionsFor(r.url()))
	read := func() string {
		secret, ok := other.Secret(t.Context(), "login")
		if !ok {
			return "none"
		}
		return string(secret)
	}
	steps := []struct {
		do   func()
		want string
	}{
		{func() {}, "none"},
		{func() { one.SetSecret(t.Context(), "login", []byte("first"), time.Hour) }, "first"},
		{func() { one.SetSecret(t.Context(), "login", []byte("second"), time.Hour) }, "second"},
		{func() { one.DropSecret(t.Context(), "login") }, "none"},
	}
	for i, step := range steps {
		step.do()
		if got := read(); got != step.want {
			t.Errorf("step %d: got %s, want %s", i, got, step.want)
		}
	}
}

func TestWrongOptions(t *testing.T) {
	t.Parallel()
	good := optionsFor("redis://user:hunter2@127.0.0.1:1/0")
	for name, change := range map[string]func(*Options){
		"no URL":                 func(o *Options) { o.URL = "" },
		"no host":                func(o *Options) { o.URL = "redis:///1" },
		"another scheme":         func(o *Options) { o.URL = "http://user:hunter2@host" },
		"unparsable":             func(o *Options) { o.URL = "redis://user:hunter2@host:port" },
		"no number":              func(o *Options) { o.URL = "redis://user:hunter2@host/hunter2" },
		"several hosts":          func(o *Options) { o.URL = "redis://user:hunter2@host:1,host:2" },
		"no port":                func(o *Options) { o.URL = "redis://user:hunter2@host:70000" },
		"negative":               func(o *Options) { o.URL = "redis://user:hunter2@host/-1" },
		"a query":                func(o *Options) { o.URL = "rediss://user:hunter2@host?skip_verify=hunter2" },
		"short key":              func(o *Options) { o.Key = []byte("hunter2") },
		"certificates for plain": func(o *Options) { o.CA = []byte("hunter2") },
		"no certificate":         func(o *Options) { o.URL, o.CA = "rediss://host", []byte("hunter2") },
		"negative timeout":       func(o *Options) { o.Timeout = -1 },
		"negative size":          func(o *Options) { o.MaxValue = -1 },
	} {
		opts := good
		change(&opts)
		s, err := Open(opts)
		switch {
		case err == nil:
			s.Close()
			t.Errorf("%s: no error", name)
		case strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: the error quotes an option: %v", name, err)
		}
	}
}
