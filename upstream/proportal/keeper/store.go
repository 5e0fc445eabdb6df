package keeper

import (
	"context"
	"encoding/json"
	"time"
)

// Store is what replicas share the token in. A method that fails is one that found
// nothing: logins then go on without it.
type Store interface {
	// Secret returns the value of a name.
	Secret(ctx context.Context, name string) (value []byte, ok bool)
	// SetSecret keeps a value for as long as keep.
	SetSecret(ctx context.Context, name string, value []byte, keep time.Duration)
	// DropSecret forgets a value.
	DropSecret(ctx context.Context, name string)
	// TryLock takes the lock of a name, unless somebody has it. It is released by unlock,
	// or after hold.
	TryLock(ctx context.Context, name string, hold time.Duration) (unlock func(), ok bool)
}

const (
	defaultName = "proportal-login"
	// patience is how long is waited for another replica's login, and for a store that
	// does not answer.
	patience = 3 * time.Second
	// pollPause is the time between two looks for another replica's token.
	pollPause = 100 * time.Millisecond
)

// sharing is how replicas come to one token: one of them locks, logs in and puts the token
// into the store, where the others look for it.
type sharing struct {
	store Store
	name  string
	hold  time.Duration // of the lock
}

func newSharing(store Store, name string, timeout time.Duration) *sharing {
	if name == "" {
		name = defaultName
	}
	return &sharing{store: store, name: name, hold: timeout + patience}
}

// known are the tokens that are not wanted from the store, empty for none.
type known struct {
	held    string // is to be renewed
	refused string
}

// claim returns another replica's token, or nil and the lock under which to log in. When
// neither is to be had, a login without the lock does no harm.
func (s *sharing) claim(ctx context.Context, k known) (shared *held, unlock func()) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		unlock, locked := s.store.TryLock(ctx, s.name, s.hold)
		if !locked {
			unlock = func() {}
		}
		stored := s.get(ctx)
		switch {
		case stored != nil && stored.Text != k.held && stored.Text != k.refused:
			unlock()
			return stored, func() {}
		case locked:
			if stored != nil && stored.Text == k.refused {
				s.store.DropSecret(ctx, s.name)
			}
			return nil, unlock
		}
		select {
		case <-time.After(pollPause):
		case <-ctx.Done():
			return nil, unlock
		}
	}
}

// secret is a token in the store.
type secret struct {
	Token     string    `json:"token"`
	IssuedAt  time.Time `json:"issuedAt"`
	ExpiresAt time.Time `json:"expiresAt"` // both by the clock of the replica that logged in
}

// get returns the token in the store, nil if there is no good one.
func (s *sharing) get(ctx context.Context) *held {
	value, ok := s.store.Secret(ctx, s.name)
	if !ok {
		return nil
	}
	var found secret
	if err := json.Unmarshal(value, &found); err != nil {
		return nil
	}
	c, err := readClaims(found.Token)
	if err != nil {
		return nil
	}
	now, lifetime := time.Now(), found.ExpiresAt.Sub(found.IssuedAt)
	// A replica whose clock is ahead does not make a token live longer than it does.
	if found.IssuedAt.After(now) {
		found.IssuedAt = now
	}
	h := newHeld(found.Token, c.subject, found.IssuedAt, lifetime)
	h.shared = true
	if !h.good(now) {
		return nil
	}
	return h
}

// put shares a token.
func (s *sharing) put(ctx context.Context, h *held) {
	value, err := json.Marshal(secret{Token: h.Text, IssuedAt: h.issuedAt, ExpiresAt: h.ExpiresAt})
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s.store.SetSecret(ctx, s.name, value, time.Until(h.useUntil))
}
