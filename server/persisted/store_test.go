package persisted_test

import (
	"context"
	"testing"
	"time"

	"crmgraph/server/persisted"
	"crmgraph/upstream/shared"
)

var _ persisted.Secrets = (*shared.Shared)(nil)

// secrets are texts by name.
type secrets struct {
	texts map[string]string
	keep  time.Duration // of what was stored last
}

func (s *secrets) Secret(_ context.Context, name string) ([]byte, bool) {
	text, ok := s.texts[name]
	return []byte(text), ok
}

func (s *secrets) SetSecret(_ context.Context, name string, secret []byte, keep time.Duration) {
	s.texts[name], s.keep = string(secret), keep
}

func (s *secrets) DropSecret(_ context.Context, name string) { delete(s.texts, name) }

func TestStoreOfSecrets(t *testing.T) {
	t.Parallel()
	for given, want := range map[time.Duration]time.Duration{0: 7 * 24 * time.Hour, time.Hour: time.Hour} {
		kept := &secrets{texts: map[string]string{}}
		store, err := persisted.NewStore(kept, given)
		if err != nil {
			t.Fatal(err)
		}
		opts := persisted.Options{Automatic: true, Shared: store, MayShare: anybody}
		one, other := newServer(t, opts), newServer(t, opts)
		expect(t, "registering", one.ask(t, request{Query: typename, Extensions: automatic(typenameHash)}), ran(typename))
		if kept.keep != want {
			t.Errorf("got it kept for %v, want %v", kept.keep, want)
		}
		expect(t, "another replica", other.ask(t, request{Extensions: automatic(typenameHash)}), ran(typename))
		for name := range kept.texts {
			kept.texts[name] = "{ viewer { id } }"
		}
		expect(t, "a third, of a changed document", newServer(t, opts).ask(t, request{Extensions: automatic(typenameHash)}), notFound())
		if len(kept.texts) != 0 {
			t.Errorf("got %v still stored, want nothing", kept.texts)
		}
	}
	if _, err := persisted.NewStore(&secrets{}, -1); err == nil {
		t.Error("got no error for less than no time, want one")
	}
}
