package shared

import (
	"context"
	"time"

	"github.com/redis/rueidis"
)

// shortestKeep is the shortest time that Redis knows.
const shortestKeep = time.Millisecond

// do sends a command and waits for it no longer than the timeout. It reports whether Redis
// answered, be it that there is nothing.
func (s *Shared) do(ctx context.Context, kind command, build func(rueidis.Builder) rueidis.Completed) (rueidis.RedisResult, bool) {
	l := s.begin()
	if l == nil {
		return rueidis.RedisResult{}, false
	}
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	result := l.client.Do(limited, build(l.client.B()))
	return result, s.end(ctx, l, kind, result.Error())
}

// read returns the value under name. It may come out of the client's cache, if it is to be
// kept there for a time.
func (s *Shared) read(ctx context.Context, name string, keep time.Duration) (value, bool) {
	l := s.begin()
	if l == nil {
		return value{}, false
	}
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	// Garbage under our name is not read to its end: one byte too many tells it.
	command := l.client.B().Getrange().Key(name).Start(0).End(int64(s.codec.maxSealed()))
	var result rueidis.RedisResult
	if keep > 0 {
		result = l.client.DoCache(limited, command.Cache().ToStaticTTL(), keep)
	} else {
		result = l.client.Do(limited, command.Build())
	}
	sealed, err := result.AsBytes()
	// A list, say, lies where a value was due.
	code, _ := replyCode(err)
	garbage := code == "WRONGTYPE"
	if garbage {
		err = nil
	}
	if !s.end(ctx, l, reading, err) {
		return value{}, false
	}
	if !garbage && len(sealed) == 0 {
		s.counters.misses.Add(1)
		return value{}, false
	}
	found, err := s.codec.open(name, sealed)
	if err != nil {
		s.counters.unreadable.Add(1)
		s.enqueue(write{name: name})
		return value{}, false
	}
	s.counters.hits.Add(1)
	return found, true
}
