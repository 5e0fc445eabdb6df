package watch_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/graph/watch"
)

var (
	errCRM     = errors.New("the CRM fails")
	errHidden  = errors.New("the value may not be seen")
	errRefused = errors.New("the token is refused")
	errExpired = errors.New("the token has ended")
)

// crm is what is polled: a number for each scope.
type crm struct {
	mu      sync.Mutex
	values  map[string]int
	failing error
	refused map[string]bool // tokens
	tokens  []string        // of all polls
	times   []time.Time
}

func newCRM() *crm { return &crm{values: map[string]int{}, refused: map[string]bool{}} }

func (c *crm) poll(_ context.Context, scope, token string) (*int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens = append(c.tokens, token)
	c.times = append(c.times, time.Now())
	switch {
	case c.refused[token]:
		return nil, errRefused
	case c.failing != nil:
		return nil, c.failing
	}
	return new(c.values[scope]), nil
}

func (c *crm) set(scope string, value int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values[scope] = value
}

func (c *crm) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failing = err
}

// pauses are the times between polls.
func (c *crm) pauses() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	var pauses []time.Duration
	for i := range c.times[1:] {
		pauses = append(pauses, c.times[i+1].Sub(c.times[i]))
	}
	return pauses
}

type (
	feed     = watch.Feed[int, string]
	listener = watch.Listener[int, string]
)

// start returns a feed of the numbers of a CRM. It is to be called, and closed, in a bubble.
func (c *crm) start(t *testing.T) (*feed, *watch.Pollers) {
	t.Helper()
	pollers, err := watch.NewPollers(watch.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return watch.NewFeed(pollers, watch.Source[int, string]{
		Poll:  c.poll,
		Equal: func(before, now *int) bool { return *before == *now },
		Event: func(before, now *int, _ time.Time) string {
			if before == nil {
				return fmt.Sprint("is ", *now)
			}
			return fmt.Sprint(*before, " to ", *now)
		},
		Failure: func(err error) string { return err.Error() },
		Refuses: func(err error) bool { return errors.Is(err, errRefused) },
		Hides:   func(err error) bool { return errors.Is(err, errHidden) },
		Expired: errExpired,
	}), pollers
}

func listen(t *testing.T, ctx context.Context, f *feed, viewer watch.Viewer) *listener { //nolint:revive // the test comes first
	t.Helper()
	if viewer.ExpiresAt.IsZero() {
		viewer.ExpiresAt = time.Now().Add(24 * time.Hour)
	}
	l, err := f.Listen(ctx, viewer)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// told returns what a listener is told now, "" for nothing and "end" if it has ended.
func told(l *listener) string {
	synctest.Wait()
	select {
	case event, ok := <-l.Events():
		if !ok {
			return "end"
		}
		return event
	default:
		return ""
	}
}

func expect(t *testing.T, who string, l *listener, want string) {
	t.Helper()
	if got := told(l); got != want {
		t.Errorf("%s: told %q, want %q", who, got, want)
	}
}

// longer than a pause with what chance adds to it, and shorter than two.
const onePause = watch.DefaultInterval * 6 / 5

func TestListenersAreToldOfChangesAndOfNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCRM()
		f, pollers := c.start(t)
		defer pollers.Close()
		c.set("a", 1)
		c.set("b", 7)
		a := listen(t, t.Context(), f, watch.Viewer{Scope: "a", Token: "ta"})
		b := listen(t, t.Context(), f, watch.Viewer{Scope: "b", Token: "tb"})
		expect(t, "a at first", a, "is 1")
		expect(t, "b at first", b, "is 7")
		time.Sleep(onePause)
		expect(t, "a without a change", a, "")
		c.set("a", 2)
		time.Sleep(onePause)
		expect(t, "a after its change", a, "1 to 2")
		expect(t, "b after the change of a", b, "")

		late := listen(t, t.Context(), f, watch.Viewer{Scope: "a", Token: "ta"})
		expect(t, "who comes late, before any poll", late, "is 2")
	})
}

func TestSlowListenersGetTheNewestAndHoldUpNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCRM()
		f, pollers := c.start(t)
		defer pollers.Close()
		quick := listen(t, t.Context(), f, watch.Viewer{Scope: "a"})
		slow := listen(t, t.Context(), f, watch.Viewer{Scope: "a"})
		fickle := listen(t, t.Context(), f, watch.Viewer{Scope: "a"})
		for _, l := range []*listener{quick, slow, fickle} {
			expect(t, "at first", l, "is 0")
		}
		c.set("a", 1)
		time.Sleep(onePause)
		expect(t, "quick", quick, "0 to 1")
		c.set("a", 2)
		time.Sleep(onePause)
		expect(t, "quick", quick, "1 to 2")
		expect(t, "slow, of both changes", slow, "0 to 2")
		c.set("a", 0)
		time.Sleep(onePause)
		expect(t, "slow", slow, "2 to 0")
		expect(t, "of what has changed back before anybody saw", fickle, "")
	})
}

func TestViewersShareOnePollThatEndsWithTheLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCRM()
		f, pollers := c.start(t)
		defer pollers.Close()
		ctx, leave := context.WithCancel(t.Context())
		var listeners []*listener
		for i := range 1000 {
			listeners = append(listeners, listen(t, ctx, f, watch.Viewer{Scope: fmt.Sprint(i % 10)}))
		}
		synctest.Wait()
		if diff := cmp.Diff(watch.Stats{Polling: 10, Listening: 1000}, pollers.Stats()); diff != "" {
			t.Errorf("while a thousand listen (-want +got):\n%s", diff)
		}
		if got := len(c.tokens); got != 10 {
			t.Errorf("at first: %d polls, want 10", got)
		}
		leave()
		synctest.Wait()
		if diff := cmp.Diff(watch.Stats{}, pollers.Stats()); diff != "" {
			t.Errorf("when all have left (-want +got):\n%s", diff)
		}
		for _, l := range listeners {
			for range l.Events() { // what was told before
			}
			if l.Err() != nil {
				t.Fatalf("who left: got %v, want no error", l.Err())
			}
		}
		time.Sleep(time.Hour)
		if got := len(c.tokens); got != 10 {
			t.Errorf("when all have left: %d polls, want no more than 10", got)
		}
	})
}

func TestPollsBackOffWhileTheCRMFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCRM()
		c.fail(errCRM)
		f, pollers := c.start(t)
		defer pollers.Close()
		l := listen(t, t.Context(), f, watch.Viewer{Scope: "a"})
		expect(t, "who knows nothing", l, errCRM.Error())
		time.Sleep(10 * time.Minute)
		expect(t, "who was told", l, "")
		expect(t, "who comes later", listen(t, t.Context(), f, watch.Viewer{Scope: "a"}), errCRM.Error())
		for i, pause := range c.pauses() {
			want := min(watch.DefaultInterval<<(i+1), watch.DefaultMaxBackoff)
			if pause < want*9/10 || pause > want*11/10 {
				t.Errorf("pause %d: %v, want %v, more or less a tenth", i, pause, want)
			}
		}
		c.fail(nil)
		time.Sleep(watch.DefaultMaxBackoff * 6 / 5)
		expect(t, "when the CRM answers", l, "is 0")
		c.fail(errCRM)
		time.Sleep(time.Hour)
		expect(t, "who knows a value", l, "")
	})
}

func TestListeningEndsWithItsToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCRM()
		f, pollers := c.start(t)
		defer pollers.Close()
		short := listen(t, t.Context(), f, watch.Viewer{Scope: "a", Token: "short", ExpiresAt: time.Now().Add(time.Minute)})
		long := listen(t, t.Context(), f, watch.Viewer{Scope: "a", Token: "long", ExpiresAt: time.Now().Add(time.Hour)})
		expect(t, "short", short, "is 0")
		expect(t, "long", long, "is 0")
		time.Sleep(time.Minute)
		expect(t, "short, whose token has ended", short, "end")
		if !errors.Is(short.Err(), errExpired) {
			t.Errorf("short: got %v, want %v", short.Err(), errExpired)
		}
		c.set("a", 1)
		time.Sleep(onePause)
		expect(t, "long", long, "0 to 1")
		for i, token := range c.tokens[1:] {
			if token != "long" {
				t.Errorf("poll %d: with token %q, want the one that lasts", i+1, token)
			}
		}
	})
}

// What a CRM shows no more is not told to those who come then; who knows it hears of changes alone.
func TestNobodyIsToldWhatTheCRMHidesByNow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCRM()
		f, pollers := c.start(t)
		defer pollers.Close()
		viewer := watch.Viewer{Scope: "a", Token: "a1"}
		knows := listen(t, t.Context(), f, viewer)
		expect(t, "at first", knows, "is 0")

		c.fail(errHidden)
		time.Sleep(onePause)
		expect(t, "who knows the value, while it is hidden", knows, "")
		expect(t, "who comes while it is hidden", listen(t, t.Context(), f, viewer), errHidden.Error())
		waits := listen(t, t.Context(), f, viewer)
		expect(t, "another who comes", waits, errHidden.Error())

		c.fail(nil)
		time.Sleep(2 * onePause) // polls had become rarer
		expect(t, "who knows the value, as it is shown again", knows, "")
		expect(t, "who does not", waits, "is 0")
		c.set("a", 1)
		time.Sleep(onePause)
		expect(t, "who knows it, after a change", knows, "0 to 1")
		expect(t, "who knows it since, after a change", waits, "0 to 1")
	})
}

// A CRM that refuses one token has its bearers told, and is asked at once with another's.
func TestRefusedTokensEndTheirListenersOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCRM()
		c.refused["revoked"] = true
		f, pollers := c.start(t)
		defer pollers.Close()
		good := listen(t, t.Context(), f, watch.Viewer{Scope: "a", Token: "good", ExpiresAt: time.Now().Add(time.Hour)})
		revoked := listen(t, t.Context(), f, watch.Viewer{Scope: "a", Token: "revoked", ExpiresAt: time.Now().Add(2 * time.Hour)})
		synctest.Wait()
		time.Sleep(onePause)
		expect(t, "with a good token", good, "is 0")
		var last string
		for event := told(revoked); event != "end"; event = told(revoked) {
			if event == "" {
				t.Fatal("with a revoked token: still listens")
			}
			last = event
		}
		if !errors.Is(revoked.Err(), errRefused) {
			t.Errorf("with a revoked token: ended with %v after %q, want %v", revoked.Err(), last, errRefused)
		}
		if got := pollers.Polls(); got.Refused != 1 || got.Failed != 0 {
			t.Errorf("polls: got %+v, want one that was refused and none that failed", got)
		}
	})
}

func TestClosedPollersEndEverybody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, pollers := newCRM().start(t)
		l := listen(t, t.Context(), f, watch.Viewer{Scope: "a"})
		expect(t, "at first", l, "is 0")
		pollers.Close()
		expect(t, "at the end", l, "end")
		if _, err := f.Listen(t.Context(), watch.Viewer{Scope: "a"}); !errors.Is(err, watch.ErrClosed) {
			t.Errorf("who comes after the end: got %v, want %v", err, watch.ErrClosed)
		}
	})
}

func TestImpossibleOptions(t *testing.T) {
	t.Parallel()
	for _, opts := range []watch.Options{
		{Interval: -1},
		{MaxBackoff: -1},
		{Interval: time.Minute, MaxBackoff: time.Second},
	} {
		if _, err := watch.NewPollers(opts); err == nil {
			t.Errorf("%+v: got no error", opts)
		}
	}
}
