package persisted

import (
	"context"
	"errors"
	"time"
)

// Store is where replicas share the documents they learnt. What it returns is not trusted:
// a document is used only if it has the hash that was asked for. It is safe for concurrent
// use, and a failure of it is no worse than a document it does not have.
type Store interface {
	Get(ctx context.Context, hash Hash) (document string, ok bool)
	Put(ctx context.Context, hash Hash, document string)
	Drop(ctx context.Context, hash Hash)
}

// Secrets stores texts under names, encrypted, each for a while.
type Secrets interface {
	Secret(ctx context.Context, name string) (secret []byte, ok bool)
	SetSecret(ctx context.Context, name string, secret []byte, keep time.Duration)
	DropSecret(ctx context.Context, name string)
}

// defaultKeep is how long a document is shared that nobody registers again.
const defaultKeep = 7 * 24 * time.Hour

// NewStore returns a store that has secrets keep each document for keep, 0 for a week.
// Documents are no secrets, but may hold what clients wrote into them instead of variables.
func NewStore(secrets Secrets, keep time.Duration) (Store, error) {
	if keep < 0 {
		return nil, errors.New("documents cannot be kept for less than no time")
	}
	if keep == 0 {
		keep = defaultKeep
	}
	return &secretStore{secrets, keep}, nil
}

type secretStore struct {
	secrets Secrets
	keep    time.Duration
}

func (s *secretStore) Get(ctx context.Context, hash Hash) (string, bool) {
	document, ok := s.secrets.Secret(ctx, storedName(hash))
	return string(document), ok
}

func (s *secretStore) Put(ctx context.Context, hash Hash, document string) {
	s.secrets.SetSecret(ctx, storedName(hash), []byte(document), s.keep)
}

func (s *secretStore) Drop(ctx context.Context, hash Hash) {
	s.secrets.DropSecret(ctx, storedName(hash))
}

func storedName(hash Hash) string { return "document:" + hash.String() }
