package cache

import (
	"errors"
	"log/slog"
	"time"

	"crmgraph/upstream"
)

// Defaults of Options.
const (
	DefaultMaxBytes       = 64 << 20
	DefaultRefreshTimeout = 10 * time.Second
)

// Options are the settings of a Cache; the zero value means the defaults.
type Options struct {
	// MaxBytes bounds the memory that kept answers take, DefaultMaxBytes when 0.
	MaxBytes int64
	// Lifetime says how long the answers of an operation serve. It is called once per
	// operation. Nil keeps no answers at all: equal calls under way are still one.
	Lifetime func(service upstream.Service, operation string) Lifetime
	// Concerns reports whether the answer to key may tell of an object. It must not call the
	// Cache. Without it, no purge can name an object.
	Concerns func(key upstream.Key, kind, id string) bool
	// Tier holds answers for other replicas too; nil for none.
	Tier Tier
	// RefreshTimeout is the longest that a refresh in the background may take, DefaultRefreshTimeout
	// when 0. None takes longer than its question may.
	RefreshTimeout time.Duration
	// Logger is told what no caller is; nil for nobody.
	Logger *slog.Logger
}

// Lifetime says how long an answer serves, counted from when the CRM gave it. An answer is
// forgotten once none of this applies, whatever the terms of those who ask.
type Lifetime struct {
	// TTL is how long the answer is fresh. At 0 it is not kept.
	TTL time.Duration
	// StaleWhileRevalidate is how long after that it serves while a new one is on its way.
	StaleWhileRevalidate time.Duration
	// StaleIfError is how long after the TTL it serves while the CRM fails.
	StaleIfError time.Duration
	// NotFound is the TTL of the answer that there is no such object. At 0 that is not kept.
	NotFound time.Duration
}

// kept is how long an answer is of any use.
func (l Lifetime) kept() time.Duration {
	return l.TTL + max(l.StaleWhileRevalidate, l.StaleIfError)
}

func (o *Options) complete() error {
	if o.MaxBytes < 0 || o.RefreshTimeout < 0 {
		return errors.New("size and refresh timeout of the cache must not be negative")
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.RefreshTimeout == 0 {
		o.RefreshTimeout = DefaultRefreshTimeout
	}
	if o.Lifetime == nil {
		o.Lifetime = func(upstream.Service, string) Lifetime { return Lifetime{} }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}
