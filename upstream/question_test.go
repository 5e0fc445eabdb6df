package upstream

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// numbered are Credentials that give token 1 first and the next number for each one refused.
type numbered struct {
	mu     sync.Mutex
	number int
	fail   error
}

func (n *numbered) Header(context.Context) (*Header, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return NewHeader(http.Header{"Authorization": {strconv.Itoa(n.number)}}), n.fail
}

func (n *numbered) Current() *Header {
	header, _ := n.Header(context.Background())
	return header
}

func (n *numbered) Renew(ctx context.Context, _ *Header) (*Header, error) {
	n.mu.Lock()
	n.number++
	n.mu.Unlock()
	return n.Header(ctx)
}

func TestCredentialsAreRenewed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		good string // the token that is accepted
		fail error
		sent []string
		want error
	}{
		{"accepted", "1", nil, []string{"1"}, nil},
		{"renewed", "2", nil, []string{"1", "2"}, nil},
		{"renewed twice", "3", nil, []string{"1", "2", "3"}, nil},
		{"refused too often", "4", nil, []string{"1", "2", "3"}, Rejected},
		{"none to be had", "1", Unavailable, nil, Unavailable},
		{"the login is refused", "1", &Error{Kind: Rejected}, nil, Rejected},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var sent []string
			caller := newTestCaller(t, CallerOptions{}, func(w http.ResponseWriter, r *http.Request) {
				token := r.Header.Get("Authorization")
				sent = append(sent, token)
				if token != test.good {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				answer(t, 200, `{}`)(w, r)
			})
			err := do(t.Context(), caller, &Request{Call: &testCall, Credentials: &numbered{number: 1, fail: test.fail}}, skip)
			if !errors.Is(err, test.want) {
				t.Errorf("error: got %v, want %v", err, test.want)
			}
			if diff := cmp.Diff(test.sent, sent); diff != "" {
				t.Errorf("tokens sent (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOnlyIfCachedWithoutAnyMemory: where nothing is kept, such a call is not made.
func TestOnlyIfCachedWithoutAnyMemory(t *testing.T) {
	t.Parallel()
	caller := newTestCaller(t, CallerOptions{}, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	ctx := WithOperation(t.Context(), &Operation{Terms: Terms{OnlyIfCached: true}})
	if err := do(ctx, caller, &Request{Call: &testCall}, skip); !errors.Is(err, NotCached) {
		t.Errorf("got %v, want %v", err, NotCached)
	}
}

// late are Credentials whose first token was refused while the call waited to be sent.
type late struct{ numbered }

func (l *late) Current() *Header {
	if l.number == 1 {
		return nil
	}
	return l.numbered.Current()
}

func TestAKnownRefusalIsNotSent(t *testing.T) {
	t.Parallel()
	var sent []string
	caller := newTestCaller(t, CallerOptions{}, func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.Header.Get("Authorization"))
		answer(t, 200, `{}`)(w, r)
	})
	if err := do(t.Context(), caller, &Request{Call: &testCall, Credentials: &late{numbered{number: 1}}}, skip); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"2"}, sent); diff != "" {
		t.Errorf("tokens sent (-want +got):\n%s", diff)
	}
}
