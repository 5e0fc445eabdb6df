package auth_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmgraph/graph"
	"crmgraph/server/auth"
	"crmgraph/upstream"
)

// askerFunc answers for ProPortal.
type askerFunc func(ctx context.Context, token string) error

func (f askerFunc) Verify(ctx context.Context, token string) error { return f(ctx, token) }

func newRemote(t *testing.T, ask askerFunc, clock func() time.Time) *auth.Remote {
	t.Helper()
	remote, err := auth.NewRemote(ask, auth.RemoteOptions{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return remote
}

func unavailable() error {
	return &upstream.Error{Call: upstream.Call{Service: upstream.ProPortal, Operation: "portfolioCount"}, Kind: upstream.Unavailable}
}

func TestRemoteReturnsTheViewer(t *testing.T) {
	t.Parallel()
	// The signature is ProPortal's to check, with whatever key and method it has.
	token := signHMAC(sha256.New, "a key nobody knows here", `{"typ":"JWT","alg":"HS256"}`, claimsWith(`2`))
	var asked string
	remote := newRemote(t, func(_ context.Context, token string) error { asked = token; return nil }, now)
	got, err := remote.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	want := &graph.Viewer{ID: "2", Token: token, ExpiresAt: now().UTC().Add(time.Hour)}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(graph.Viewer{})); diff != "" {
		t.Errorf("viewer (-want +got):\n%s", diff)
	}
	if asked != token {
		t.Errorf("token asked about: got %q, want %q", asked, token)
	}
}

func TestRemoteKeepsVerdicts(t *testing.T) {
	t.Parallel()
	refusal := &upstream.Error{Kind: upstream.Unauthenticated, Status: 401}
	tests := []struct {
		name   string
		answer error
		claims string
		after  []time.Duration // when the token comes again, from the first time
		asked  int
		kind   error // of the last answer
	}{
		{"accepted: for five minutes", nil, claimsWith(`2`), []time.Duration{time.Second, 5*time.Minute - time.Second}, 1, nil},
		{"accepted: no longer than five minutes", nil, claimsWith(`2`), []time.Duration{5 * time.Minute}, 2, nil},
		{"accepted: not beyond its expiry", nil, times(0, 0, 60), []time.Duration{59 * time.Second, 61 * time.Second}, 2, nil},
		{"accepted, then expired: not even asked", nil, times(0, 0, 60), []time.Duration{91 * time.Second}, 1, upstream.Unauthenticated},
		{"refused: for ten seconds", refusal, claimsWith(`2`), []time.Duration{9 * time.Second}, 1, upstream.Unauthenticated},
		{"refused: no longer", refusal, claimsWith(`2`), []time.Duration{10 * time.Second}, 2, upstream.Unauthenticated},
		{"unavailable: never", unavailable(), claimsWith(`2`), []time.Duration{0, 0}, 3, upstream.Unavailable},
		{"unreadable: never", &upstream.Error{Kind: upstream.Malformed}, claimsWith(`2`), []time.Duration{0}, 2, upstream.Malformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			asked, clock := 0, now()
			remote := newRemote(t, func(context.Context, string) error { asked++; return test.answer }, func() time.Time { return clock })
			token := hs256(test.claims)
			_, err := remote.Verify(t.Context(), token)
			if !errors.Is(err, test.answer) {
				t.Errorf("first answer: got %v, want %v", err, test.answer)
			}
			for _, after := range test.after {
				clock = now().Add(after)
				_, err = remote.Verify(t.Context(), token)
			}
			if !errors.Is(err, test.kind) {
				t.Errorf("last answer: got %v, want %v", err, test.kind)
			}
			if asked != test.asked {
				t.Errorf("questions: got %d, want %d", asked, test.asked)
			}
		})
	}
}

func TestRemoteAdmitsWithoutAsking(t *testing.T) {
	t.Parallel()
	remote := newRemote(t, func(context.Context, string) error {
		t.Error("ProPortal was asked, want not")
		return nil
	}, now)
	token := hs256(claimsWith(`2`))
	want := &graph.Viewer{ID: "2", Token: token, ExpiresAt: now().UTC().Add(time.Hour)}
	admitted, err := remote.Admit(t.Context(), token)
	if diff := cmp.Diff(want, admitted, cmpopts.IgnoreUnexported(graph.Viewer{})); diff != "" || err != nil {
		t.Errorf("admitted: error %v (-want +got):\n%s", err, diff)
	}
	verified, err := remote.Verify(t.Context(), token)
	if diff := cmp.Diff(want, verified, cmpopts.IgnoreUnexported(graph.Viewer{})); diff != "" || err != nil {
		t.Errorf("verified after that: error %v (-want +got):\n%s", err, diff)
	}
	if viewer, err := remote.Admit(t.Context(), hs256(times(-2*hour, -2*hour, -31))); !errors.Is(err, upstream.Unauthenticated) {
		t.Errorf("admitting an expired token: got %v, %v, want %v", viewer, err, upstream.Unauthenticated)
	}
}

func TestRemoteKeepsTokensApart(t *testing.T) {
	t.Parallel()
	good, bad := hs256(claimsWith(`2`)), hs256(claimsWith(`3`))
	remote := newRemote(t, func(_ context.Context, token string) error {
		if token == bad {
			return upstream.Unauthenticated
		}
		return nil
	}, now)
	for range 2 {
		if viewer, err := remote.Verify(t.Context(), good); err != nil || viewer.ID != "2" {
			t.Errorf("good token: got %v, %v, want viewer 2", viewer, err)
		}
		if viewer, err := remote.Verify(t.Context(), bad); viewer != nil || !errors.Is(err, upstream.Unauthenticated) {
			t.Errorf("bad token: got %v, %v, want %v", viewer, err, upstream.Unauthenticated)
		}
	}
}

func TestRemoteDoesNotAskAboutHopelessTokens(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"no token":      "abc",
		"alg none":      unsigned(`{"alg":"none"}`, claimsWith(`2`)) + ".",
		"unknown alg":   unsigned(`{"alg":"XX1"}`, claimsWith(`2`)) + ".eA",
		"expired":       hs256(times(-2*hour, -2*hour, -31)),
		"not valid yet": hs256(times(0, 31, hour)),
		"no exp":        hs256(`{"sub":2}`),
		"empty sub":     hs256(claimsWith(`""`)),
		"over 8 KiB":    string(make([]byte, 8<<10+1)),
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			remote := newRemote(t, func(context.Context, string) error {
				t.Error("ProPortal was asked, want not")
				return nil
			}, now)
			viewer, err := remote.Verify(t.Context(), token)
			if viewer != nil || !errors.Is(err, upstream.Unauthenticated) {
				t.Errorf("got %v, %v, want no viewer, %v", viewer, err, upstream.Unauthenticated)
			}
		})
	}
}

// TestRemoteAsksOnceForAllWhoWait also shows that the answer survives the first caller.
func TestRemoteAsksOnceForAllWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		remote := newRemote(t, func(ctx context.Context, _ string) error {
			asked.Add(1)
			select {
			case <-time.After(time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}, now)
		token := hs256(claimsWith(`2`))
		leaving, leave := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() {
			_, err := remote.Verify(leaving, token)
			first <- err
		}()
		synctest.Wait()
		others := make(chan error, 10)
		for range cap(others) {
			go func() {
				_, err := remote.Verify(t.Context(), token)
				others <- err
			}()
		}
		synctest.Wait()
		leave()
		if err := <-first; !errors.Is(err, upstream.Canceled) {
			t.Errorf("the caller who left: got %v, want %v", err, upstream.Canceled)
		}
		for range cap(others) {
			if err := <-others; err != nil {
				t.Errorf("a caller who stayed: got %v, want no error", err)
			}
		}
		if got, want := asked.Load(), int32(1); got != want {
			t.Errorf("questions: got %d, want %d", got, want)
		}
	})
}

// TestRemoteSurvivesAPanic: whatever fails while a token is asked about fails for who brought it alone.
func TestRemoteSurvivesAPanic(t *testing.T) {
	t.Parallel()
	failing := true
	remote := newRemote(t, func(context.Context, string) error {
		if failing {
			panic("canary")
		}
		return nil
	}, now)
	token := hs256(claimsWith(`2`))
	if _, err := remote.Verify(t.Context(), token); !errors.Is(err, upstream.Malformed) || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v, want %v and nothing of the panic's text", err, upstream.Malformed)
	}
	failing = false
	if _, err := remote.Verify(t.Context(), token); err != nil {
		t.Errorf("asked again: %v", err)
	}
}

func TestRemoteWaitsNoLongerThanItsDeadlines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		own  time.Duration // deadline of the caller, 0 for none
		want time.Duration
		kind error
	}{
		{"the caller's", 2 * time.Second, 2 * time.Second, upstream.Timeout},
		{"the question's", 0, 15 * time.Second, context.DeadlineExceeded},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan struct{})
				remote := newRemote(t, func(ctx context.Context, _ string) error {
					defer close(ended)
					<-ctx.Done()
					return ctx.Err()
				}, now)
				ctx := t.Context()
				if test.own != 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.own)
					defer cancel()
				}
				start := time.Now()
				_, err := remote.Verify(ctx, hs256(claimsWith(`2`)))
				if !errors.Is(err, test.kind) {
					t.Errorf("error: got %v, want %v", err, test.kind)
				}
				if got := time.Since(start); got != test.want {
					t.Errorf("waited: got %v, want %v", got, test.want)
				}
				<-ended
				if got, want := time.Since(start), 15*time.Second; got != want {
					t.Errorf("the question lasted: got %v, want %v", got, want)
				}
			})
		})
	}
}
