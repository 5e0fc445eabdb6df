// Package ratelimit bounds what each viewer and each client address may ask for in a time:
// operations and requests, and the upstream calls they lead to.
package ratelimit

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"
)

// Options are the settings of New. The zero value limits nothing.
type Options struct {
	Viewer Allowances // of each viewer
	Client Allowances // of each client address
	// Window is the time that allowances are for; a minute when 0.
	Window time.Duration
	// ClientIP tells the address a request comes from; that of the connection when nil.
	ClientIP func(*http.Request) netip.Addr
	// Store keeps count; a Memory of this server alone when nil.
	Store Store
}

// Allowances are what may be used up at once and comes back evenly within a window; 0 for
// no limit.
type Allowances struct {
	Requests int
	Calls    int // upstream
}

const defaultWindow = time.Minute

// perSecond is the largest allowance for a second, which keeps rounding below a hundredth.
const perSecond = 10_000

// Limiter counts requests and upstream calls. It is safe for concurrent use.
type Limiter struct {
	clientRequests, clientCalls *policy // nil for no limit
	viewerRequests, viewerCalls *policy

	clientIP func(*http.Request) netip.Addr
	store    Store
}

// policy is one limit.
type policy struct {
	name   string // in the RateLimit fields
	limit  int
	window time.Duration
	told   string // its item of RateLimit-Policy

	refused atomic.Int64
}

// New returns a Limiter.
func New(opts Options) (*Limiter, error) {
	if opts.Window == 0 {
		opts.Window = defaultWindow
	}
	if opts.Window < time.Second {
		return nil, errors.New("the window of rate limits must be a second or more")
	}
	if opts.ClientIP == nil {
		opts.ClientIP = connectionIP
	}
	if opts.Store == nil {
		opts.Store = NewMemory(0)
	}
	l := &Limiter{clientIP: opts.ClientIP, store: opts.Store}
	var errs []error
	for _, each := range []struct {
		policy **policy
		name   string
		limit  int
	}{
		{&l.clientRequests, "client-requests", opts.Client.Requests},
		{&l.clientCalls, "client-calls", opts.Client.Calls},
		{&l.viewerRequests, "viewer-requests", opts.Viewer.Requests},
		{&l.viewerCalls, "viewer-calls", opts.Viewer.Calls},
	} {
		var err error
		*each.policy, err = newPolicy(each.name, each.limit, opts.Window)
		errs = append(errs, err)
	}
	return l, errors.Join(errs...)
}

// newPolicy returns nil for no limit.
func newPolicy(name string, limit int, window time.Duration) (*policy, error) {
	if limit == 0 {
		return nil, nil
	}
	if most := int(window.Seconds() * perSecond); limit < 0 || limit > most {
		return nil, fmt.Errorf("%s: the limit must be between 0 and %d for a window of %v", name, most, window)
	}
	told := strconv.Quote(name) + ";q=" + strconv.Itoa(limit) + ";w=" + seconds(window)
	return &policy{name: name, limit: limit, window: window, told: told}, nil
}

// off reports whether nothing is limited.
func (l *Limiter) off() bool {
	return l.clientRequests == nil && l.clientCalls == nil && l.viewerRequests == nil && l.viewerCalls == nil
}

func connectionIP(r *http.Request) netip.Addr {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return address.Addr().Unmap()
}

// seconds rounds up, so that who waits that long waits long enough.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
