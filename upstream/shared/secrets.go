package shared

import (
	"context"
	"time"

	"github.com/redis/rueidis"
)

// Secret returns the secret stored under name, e.g. a token that one replica got for all. It is
// asked for anew each time.
func (s *Shared) Secret(ctx context.Context, name string) ([]byte, bool) {
	found, ok := s.read(ctx, s.names.secret(name), 0)
	return found.body, ok
}

// SetSecret stores a secret for keep.
func (s *Shared) SetSecret(ctx context.Context, name string, secret []byte, keep time.Duration) {
	if keep < shortestKeep || len(secret) > s.maxValue {
		return
	}
	stored := s.names.secret(name)
	sealed := s.codec.seal(stored, value{at: time.Now(), body: secret})
	s.do(ctx, writing, func(b rueidis.Builder) rueidis.Completed {
		return b.Set().Key(stored).Value(rueidis.BinaryString(sealed)).Px(keep).Build()
	})
}

// DropSecret removes a secret. What Redis cannot be told now is done when it is back.
func (s *Shared) DropSecret(ctx context.Context, name string) {
	stored := s.names.secret(name)
	result, ok := s.do(ctx, removing, func(b rueidis.Builder) rueidis.Completed {
		return b.Unlink().Key(stored).Build()
	})
	if !ok {
		s.owe(stored, reasonOf(result.Error()))
	}
}
