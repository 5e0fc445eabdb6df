package shared

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

const (
	shortestPause = 100 * time.Millisecond
	longestPause  = 5 * time.Second
)

// keepConnected makes one connection after the other until ctx ends.
func (s *Shared) keepConnected(ctx context.Context) {
	pause := shortestPause
	missed := false // word of purges
	for {
		served, err := s.serve(ctx, missed)
		if ctx.Err() != nil {
			return
		}
		missed = true
		s.down(ctx, reasonOf(err))
		if served {
			pause = shortestPause
		}
		if !wait(ctx, jittered(pause)) {
			return
		}
		pause = min(2*pause, longestPause)
	}
}

// serve makes a connection and serves calls with it until it is lost. It reports whether it
// came to that.
func (s *Shared) serve(ctx context.Context, missed bool) (served bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l, err := s.connect(ctx)
	if err != nil {
		return false, err
	}
	var receiving sync.WaitGroup
	defer func() {
		cancel() // closes the connection, for Close would wait for its answers
		l.client.Close()
		receiving.Wait()
	}()

	subscribed := make(chan struct{})
	confirmed := sync.OnceFunc(func() { close(subscribed) })
	hooked := rueidis.WithOnSubscriptionHook(ctx, func(rueidis.PubSubSubscription) { confirmed() })
	lost := make(chan error, 1)
	receiving.Go(func() {
		err := l.client.Receive(hooked, l.client.B().Subscribe().Channel(s.names.purges()).Build(), s.news.receive)
		if err == nil {
			err = errSettled
		}
		lost <- err
	})
	select {
	case <-subscribed:
	case err := <-lost:
		return false, err
	case <-time.After(dialTimeout):
		return false, context.DeadlineExceeded
	}
	l.settled.Store(true)
	if missed {
		s.news.gap()
	}
	for {
		if err := s.revive(ctx, l, lost); err != nil {
			return served, err
		}
		s.live.Store(l)
		served = true
		// More may be owed since all of it was paid, by somebody who found nothing to give up.
		if s.owed.any() && s.live.CompareAndSwap(l, nil) {
			continue
		}
		s.up(ctx)
		select {
		case err := <-lost:
			s.live.Store(nil)
			return served, err
		case reason := <-l.troubled:
			s.down(ctx, reason)
		}
	}
}

// revive returns when Redis answers in time and has done what it owes, or with the error that
// the connection was lost with.
func (s *Shared) revive(ctx context.Context, l *link, lost <-chan error) error {
	pause := shortestPause
	for {
		err := s.ping(ctx, l)
		if err == nil {
			err = s.payOwed(ctx, l)
		}
		if err == nil {
			return nil
		}
		s.down(ctx, reasonOf(err))
		select {
		case err := <-lost:
			return err
		case <-time.After(jittered(pause)):
		}
		pause = min(2*pause, longestPause)
	}
}

func (s *Shared) ping(ctx context.Context, l *link) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return l.client.Do(ctx, l.client.B().Ping().Build()).Error()
}

func (s *Shared) up(ctx context.Context) {
	if s.health.become(Up, "") {
		s.logger.InfoContext(ctx, "the shared tier is up")
	}
}

func (s *Shared) down(ctx context.Context, reason Reason) {
	if ctx.Err() == nil && s.health.become(Down, reason) {
		s.logger.WarnContext(ctx, "the shared tier is down", "reason", string(reason))
	}
}

func jittered(pause time.Duration) time.Duration { return pause/2 + rand.N(pause/2) }

// wait reports whether the time passed before ctx ended.
func wait(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}
