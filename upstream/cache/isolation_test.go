package cache_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

// TestAnswersStayWithTheirViewersAndWithinTheirTime lets two replicas over one tier live
// through random questions, failures, purges and hours. Each answer says to which question,
// by which call and when it was given.
func TestAnswersStayWithTheirViewersAndWithinTheirTime(t *testing.T) {
	t.Parallel()
	steps := rapid.SliceOfN(rapid.OneOf(
		rapid.Custom(drawQuestion), rapid.Custom(drawQuestion), rapid.Custom(drawQuestion),
		rapid.Custom(drawWait), rapid.Custom(drawChange), rapid.Custom(drawPurge),
	), 1, 80)
	rapid.Check(t, func(rt *rapid.T) {
		history := steps.Draw(rt, "history")
		var wrong []string
		synctest.Test(t, func(*testing.T) { wrong = live(history) })
		if len(wrong) > 0 {
			rt.Fatal(strings.Join(wrong, "\n"))
		}
	})
}

// step is what happens in the world next.
type step struct {
	what    string
	happens func(w *world)
}

// String is what rapid prints of a history that went wrong.
func (s step) String() string { return s.what }

// live returns what went wrong in a history.
func live(history []step) []string {
	w := newWorld()
	for _, step := range history {
		step.happens(w)
		synctest.Wait()
	}
	w.end()
	return w.wrong
}

// given is an answer of the world's CRM.
type given struct {
	key  upstream.Key
	call int // serial number of the call
	at   time.Time
}

type world struct {
	replicas []*cache.Cache
	asking   sync.WaitGroup
	stop     context.CancelFunc
	ctx      context.Context

	mu     sync.Mutex
	serial int // of calls and purges
	given  []given
	purged map[upstream.Key]int // serial of the last purge that covers the key
	kind   upstream.Kind        // of the failure of calls; "" for none
	takes  time.Duration
	wrong  []string
}

var worldKeys = func() (keys []upstream.Key) {
	for _, scope := range []string{"ann", "bob", "carl", "ann ", "firm"} {
		for _, operation := range []string{"tasks", "task", "unkept"} {
			for _, id := range []string{"", "7"} {
				keys = append(keys, upstream.Key{Service: upstream.ProPortal, Operation: operation, Scope: scope, ID: id})
			}
		}
	}
	return keys
}()

func concerns(key upstream.Key, _, id string) bool { return key.ID == id }

func newWorld() *world {
	w := &world{purged: make(map[upstream.Key]int)}
	w.ctx, w.stop = context.WithCancel(context.Background())
	shelf := newTier()
	for range 2 {
		c, err := cache.New(cache.Options{
			MaxBytes: 1 << 20,
			Tier:     shelf,
			Concerns: concerns,
			Lifetime: func(_ upstream.Service, operation string) cache.Lifetime {
				if operation == "unkept" {
					return cache.Lifetime{}
				}
				return lifetime
			},
		})
		if err != nil {
			panic(err)
		}
		w.replicas = append(w.replicas, c)
	}
	shelf.beforePurge = func() {
		for _, c := range w.replicas {
			c.Apply(shelf.purging)
		}
	}
	return w
}

func (w *world) end() {
	w.stop()
	w.asking.Wait()
	for _, c := range w.replicas {
		c.Close()
	}
}

func (w *world) call(ctx context.Context, key upstream.Key) (*upstream.Body, error) {
	w.mu.Lock()
	w.serial++
	serial, kind, takes := w.serial, w.kind, w.takes
	w.mu.Unlock()
	if takes > 0 {
		select {
		case <-time.After(takes):
		case <-ctx.Done():
			return nil, failure(upstream.Canceled)
		}
	}
	if kind != "" {
		return nil, failure(kind)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.given = append(w.given, given{key, serial, time.Now()})
	return upstream.NewBody(200, strconv.AppendInt(nil, int64(len(w.given)-1), 10)), nil
}

// drawQuestion has a viewer ask one replica, and goes on before the answer is there.
func drawQuestion(t *rapid.T) step {
	key := rapid.SampledFrom(worldKeys).Draw(t, "key")
	replica := rapid.IntRange(0, 1).Draw(t, "replica")
	seldom := rapid.IntRange(0, 9)
	seconds := rapid.SampledFrom([]int{-1, -1, -1, 0, 3, 15, 60})
	terms := upstream.Terms{
		NoCache:      seldom.Draw(t, "no-cache") == 9,
		NoStore:      seldom.Draw(t, "no-store") == 9,
		OnlyIfCached: seldom.Draw(t, "only-if-cached") == 9,
	}
	if s := seconds.Draw(t, "max-age"); s >= 0 {
		terms.MaxAge = ptr(time.Duration(s) * time.Second)
	}
	if s := seconds.Draw(t, "max-stale"); s >= 0 {
		terms.MaxStale = ptr(time.Duration(s) * time.Second)
	}
	credential := rapid.SampledFrom([]string{"one", "two"}).Draw(t, "credential")
	patience := time.Duration(rapid.IntRange(1, 30).Draw(t, "patience")) * time.Second
	what := fmt.Sprintf("%s asks replica %d for %s %q, %+v, waits %v at most", key.Scope, replica, key.Operation, key.ID, terms, patience)
	return step{what, func(w *world) {
		q := &question{
			key:        key,
			credential: credential,
			ask:        func(ctx context.Context) (*upstream.Body, error) { return w.call(ctx, key) },
			read:       func(body []byte) (any, error) { return strconv.Atoi(string(body)) },
		}
		w.mu.Lock()
		serial, purged := w.serial, w.purged[key]
		w.mu.Unlock()
		w.asking.Go(func() {
			ctx, cancel := context.WithTimeout(w.ctx, patience)
			defer cancel()
			answer, err := get(ctx, w.replicas[replica], q, terms)
			w.check(key, terms, serial, purged, answer, err)
		})
	}}
}

// check compares an answer with what may be served to one who asked at serial.
func (w *world) check(key upstream.Key, terms upstream.Terms, serial, purged int, answer upstream.Answer, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		if answer.Value != nil {
			w.complain("an error with the value %v", answer.Value)
		}
		return
	}
	source := w.given[answer.Value.(int)]
	age := time.Since(source.at)
	switch {
	case source.key != key:
		w.complain("%+v was given the answer to %+v", key, source.key)
	case answer.Freshness.Age != age:
		w.complain("an answer %v old claims %v", age, answer.Freshness.Age)
	case source.call <= purged:
		w.complain("an answer from before a purge was served after it")
	case forced(terms) && source.call <= serial:
		w.complain("an answer from before the question was served to one who refused those")
	case terms.MaxAge != nil && age > *terms.MaxAge:
		w.complain("an answer %v old was served to one who wanted none above %v", age, *terms.MaxAge)
	case key.Operation == "unkept" && age != 0:
		w.complain("an answer %v old to an operation whose answers are not kept", age)
	}
	past := age - lifetime.TTL
	var inTime bool
	switch answer.Freshness.State {
	case upstream.Fresh, upstream.Revalidated:
		inTime = past < 0
	case upstream.Stale:
		inTime = past >= 0 && (past < lifetime.StaleWhileRevalidate || terms.MaxStale != nil && past <= *terms.MaxStale)
	case upstream.StaleOnError:
		inTime = past >= 0 && past < lifetime.StaleIfError && !terms.OnlyIfCached
	}
	if !inTime {
		w.complain("an answer %v old was served as %s", age, answer.Freshness.State)
	}
}

func forced(terms upstream.Terms) bool { return terms.NoCache || terms.NoStore }

func (w *world) complain(format string, args ...any) {
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

func drawWait(t *rapid.T) step {
	d := time.Duration(rapid.IntRange(1, 40).Draw(t, "seconds")) * time.Second
	return step{"wait " + d.String(), func(*world) { time.Sleep(d) }}
}

// drawChange makes the CRM fail, recover, or take another while to answer.
func drawChange(t *rapid.T) step {
	kind := rapid.SampledFrom([]upstream.Kind{
		"", "", "", upstream.Unavailable, upstream.NotFound, upstream.Unauthenticated, upstream.Forbidden,
	}).Draw(t, "failure")
	takes := time.Duration(rapid.SampledFrom([]int{0, 0, 1, 5, 40}).Draw(t, "takes")) * time.Second
	return step{fmt.Sprintf("calls take %v and fail as %q", takes, kind), func(w *world) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.kind, w.takes = kind, takes
	}}
}

func drawPurge(t *rapid.T) step {
	of := rapid.SampledFrom(worldKeys).Draw(t, "of")
	replica := rapid.IntRange(0, 1).Draw(t, "replica")
	purge := rapid.SampledFrom([]cache.Purge{
		{Viewer: of.Scope},
		{Operation: "proportal." + of.Operation},
		{Operation: "proportal." + of.Operation, Viewer: of.Scope},
		{Entity: cache.Entity{Kind: "task", ID: "7"}},
		{All: true},
	}).Draw(t, "purge")
	return step{fmt.Sprintf("replica %d purges %+v", replica, purge), func(w *world) {
		w.mu.Lock()
		serial := w.serial
		w.mu.Unlock()
		if _, err := w.replicas[replica].Purge(w.ctx, purge); err != nil {
			panic(err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, key := range worldKeys {
			if (purge.Viewer == "" || purge.Viewer == key.Scope) &&
				(purge.Operation == "" || purge.Operation == "proportal."+key.Operation) &&
				(purge.Entity == cache.Entity{} || concerns(key, "task", purge.Entity.ID)) {
				w.purged[key] = serial
			}
		}
	}}
}

// TestAViewerIsNeverToldOfAnothersFailure is the same for errors, which carry no data.
func TestAViewerIsNeverToldOfAnothersFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := crm{takes: time.Second}
		c := open(t, cache.Options{})
		barred := s.tasks("ann")
		barred.ask = func(context.Context) (*upstream.Body, error) {
			time.Sleep(time.Second)
			return nil, failure(upstream.NotFound)
		}
		together(2, func(i int) {
			if i == 0 {
				if _, err := get(t.Context(), c, barred, anyTerms); !errors.Is(err, upstream.NotFound) {
					t.Errorf("ann was told %v", err)
				}
				return
			}
			wants(t, c, s.tasks("bob"), anyTerms, "bob 1", upstream.Fresh)
		})
	})
}
