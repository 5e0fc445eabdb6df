// Package keeper keeps the token of the one account in whose name a gateway asks ProPortal:
// it logs in, renews the token ahead of its end and replaces one that is refused.
package keeper

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/proportal"
)

// defaultTimeout is the deadline of a login.
const defaultTimeout = 15 * time.Second

// Login gets a token from ProPortal, and the Date of the answer, which is zero where there
// is none. Every error is an *upstream.Error.
type Login func(ctx context.Context) (token string, date time.Time, err error)

// Options are the settings of a Keeper; Login is required.
type Options struct {
	Login Login
	// Store is where replicas share the token; nil keeps it to this one.
	Store Store
	// Name is the token's in the Store, "proportal-login" when empty. Replicas that log in
	// to one account have one name.
	Name string
	// Timeout is the deadline of one login, 15 seconds when 0.
	Timeout time.Duration
}

// Keeper keeps a token. It logs in when the token is asked for, never on its own, and never
// twice at the same time. It is safe for concurrent use, and an upstream.Credentials.
type Keeper struct {
	login   Login
	timeout time.Duration
	sharing *sharing // nil without a Store

	held    atomic.Pointer[held] // nil for no token
	running sync.WaitGroup

	mu      sync.Mutex // guards what follows, and changes of held
	flight  *flight    // the login under way, nil for none
	refused string     // the last token that ProPortal refused
	backoff backoff
	stats   Stats
	closed  bool
}

var _ upstream.Credentials = (*Keeper)(nil)

// New returns a Keeper that has no token yet.
func New(opts Options) (*Keeper, error) {
	if opts.Login == nil {
		return nil, errors.New("a login is required")
	}
	if opts.Timeout < 0 {
		return nil, errors.New("the timeout must not be negative")
	}
	k := &Keeper{login: opts.Login, timeout: opts.Timeout}
	if k.timeout == 0 {
		k.timeout = defaultTimeout
	}
	if opts.Store != nil {
		k.sharing = newSharing(opts.Store, opts.Name, k.timeout)
	}
	return k, nil
}

// Token returns the token to use. Near its end it is renewed in the background; who finds
// none waits for the login under way, no longer than ctx. While logins fail, the last
// one's error is returned at once. Every error is an *upstream.Error; Rejected means that
// ProPortal refuses the account.
func (k *Keeper) Token(ctx context.Context) (Token, error) {
	h, err := k.get(ctx)
	if err != nil {
		return Token{}, err
	}
	return h.Token, nil
}

// Replace returns the token to use instead of one that ProPortal has just refused. All who
// come with that token share one login.
func (k *Keeper) Replace(ctx context.Context, refused Token) (Token, error) {
	k.refuse(func(h *held) bool { return h.Text == refused.Text })
	return k.Token(ctx)
}

// Header is Token as the header of a request.
func (k *Keeper) Header(ctx context.Context) (*upstream.Header, error) {
	h, err := k.get(ctx)
	if err != nil {
		return nil, err
	}
	return h.header, nil
}

// Current returns the held token as the header of a request, nil for none.
func (k *Keeper) Current() *upstream.Header {
	if h := k.held.Load(); h != nil {
		return h.header
	}
	return nil
}

// Renew is Replace for a header of Header's.
func (k *Keeper) Renew(ctx context.Context, refused *upstream.Header) (*upstream.Header, error) {
	k.refuse(func(h *held) bool { return h.header == refused })
	return k.Header(ctx)
}

// Close ends the login under way and waits for it. Who asks for a token after that gets
// an error, unless there is a good one.
func (k *Keeper) Close() {
	k.mu.Lock()
	k.closed = true
	if k.flight != nil {
		k.flight.cancel()
	}
	k.mu.Unlock()
	k.running.Wait()
}

func (k *Keeper) get(ctx context.Context) (*held, error) {
	now := time.Now()
	h := k.held.Load()
	if !h.good(now) {
		return k.wait(ctx, now)
	}
	if !now.Before(h.renewAt) {
		k.mu.Lock()
		// Whether a login begins or not, there is a token to go on with.
		_, _ = k.start(ctx, now)
		k.mu.Unlock()
	}
	return h, nil
}

// wait returns the token that a login brings.
func (k *Keeper) wait(ctx context.Context, now time.Time) (*held, error) {
	if ctx.Err() != nil {
		return nil, gone(ctx)
	}
	k.mu.Lock()
	if h := k.held.Load(); h.good(now) {
		k.mu.Unlock()
		return h, nil
	}
	f, err := k.start(ctx, now)
	k.mu.Unlock()
	if err == nil {
		callcontext.Block(ctx)
		select {
		case <-f.done:
			if f.err == nil {
				return f.held, nil
			}
			err = f.err
		case <-ctx.Done():
			return nil, gone(ctx)
		}
	}
	// A token in its last seconds is better than none.
	if h := k.held.Load(); h != nil && time.Now().Before(h.ExpiresAt) {
		return h, nil
	}
	return nil, err
}

// refuse drops the held token if it is the one that ProPortal refused.
func (k *Keeper) refuse(is func(*held) bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	h := k.held.Load()
	if h == nil || !is(h) {
		return
	}
	k.held.Store(nil)
	k.refused = h.Text
	k.stats.Replaced++
	if !h.shared {
		k.backoff.refused(time.Now(), h.issuedAt)
	}
}

// gone is the error of a caller whose context has ended.
func gone(ctx context.Context) error {
	kind := upstream.Canceled
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		kind = upstream.Timeout
	}
	return &upstream.Error{Call: proportal.LoginCall, Kind: kind, Err: errors.New("waiting for the gateway's login")}
}
