package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"sync/atomic"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/shared"
	"crmgraph/upstream/solos"
)

// key returns the key that encrypts what is shared.
func (c *RedisConfig) key() ([]byte, error) {
	if c.Key.IsZero() {
		return nil, errors.New("needed with redis-url, as what is stored are customers' data")
	}
	key, err := base64.StdEncoding.DecodeString(c.Key.Reveal())
	if err != nil || len(key) != shared.KeySize {
		return nil, fmt.Errorf("want %d bytes in base64", shared.KeySize)
	}
	return key, nil
}

// entities returns which answers of both CRMs may hold which objects.
func entities() upstream.Entities {
	all := proportal.Entities()
	maps.Copy(all, solos.Entities())
	return all
}

// keepAnswers makes the cache, and connects it with the other replicas if there may be any.
func (u *upstreams) keepAnswers(c *Config, logger *slog.Logger) error {
	lifetimes, err := c.Cache.lifetimes()
	if err != nil {
		return err
	}
	opts := cache.Options{
		MaxBytes:       int64(c.Cache.Size),
		Lifetime:       lifetimes,
		Concerns:       entities().Concerns,
		RefreshTimeout: max(c.ProPortal.Timeout, c.Solos.Timeout),
		Logger:         logger,
	}
	if c.Cache.Size == 0 {
		opts.Lifetime = nil
	}
	// Word of a purge may come before there is a cache, which has nothing to forget then.
	var made atomic.Pointer[cache.Cache]
	if !c.Redis.URL.IsZero() {
		if u.shared, err = c.Redis.open(u.namespace(c), &made, logger); err != nil {
			return fmt.Errorf("redis: %w", err)
		}
		if c.Cache.Size > 0 {
			opts.Tier = u.shared
		}
	}
	u.cache, err = cache.New(opts)
	if err == nil {
		made.Store(u.cache)
	}
	return err
}

func (c *RedisConfig) open(namespace string, made *atomic.Pointer[cache.Cache], logger *slog.Logger) (*shared.Shared, error) {
	key, err := c.key()
	if err != nil {
		return nil, err
	}
	var ca []byte
	if c.CAFile != "" {
		if ca, err = os.ReadFile(c.CAFile); err != nil {
			return nil, err
		}
	}
	apply := func(purge cache.Purge) {
		if answers := made.Load(); answers != nil {
			answers.Apply(purge)
		}
	}
	return shared.Open(shared.Options{
		URL:        c.URL.Reveal(),
		CA:         ca,
		Key:        key,
		Namespace:  namespace,
		Timeout:    c.Timeout,
		Logger:     logger,
		Operations: entities().Operations,
		OnPurge:    apply,
		OnGap:      func() { apply(cache.Purge{All: true}) },
	})
}

// namespace tells installations apart that share one Redis: answers of others must never
// be taken for one's own.
func (u *upstreams) namespace(c *Config) string {
	hash := sha256.New()
	for _, part := range []string{
		c.ProPortal.URL, string(c.ProPortal.Mode), c.ProPortal.ServiceAuthorization.Reveal(), c.ProPortal.ServiceCookie.Reveal(),
		c.Solos.URL, c.Solos.Token.Reveal(), c.Solos.Secret.Reveal(),
	} {
		// The length keeps the ends of parts apart.
		_, _ = fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}
