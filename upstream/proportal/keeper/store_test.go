package keeper_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/proportal/keeper"
)

// memory is a Store.
type memory struct {
	mu      sync.Mutex
	secrets map[string]entry
	locks   map[string]time.Time // until when they are held
}

type entry struct {
	value []byte
	until time.Time
}

func newMemory() *memory {
	return &memory{secrets: map[string]entry{}, locks: map[string]time.Time{}}
}

func (m *memory) Secret(_ context.Context, name string) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.secrets[name]
	return found.value, ok && time.Now().Before(found.until)
}

func (m *memory) SetSecret(_ context.Context, name string, value []byte, keep time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.secrets[name] = entry{value, time.Now().Add(keep)}
}

func (m *memory) DropSecret(_ context.Context, name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.secrets, name)
}

func (m *memory) TryLock(_ context.Context, name string, hold time.Duration) (unlock func(), ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Now().Before(m.locks[name]) {
		return nil, false
	}
	m.locks[name] = time.Now().Add(hold)
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.locks, name)
	}, true
}

// names returns the names of what is kept.
func (m *memory) names() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.secrets))
}

// replicas returns keepers of one account that share a store.
func replicas(t *testing.T, n int, p *portal, store keeper.Store) []*keeper.Keeper {
	t.Helper()
	var all []*keeper.Keeper
	for range n {
		all = append(all, newKeeper(t, keeper.Options{Login: p.login, Store: store}))
	}
	return all
}

// each asks all replicas at the same time.
func each(all []*keeper.Keeper, ask func(*keeper.Keeper) (keeper.Token, error)) (texts map[string]int, failures []error) {
	next := make(chan *keeper.Keeper, len(all))
	for _, k := range all {
		next <- k
	}
	return tokens(len(all), func() (keeper.Token, error) { return ask(<-next) })
}

func TestReplicasShareOneLogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{delay: 2 * time.Second}
		all := replicas(t, 5, p, newMemory())
		ask := func(k *keeper.Keeper) (keeper.Token, error) { return k.Token(t.Context()) }
		for login := range int64(3) {
			texts, failures := each(all, ask)
			if len(texts) != 1 || len(failures) > 0 {
				t.Errorf("got %d tokens and errors %v, want one token for all", len(texts), failures)
			}
			checkLogins(t, p, login+1)
			pass(time.Hour)
		}
		var total keeper.Stats
		for _, k := range all {
			total.Logins += k.Stats().Logins
			total.Shared += k.Stats().Shared
		}
		if diff := cmp.Diff(keeper.Stats{Logins: 3, Shared: 12}, total); diff != "" {
			t.Errorf("stats of all (-want +got):\n%s", diff)
		}
	})
}

func TestReplicasRenewOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{delay: time.Second}
		all := replicas(t, 5, p, newMemory())
		texts, _ := each(all, func(k *keeper.Keeper) (keeper.Token, error) { return k.Token(t.Context()) })
		// All use the token until the end of the hour, and renew it in its last quarter.
		for range 57 * 60 {
			for _, k := range all {
				token(t, k)
			}
			pass(time.Second)
		}
		synctest.Wait()
		checkLogins(t, p, 2)
		renewed, failures := each(all, func(k *keeper.Keeper) (keeper.Token, error) { return k.Token(t.Context()) })
		if len(renewed) != 1 || len(failures) > 0 || cmp.Equal(renewed, texts) {
			t.Errorf("got %d tokens and errors %v, want one new token for all", len(renewed), failures)
		}
	})
}

func TestReplicasReplaceOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &portal{delay: time.Second}
		all := replicas(t, 5, p, newMemory())
		first := token(t, all[0])
		for _, k := range all {
			token(t, k)
		}
		texts, failures := each(all, func(k *keeper.Keeper) (keeper.Token, error) { return k.Replace(t.Context(), first) })
		if len(texts) != 1 || texts[first.Text] != 0 || len(failures) > 0 {
			t.Errorf("got %d tokens, the refused one %d times, and errors %v, want one new token for all", len(texts), texts[first.Text], failures)
		}
		checkLogins(t, p, 2)
	})
}

// TestRefusedTokenOfAnother replica says nothing of this one's logins.
func TestRefusedTokenOfAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := new(portal)
		all := replicas(t, 2, p, newMemory())
		token(t, all[0])
		refused := token(t, all[1])
		for range 2 {
			got, err := all[1].Replace(t.Context(), refused)
			if err != nil {
				t.Fatalf("got error %v, want another token", err)
			}
			refused = got
		}
	})
}

// TestRefusedTokenLeavesTheStore, even if no other takes its place.
func TestRefusedTokenLeavesTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		p := &portal{fail: func(login int) error {
			if login > 1 {
				return context.DeadlineExceeded
			}
			return nil
		}}
		k := newKeeper(t, keeper.Options{Login: p.login, Store: store, Name: "account"})
		first := token(t, k)
		if diff := cmp.Diff([]string{"account"}, store.names()); diff != "" {
			t.Errorf("secrets (-want +got):\n%s", diff)
		}
		if _, err := k.Replace(t.Context(), first); err == nil {
			t.Error("got no error from a login that fails")
		}
		if got := store.names(); len(got) > 0 {
			t.Errorf("secrets: got %v, want none", got)
		}
	})
}

func TestAccountsDoNotMeet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, store := new(portal), newMemory()
		one := newKeeper(t, keeper.Options{Login: p.login, Store: store, Name: "one"})
		other := newKeeper(t, keeper.Options{Login: p.login, Store: store, Name: "other"})
		if token(t, one).Text == token(t, other).Text {
			t.Error("two accounts got one token")
		}
	})
}

// TestReplicaThatDies with the lock holds the others up for a moment only.
func TestReplicaThatDies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, store := new(portal), newMemory()
		k := newKeeper(t, keeper.Options{Login: p.login, Store: store, Name: "account"})
		if _, ok := store.TryLock(t.Context(), "account", time.Hour); !ok {
			t.Fatal("the lock is taken")
		}
		begun := time.Now()
		token(t, k)
		if waited := time.Since(begun); waited > 3*time.Second {
			t.Errorf("waited %v, want three seconds at most", waited)
		}
	})
}

// broken is a Store that does nothing; where it hangs, not even that at once.
type broken struct{ hangs bool }

func (b broken) wait(ctx context.Context) {
	if b.hangs {
		<-ctx.Done()
	}
}

func (b broken) Secret(ctx context.Context, _ string) ([]byte, bool) { b.wait(ctx); return nil, false }

func (b broken) SetSecret(ctx context.Context, _ string, _ []byte, _ time.Duration) { b.wait(ctx) }

func (b broken) DropSecret(ctx context.Context, _ string) { b.wait(ctx) }

func (b broken) TryLock(ctx context.Context, _ string, _ time.Duration) (func(), bool) {
	b.wait(ctx)
	return nil, false
}

func TestBrokenStore(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]broken{"failing": {}, "hanging": {hangs: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := new(portal)
				k := newKeeper(t, keeper.Options{Login: p.login, Store: store})
				begun := time.Now()
				first := token(t, k)
				if _, err := k.Replace(t.Context(), first); err != nil {
					t.Errorf("Replace: %v", err)
				}
				if waited := time.Since(begun); waited > 6*time.Second {
					t.Errorf("two logins took %v, want six seconds at most", waited)
				}
				checkLogins(t, p, 2)
			})
		})
	}
}

func TestGarbageInTheStore(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"no JSON":  "garbage",
		"no token": `{"token":"garbage","issuedAt":"2000-01-01T00:00:00Z","expiresAt":"2000-01-01T01:00:00Z"}`,
		"no times": `{"token":"TOKEN"}`,
		"expired":  `{"token":"TOKEN","issuedAt":"1999-01-01T00:00:00Z","expiresAt":"1999-01-01T01:00:00Z"}`,
		"reversed": `{"token":"TOKEN","issuedAt":"2000-01-02T00:00:00Z","expiresAt":"2000-01-01T00:00:00Z"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, store := new(portal), newMemory()
				stored, _, err := new(portal).login(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				value := strings.ReplaceAll(value, "TOKEN", stored)
				store.SetSecret(t.Context(), "account", []byte(value), time.Hour)
				k := newKeeper(t, keeper.Options{Login: p.login, Store: store, Name: "account"})
				if left := time.Until(token(t, k).ExpiresAt); left != time.Hour {
					t.Errorf("valid for: got %v, want an hour", left)
				}
				checkLogins(t, p, 1)
			})
		})
	}
}

// TestReplicaWhoseClockIsAhead: its token does not seem to live longer than it does.
func TestReplicaWhoseClockIsAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, store := new(portal), newMemory()
		stored, _, err := new(portal).login(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		// The bubble's clock begins with the year 2000.
		value := `{"token":"` + stored + `","issuedAt":"2000-01-01T05:00:00Z","expiresAt":"2000-01-01T06:00:00Z"}`
		store.SetSecret(t.Context(), "account", []byte(value), time.Hour)
		got := token(t, newKeeper(t, keeper.Options{Login: p.login, Store: store, Name: "account"}))
		if left := time.Until(got.ExpiresAt); got.Text != stored || left != time.Hour {
			t.Errorf("valid for: got %v, want the stored token's hour", left)
		}
		checkLogins(t, p, 0)
	})
}
