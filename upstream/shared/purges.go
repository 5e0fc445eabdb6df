package shared

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"crmgraph/upstream/cache"
)

const (
	// purgeTimeout bounds a purge, whose time is that of looking at every name in Redis.
	purgeTimeout = 10 * time.Second
	scannedNames = 1000
)

// Purge removes answers and tells the other replicas. After an error it is done again as soon
// as Redis answers, before anything is read there. An answer that another replica is writing
// at this very moment may survive it, for its own time to live.
func (s *Shared) Purge(ctx context.Context, purge cache.Purge) error {
	if purge == (cache.Purge{}) {
		return errors.New("a purge must say what to forget")
	}
	s.forgetQueued()
	l := s.live.Load()
	if l == nil {
		s.counters.notAsked.Add(1)
		s.owed.purge(purge)
		return fmt.Errorf("the shared tier %s: the purge is done when it is back", s.reason())
	}
	limited, cancel := context.WithTimeout(ctx, purgeTimeout)
	defer cancel()
	err := s.purge(limited, l, purge)
	if err == nil {
		return nil
	}
	s.owed.purge(purge)
	s.counters.failed.Add(1)
	reason := reasonOf(err)
	s.giveUp(l, reason)
	return fmt.Errorf("the shared tier %s: the purge is tried again", reason)
}

func (s *Shared) reason() Reason {
	if reason := s.Health().Reason; reason != "" {
		return reason
	}
	return Unreachable
}

// purge tells the others even if it could not remove everything, and after it removed what it
// could: they must not find it again.
func (s *Shared) purge(ctx context.Context, l *link, purge cache.Purge) error {
	var failures []error
	for _, pattern := range s.names.concerned(purge, s.operations) {
		failures = append(failures, s.remove(ctx, l, pattern))
	}
	return errors.Join(append(failures, s.tell(ctx, l, purge))...)
}

// remove removes what has names of that pattern, a few at a time.
func (s *Shared) remove(ctx context.Context, l *link, pattern string) error {
	if !strings.Contains(pattern, "*") {
		return l.client.Do(ctx, l.client.B().Unlink().Key(pattern).Build()).Error()
	}
	for cursor := uint64(0); ; {
		entry, err := l.client.Do(ctx, l.client.B().Scan().Cursor(cursor).Match(pattern).Count(scannedNames).Build()).AsScanEntry()
		if err != nil {
			return err
		}
		if len(entry.Elements) > 0 {
			removed, err := l.client.Do(ctx, l.client.B().Unlink().Key(entry.Elements...).Build()).AsInt64()
			if err != nil {
				return err
			}
			s.counters.removed.Add(removed)
		}
		if cursor = entry.Cursor; cursor == 0 {
			return nil
		}
	}
}

func (s *Shared) tell(ctx context.Context, l *link, purge cache.Purge) error {
	channel := s.names.purges()
	sealed, err := s.encodeNews(channel, purge)
	if err != nil {
		return err
	}
	return l.client.Do(ctx, l.client.B().Publish().Channel(channel).Message(rueidis.BinaryString(sealed)).Build()).Error()
}
