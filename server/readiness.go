package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"crmgraph/server/auth"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal/keeper"
)

// readiness says whether the server may get traffic and, line by line, how what it depends
// on is doing. A CRM that fails, or Redis, is no reason to get none: the rest is served.
func readiness(ready *atomic.Bool, up *upstreams) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if !ready.Load() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		text("text/plain; charset=utf-8", "ready\n"+up.detail()).ServeHTTP(w, r)
	})
}

// detail tells how what the server depends on is doing, a line each.
func (u *upstreams) detail() string {
	var b strings.Builder
	for _, service := range []upstream.Service{upstream.ProPortal, upstream.Solos} {
		if policy := u.policies[service]; policy != nil {
			_, _ = fmt.Fprintf(&b, "%s: circuit %s\n", service, policy.State())
		} else {
			_, _ = fmt.Fprintf(&b, "%s: not configured\n", service)
		}
	}
	if u.keeper != nil {
		_, _ = fmt.Fprintf(&b, "proportal login: %s\n", loginState(u.keeper.State()))
	}
	if u.issuer != nil {
		_, _ = fmt.Fprintf(&b, "issuer's keys: %s\n", keysState(u.issuer.Keys()))
	}
	if u.shared != nil {
		health := u.shared.Health()
		_, _ = fmt.Fprintf(&b, "redis: %s since %s", health.State, health.Since.UTC().Format(time.RFC3339))
		if health.Reason != "" {
			_, _ = fmt.Fprintf(&b, ", %s", health.Reason)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func keysState(state auth.KeysState) string {
	switch {
	case state.LoadedAt.IsZero() && state.Err == nil:
		return "none yet"
	case state.LoadedAt.IsZero():
		return "cannot be loaded, nobody is let in"
	case state.Err != nil:
		return "of " + state.LoadedAt.UTC().Format(time.RFC3339) + ", but cannot be loaded again"
	default:
		return "of " + state.LoadedAt.UTC().Format(time.RFC3339)
	}
}

func loginState(state keeper.State) string {
	switch {
	case state.ExpiresAt.IsZero() && state.Err == nil:
		return "none yet"
	case state.ExpiresAt.IsZero():
		return "failing, tried again at " + state.RetryAt.UTC().Format(time.RFC3339)
	case state.Err != nil:
		return "good until " + state.ExpiresAt.UTC().Format(time.RFC3339) + ", but cannot be renewed"
	default:
		return "good until " + state.ExpiresAt.UTC().Format(time.RFC3339)
	}
}
