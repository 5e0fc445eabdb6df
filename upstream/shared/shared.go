// Package shared is what the replicas of a gateway have in common, kept in Redis or Valkey:
// answers of the CRMs, login tokens, locks, and word of purges. All of it is encrypted, under
// names that say nothing.
//
// Redis saves work and is never needed. While it is away, slow, full or full of garbage, answers
// are not found, locks are granted, and no call waits for it.
package shared

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"crmgraph/upstream/cache"
)

// Defaults of Options.
const (
	DefaultTimeout  = 50 * time.Millisecond
	DefaultMaxValue = 4 << 20
)

// Options are the settings of a Shared.
type Options struct {
	URL       string // redis://[user:password@]host[:port][/db]; rediss:// for TLS
	CA        []byte // PEM certificates trusted besides the system's; nil for none
	Key       []byte // KeySize secret bytes, the same in all replicas
	Namespace string // the installation: those with different ones on one Redis never meet
	Timeout   time.Duration
	MaxValue  int // bytes of the largest body stored
	Logger    *slog.Logger

	// Operations names the operations, e.g. "proportal.tasks", whose answers may hold objects
	// of a kind; nil means that any may.
	Operations func(kind string) []string

	// OnPurge is told what another replica has purged, OnGap that such word may have been
	// missed. They are called one at a time, and may be nil.
	OnPurge func(cache.Purge)
	OnGap   func()
}

// Shared is a gateway's part of what replicas share. It is a cache.Tier. It is safe for
// concurrent use.
type Shared struct {
	dialing    dialing
	timeout    time.Duration
	maxValue   int
	logger     *slog.Logger
	operations func(kind string) []string

	replica string // tells this replica's own messages
	names   names
	codec   *codec

	live     atomic.Pointer[link] // nil while Redis is not to be asked
	health   health
	counters counters
	writes   writes
	owed     owed
	news     news

	stop    context.CancelFunc
	running sync.WaitGroup
}

// Open returns a Shared that connects in the background, for as long as it takes. It fails only
// if an option is wrong, and never quotes one. Close ends it.
func Open(opts Options) (*Shared, error) {
	if opts.Timeout < 0 || opts.MaxValue < 0 {
		return nil, errors.New("timeout and largest value must not be negative")
	}
	timeout := orDefault(opts.Timeout, DefaultTimeout)
	dialing, err := dialingOf(opts.URL, opts.CA, timeout)
	if err != nil {
		return nil, err
	}
	keys, err := deriveKeys(opts.Key)
	if err != nil {
		return nil, err
	}
	s := &Shared{
		dialing:    dialing,
		timeout:    timeout,
		maxValue:   orDefault(opts.MaxValue, DefaultMaxValue),
		logger:     opts.Logger,
		operations: opts.Operations,
		replica:    randomToken(),
		names:      newNames(keys.names, opts.Namespace),
		health:     newHealth(),
		writes:     newWrites(),
		news:       newNews(opts.OnPurge, opts.OnGap),
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	if s.codec, err = newCodec(keys.values, s.maxValue); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.running.Go(func() { s.keepConnected(ctx) })
	s.running.Go(func() { s.writeQueued(ctx) })
	s.running.Go(func() { s.tellNews(ctx) })
	return s, nil
}

// Close ends the connection and all work in the background. What was queued is not written.
func (s *Shared) Close() {
	s.stop()
	s.running.Wait()
	s.codec.close()
}

func orDefault[T comparable](value, byDefault T) T {
	var zero T
	if value == zero {
		return byDefault
	}
	return value
}
