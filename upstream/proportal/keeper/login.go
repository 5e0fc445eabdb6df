package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/proportal"
)

// flight is a login for all who wait for it.
type flight struct {
	cancel context.CancelFunc
	done   chan struct{} // closed at the end; held and err are set then
	held   *held
	err    error
}

// start returns the login under way or begins one, unless logins fail. The caller has
// locked k.
func (k *Keeper) start(ctx context.Context, now time.Time) (*flight, error) {
	switch {
	case k.flight != nil:
		return k.flight, nil
	case k.closed:
		return nil, &upstream.Error{Call: proportal.LoginCall, Kind: upstream.Unavailable, Err: errors.New("the gateway is shutting down")}
	}
	if err := k.backoff.err(now); err != nil {
		return nil, err
	}
	// The login is for everybody: it goes on when whoever began it leaves, and is no call of
	// their operation's.
	ctx = upstream.WithOperation(context.WithoutCancel(ctx), &upstream.Operation{})
	ctx, cancel := context.WithCancel(callcontext.Apart(ctx))
	f := &flight{cancel: cancel, done: make(chan struct{})}
	k.flight = f
	k.running.Go(func() {
		defer cancel()
		k.fly(ctx, f)
	})
	return f, nil
}

// fly gets a token, out of the store if another replica has put one there.
func (k *Keeper) fly(ctx context.Context, f *flight) {
	if k.sharing == nil {
		k.land(f, k.logIn(ctx))
		return
	}
	shared, unlock := k.sharing.claim(ctx, k.known())
	defer unlock()
	if shared != nil {
		k.adopt(f, shared)
		return
	}
	result := k.logIn(ctx)
	k.land(f, result)
	// Nobody here waits for the store.
	if result.err == nil {
		k.sharing.put(ctx, result.held)
	}
}

// known returns the tokens that are no answer to the question for another one.
func (k *Keeper) known() known {
	k.mu.Lock()
	defer k.mu.Unlock()
	tokens := known{refused: k.refused}
	if h := k.held.Load(); h != nil {
		tokens.held = h.Text
	}
	return tokens
}

// result is what a login came to.
type result struct {
	held *held
	err  *upstream.Error
}

func (k *Keeper) logIn(ctx context.Context) (r result) {
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	// Nobody else recovers in this goroutine. The text of a panic may quote the answer.
	defer func() {
		if cause := recover(); cause != nil {
			r = result{err: &upstream.Error{Call: proportal.LoginCall, Kind: upstream.Malformed, Err: fmt.Errorf("panic with a value of type %T", cause)}}
		}
	}()
	text, date, err := k.login(ctx)
	if err != nil {
		return result{err: ownFault(err)}
	}
	h, err := issued(text, date, time.Now())
	if err != nil {
		return result{err: &upstream.Error{Call: proportal.LoginCall, Kind: upstream.Malformed, Err: err}}
	}
	return result{held: h}
}

// adopt ends f with another replica's token.
func (k *Keeper) adopt(f *flight, shared *held) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stats.Shared++
	k.end(f, shared)
}

// land ends f with the result of a login.
func (k *Keeper) land(f *flight, r result) {
	k.mu.Lock()
	defer k.mu.Unlock()
	err := r.err
	if err == nil && r.held.Text == k.refused {
		err = &upstream.Error{Call: proportal.LoginCall, Kind: upstream.Rejected, Err: errors.New("the login gave the token that was refused")}
	}
	if err != nil {
		k.stats.Failures++
		f.err = k.backoff.failed(time.Now(), err)
		k.end(f, nil)
		return
	}
	k.stats.Logins++
	k.end(f, r.held)
}

// end tells all who wait for f. The caller has locked k.
func (k *Keeper) end(f *flight, h *held) {
	if h != nil {
		k.backoff.succeeded()
		k.held.Store(h)
	}
	f.held = h
	k.flight = nil
	close(f.done)
}

// ownFault turns the error of a login into that of whoever needs the token: they have not
// asked for a login, so none of it is their fault.
func ownFault(err error) *upstream.Error {
	failure := upstream.Error{Call: proportal.LoginCall, Kind: upstream.Unavailable}
	var found *upstream.Error
	if errors.As(err, &found) {
		failure = *found
	}
	switch failure.Kind {
	case upstream.RateLimited, upstream.Timeout, upstream.Unavailable, upstream.Malformed, upstream.Overloaded, upstream.NotConfigured:
	case upstream.Canceled:
		failure.Kind = upstream.Unavailable
	default:
		failure.Kind = upstream.Rejected
	}
	return &failure
}
