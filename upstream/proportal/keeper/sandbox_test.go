package keeper_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/proportal/keeper"
	"crmgraph/upstream/sandbox"
)

// gateway is a client that asks the emulated ProPortal in the name of one account.
type gateway struct {
	*proportal.ViewerClient
	keeper *keeper.Keeper
	crms   *sandbox.Sandbox
}

func newGateway(t *testing.T, opts sandbox.Options, cookie string) gateway {
	t.Helper()
	opts.Customers, opts.Projects = 3, -1
	crms, err := sandbox.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := crms.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	client, err := proportal.New(crms.ProPortalURL(), proportal.Options{CallerOptions: upstream.CallerOptions{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	account := http.Header{"Cookie": {cookie}}
	k := newKeeper(t, keeper.Options{Login: func(ctx context.Context) (string, time.Time, error) {
		return client.Login(ctx, account)
	}})
	return gateway{client.AsService("2", k), k, crms}
}

const goodCookie = "sandbox_sso=2"

func TestServiceOverHTTP(t *testing.T) {
	t.Parallel()
	g := newGateway(t, sandbox.Options{ProPortalSkew: -2 * time.Hour}, goodCookie)
	ask := func() {
		var failures atomic.Int64
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				if _, err := g.CountPortfolio(t.Context()); err != nil {
					failures.Add(1)
				}
			})
		}
		callers.Wait()
		if got := failures.Load(); got > 0 {
			t.Errorf("%d of 50 calls failed", got)
		}
	}
	ask()
	if got := g.crms.Calls()[proportal.LoginCall.String()]; got != 1 {
		t.Errorf("logins of 50 callers: got %d, want 1", got)
	}
	got := token(t, g.keeper)
	if left := time.Until(got.ExpiresAt); got.Subject != "2" || left < 59*time.Minute || left > time.Hour+time.Second {
		t.Errorf("got subject %q, valid for %v, want 2 and an hour", got.Subject, left)
	}
	g.crms.RevokeTokens()
	ask()
	if got := g.crms.Calls()[proportal.LoginCall.String()]; got != 2 {
		t.Errorf("logins after a revocation: got %d, want one more", got)
	}
}

func TestUnknownAccountOverHTTP(t *testing.T) {
	t.Parallel()
	g := newGateway(t, sandbox.Options{}, "sandbox_sso=99")
	for range 2 {
		_, err := g.CountPortfolio(t.Context())
		checkFailure(t, err, upstream.Rejected, time.Second/2, 2*time.Second)
	}
	if got := g.crms.Calls()[proportal.LoginCall.String()]; got != 1 {
		t.Errorf("logins: got %d, want 1", got)
	}
}

// spent is the Observer of an operation that may make no more calls.
type spent struct{}

func (spent) Start(_ context.Context, call *upstream.Call) (upstream.ObservedCall, *upstream.Error) {
	return nil, &upstream.Error{Call: *call, Kind: upstream.OverBudget}
}

func (spent) Answered(*upstream.Call, upstream.Freshness) {}

// TestLoginOfNoOperation: the login is everybody's, so no operation pays for it.
func TestLoginOfNoOperation(t *testing.T) {
	t.Parallel()
	g := newGateway(t, sandbox.Options{}, goodCookie)
	operation := &upstream.Operation{Observer: spent{}, Terms: upstream.Terms{OnlyIfCached: true}}
	if _, err := g.keeper.Token(upstream.WithOperation(t.Context(), operation)); err != nil {
		t.Errorf("got %v, want a token", err)
	}
}
