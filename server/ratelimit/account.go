package ratelimit

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"
)

// account is what one request, or one connection of several operations, uses up.
type account struct {
	client string // key of the client

	mu         sync.Mutex
	viewer     string // key of the viewer, "" while none is known
	operations int
	standings  []standing // as told in the RateLimit fields
	refusal    *ExceededError
}

// standing is what was left of one policy when it was last asked for.
type standing struct {
	policy *policy
	left   int
	reset  time.Duration
}

// effective is for how long a client is to make do with what is left: until all of it is back,
// and for as long as it lasts at the pace of the policy. Who spreads it over that time does not
// come faster than the policy means, as after the first request of a large allowance.
func (s standing) effective() time.Duration {
	pace := s.policy.window / time.Duration(s.policy.limit)
	return max(s.reset, time.Duration(max(s.left, 0))*pace)
}

type accountKey struct{}

func accountFrom(ctx context.Context) *account {
	known, _ := ctx.Value(accountKey{}).(*account)
	return known
}

// Admit counts one operation of the request that ctx belongs to, for the viewer it runs for,
// "" for none. The error is an *ExceededError: the operation is not to run. The first operation of a
// request is counted with it; the further ones of a batch or a connection count for the client
// too. Outside of Middleware everything is admitted.
func (l *Limiter) Admit(ctx context.Context, viewer string) error {
	a := accountFrom(ctx)
	if a == nil {
		return nil
	}
	a.mu.Lock()
	a.operations++
	first := a.operations == 1
	if viewer != "" {
		a.viewer = viewerKey(viewer)
	}
	key := a.viewer
	a.mu.Unlock()
	if !first {
		if exceeded := l.admit(ctx, a, a.client, l.clientRequests, l.clientCalls); exceeded != nil {
			return exceeded
		}
	}
	if viewer == "" {
		return nil
	}
	if exceeded := l.admit(ctx, a, key, l.viewerRequests, l.viewerCalls); exceeded != nil {
		return exceeded
	}
	return nil
}

// Charge counts the upstream calls that an operation made, for its viewer and its client. They
// are known only when they have been made: who has used up more than allowed waits with the
// next operation.
func (l *Limiter) Charge(ctx context.Context, calls int) {
	a := accountFrom(ctx)
	if a == nil || calls <= 0 {
		return
	}
	a.mu.Lock()
	viewer := a.viewer
	a.mu.Unlock()
	// The calls were made, whether or not the client still waits for them.
	ctx = context.WithoutCancel(ctx)
	if l.clientCalls != nil {
		l.store.Charge(ctx, l.clientCalls.keyOf(a.client), calls, l.clientCalls.limit, l.clientCalls.window)
	}
	if l.viewerCalls != nil && viewer != "" {
		l.store.Charge(ctx, l.viewerCalls.keyOf(viewer), calls, l.viewerCalls.limit, l.viewerCalls.window)
	}
}

// admit takes a request of key, if it is not in debt with calls. Each policy may be nil.
func (l *Limiter) admit(ctx context.Context, a *account, key string, requests, calls *policy) *ExceededError {
	// Looking comes first: a refused request is not counted.
	if exceeded := l.take(ctx, a, key, calls, 0); exceeded != nil {
		return exceeded
	}
	return l.take(ctx, a, key, requests, 1)
}

func (l *Limiter) take(ctx context.Context, a *account, key string, p *policy, cost int) *ExceededError {
	if p == nil {
		return nil
	}
	left, reset, ok := l.store.Take(ctx, p.keyOf(key), cost, p.limit, p.window)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.note(standing{p, left, reset})
	if ok {
		return nil
	}
	p.refused.Add(1)
	a.refusal = &ExceededError{Limit: p.limit, Used: p.limit - left + max(cost, 1), Retry: reset}
	return a.refusal
}

// note keeps the last standing of each policy. The lock is held.
func (a *account) note(s standing) {
	for i := range a.standings {
		if a.standings[i].policy == s.policy {
			a.standings[i] = s
			return
		}
	}
	a.standings = append(a.standings, s)
}

// keyOf returns the key that the policy is counted under.
func (p *policy) keyOf(who string) string { return p.name + ":" + who }

// viewerKey is the viewer's id, or a hash of a long one: an issuer may choose any, and keys
// are kept.
func viewerKey(id string) string {
	const longest = 64
	if len(id) <= longest {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return string(sum[:])
}

// clientKey is the address or, as one subscriber has that many, the first 64 bits of an IPv6
// address.
func clientKey(ip netip.Addr) string {
	if !ip.Is6() {
		return ip.String()
	}
	subscriber, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return ip.String()
	}
	return subscriber.String()
}
