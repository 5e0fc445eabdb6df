package shared

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The window is so long that nothing comes back while a test runs.
const hour = time.Hour

func TestAllowanceOfAllReplicas(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	one, other := opened(t, optionsFor(r.url())), opened(t, optionsFor(r.url()))
	take := func(s *Shared, cost, wantLeft int, wantOK bool) (reset time.Duration) {
		t.Helper()
		left, reset, ok, told := s.Take(t.Context(), "viewer:2", cost, 6, hour)
		if left != wantLeft || ok != wantOK || !told {
			t.Errorf("taking %d: got %d left, %t, told %t; want %d, %t, told", cost, left, ok, told, wantLeft, wantOK)
		}
		return reset
	}
	take(one, 0, 6, true)
	take(one, 4, 2, true)
	take(other, 3, 2, false) // what is refused costs nothing
	if got := take(other, 2, 0, true); got <= 50*time.Minute || got > hour {
		t.Errorf("all of it is back: got after %v, want after nearly an hour", got)
	}
	if got := take(one, 1, 0, false); got <= 0 || got > 10*time.Minute {
		t.Errorf("one is back: got after %v, want after nearly 10 min", got)
	}
	take(one, 0, 0, false)
	other.Charge(t.Context(), "viewer:2", 2, 6, hour)
	take(one, 0, -2, false)
	other.Charge(t.Context(), "viewer:2", 1_000_000, 6, hour)
	take(one, 0, -6, false)
	if left, _, _, _ := one.Take(t.Context(), "viewer:3", 0, 6, hour); left != 6 {
		t.Errorf("of another viewer: got %d left, want 6", left)
	}
}

func TestAllowanceIsTakenOnce(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	var taken atomic.Int64
	var replicas sync.WaitGroup
	for range 2 {
		s := opened(t, optionsFor(r.url()))
		for range 4 {
			replicas.Go(func() {
				for range 20 {
					if _, _, ok, _ := s.Take(t.Context(), "k", 1, 50, hour); ok {
						taken.Add(1)
					}
				}
			})
		}
	}
	replicas.Wait()
	if got := taken.Load(); got != 50 {
		t.Errorf("taken at the same time: got %d, want 50", got)
	}
}

// TestAllowanceComesBack is about the clock of Redis, which no test can set.
func TestAllowanceComesBack(t *testing.T) {
	t.Parallel()
	s := opened(t, optionsFor(startServer(t).url()))
	if _, _, ok, _ := s.Take(t.Context(), "k", 20, 20, time.Second); !ok {
		t.Fatal("the whole allowance: got it refused")
	}
	eventually(t, "some of it is back", func() bool {
		_, _, ok, _ := s.Take(t.Context(), "k", 1, 20, time.Second)
		return ok
	})
}

func TestAllowancesAreNamedInSecretAndEnd(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	s.Charge(t.Context(), "viewer-requests:ivanov", 1, 10, time.Minute)
	name := r.name()
	if strings.Contains(name, "ivanov") || !strings.Contains(name, ":allowance:") {
		t.Errorf("name: got %q, want an allowance of nobody in particular", name)
	}
	keep, err := r.do("PTTL", name).AsInt64()
	if err != nil || keep <= 0 || keep > 6000 {
		t.Errorf("kept for: got %d ms, %v, want the 6 s until it is whole", keep, err)
	}
}

// TestGarbageIsNoDebt: what an allowance cannot be counts as nothing, and is replaced.
func TestGarbageIsNoDebt(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	s.Charge(t.Context(), "k", 1, 10, hour)
	name := r.name()
	for what, command := range map[string][]string{
		"text":         {"SET", name, "garbage"},
		"a far future": {"SET", name, "99999999999999999999"},
		"no number":    {"SET", name, "nan"},
		"an infinity":  {"SET", name, "inf"},
		"a list":       {"RPUSH", name, "1"},
	} {
		r.do("DEL", name)
		r.do(command...)
		if left, _, ok, told := s.Take(t.Context(), "k", 1, 10, hour); left != 9 || !ok || !told {
			t.Errorf("%s: got %d left, %t, told %t; want 9, all told", what, left, ok, told)
		}
	}
}

func TestAllowancesWithoutRedis(t *testing.T) {
	t.Parallel()
	r := startServer(t)
	s := opened(t, optionsFor(r.url()))
	r.kill()
	becomes(t, s, Down)
	if _, _, _, told := s.Take(t.Context(), "k", 1, 10, hour); told {
		t.Error("without Redis: got told, want the caller to decide")
	}
	s.Charge(t.Context(), "k", 1, 10, hour) // and nobody waits
}

func BenchmarkTake(b *testing.B) {
	s := opened(b, optionsFor(startServer(b).url()))
	b.ReportAllocs()
	for b.Loop() {
		s.Take(b.Context(), "viewer:2", 1, 600_000, time.Minute)
	}
}
