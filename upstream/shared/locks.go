package shared

import (
	"context"
	"time"

	"github.com/redis/rueidis"
)

// TryLock takes the lock of that name for hold, or until unlock, unless another has it. While
// Redis cannot tell, it is taken.
func (s *Shared) TryLock(ctx context.Context, name string, hold time.Duration) (unlock func(), ok bool) {
	stored, token := s.names.lock(name), randomToken()
	locked, told := s.setUnlessSet(ctx, stored, token, hold)
	if !locked && told {
		return func() {}, false
	}
	// A lock of which nothing was heard may have been taken all the same.
	return func() { s.unset(context.WithoutCancel(ctx), stored, token) }, true
}

// setUnlessSet reports whether it has set name, if that could be told.
func (s *Shared) setUnlessSet(ctx context.Context, name, token string, hold time.Duration) (set, told bool) {
	result, told := s.do(ctx, writing, func(b rueidis.Builder) rueidis.Completed {
		return b.Set().Key(name).Value(token).Nx().Px(max(hold, shortestKeep)).Build()
	})
	return told && result.Error() == nil, told
}

// unsetScript removes a name that still has the value.
const unsetScript = `if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end return 0`

func (s *Shared) unset(ctx context.Context, name, token string) {
	s.do(ctx, removing, func(b rueidis.Builder) rueidis.Completed {
		return b.Eval().Script(unsetScript).Numkeys(1).Key(name).Arg(token).Build()
	})
}
