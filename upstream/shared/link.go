package shared

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"

	"github.com/redis/rueidis"
)

// link is one connection to Redis, until it is lost. No call ever makes one: a call that has
// to dial would wait longer than it may.
type link struct {
	client   rueidis.Client
	settled  atomic.Bool // no more connections may be made
	underWay atomic.Int32
	troubled chan Reason // at most one, after which the link is not live
}

// maxUnderWay keeps calls from filling the client's ring of 1,024 commands. A call that finds
// it full waits there for as long as Redis takes.
const maxUnderWay = 512

var errSettled = errors.New("the connection was lost")

// connect makes a link that lives until ctx ends.
func (s *Shared) connect(ctx context.Context) (*link, error) {
	l, err := s.dialing.connect(ctx, true)
	if errors.Is(err, rueidis.ErrNoCache) {
		l, err = s.dialing.connect(ctx, false)
	}
	if err == nil {
		s.counters.connected.Add(1)
	}
	return l, err
}

func (d dialing) connect(ctx context.Context, tracking bool) (*link, error) {
	l := &link{troubled: make(chan Reason, 1)}
	option := d.option
	option.DisableCache = !tracking
	option.DialCtxFn = func(_ context.Context, address string, dialer *net.Dialer, config *tls.Config) (net.Conn, error) {
		if l.settled.Load() {
			return nil, errSettled
		}
		return dial(ctx, address, dialer, config)
	}
	client, err := rueidis.NewClient(option)
	if err != nil {
		if client != nil {
			client.Close()
		}
		return nil, err
	}
	l.client = client
	return l, nil
}

// dial returns a connection that is closed when ctx ends, whoever waits for it.
func dial(ctx context.Context, address string, dialer *net.Dialer, config *tls.Config) (net.Conn, error) {
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	if config == nil {
		return conn, nil
	}
	secured := tls.Client(conn, config)
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secured, nil
}

// begin returns the link to ask, to be given to end, or nil while Redis is not to be asked.
func (s *Shared) begin() *link {
	l := s.live.Load()
	if l == nil {
		s.counters.notAsked.Add(1)
		return nil
	}
	if l.underWay.Add(1) > maxUnderWay {
		l.underWay.Add(-1)
		s.counters.notAsked.Add(1)
		return nil
	}
	return l
}

// end takes note of how Redis answered and reports whether it did, be it that there is nothing.
// The context is the one of whoever asked, without the time limit of the command.
func (s *Shared) end(ctx context.Context, l *link, kind command, err error) bool {
	l.underWay.Add(-1)
	return s.judge(ctx, l, kind, err)
}

func (s *Shared) judge(ctx context.Context, l *link, kind command, err error) bool {
	if err == nil || rueidis.IsRedisNil(err) {
		if s.health.accepted(kind) {
			s.logger.InfoContext(ctx, "the shared tier does all its work again")
		}
		return true
	}
	if ctx.Err() != nil || errors.Is(err, context.Canceled) {
		return false // whoever asked, here or for the same answer, went away
	}
	s.counters.failed.Add(1)
	reason := reasonOf(err)
	if _, isReply := replyCode(err); !isReply {
		s.giveUp(l, reason)
	} else if s.health.refused(kind, reason) {
		s.logger.WarnContext(ctx, "the shared tier does only part of its work", "reason", string(reason))
	}
	return false
}

// giveUp keeps calls from a link until the goroutine that keeps it finds that it works.
func (s *Shared) giveUp(l *link, reason Reason) {
	if s.live.CompareAndSwap(l, nil) {
		l.troubled <- reason
	}
}
