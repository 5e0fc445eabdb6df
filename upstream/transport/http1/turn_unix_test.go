//go:build linux || darwin

package http1_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"testing"

	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/transport/http1"
)

// heldTurn is the callcontext.Turn of one who is let go on when the answer may have come.
type heldTurn struct {
	yields int
	early  bool // an answer was there when the request had just left
	sent   func()
}

func (h *heldTurn) Block() {}

func (h *heldTurn) Wait(answer callcontext.Answer) { h.Yield(answer) }

func (h *heldTurn) Yield(answer callcontext.Answer) {
	h.yields++
	h.early = h.early || answer.Ready()
	h.sent()
	for !answer.Ready() {
		runtime.Gosched()
	}
}

// A request gives its turn up once, until its answer comes, or none is to be waited for any more.
func TestTurnIsGivenUpForAnAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer string // once the turn is given up
		leave  bool   // whoever asks does, then
		want   error
	}{
		"that comes":             {answer: okLine + "Content-Length: 5\r\n\r\nhello"},
		"of which a part comes":  {answer: okLine},
		"that will not come":     {answer: ""},
		"that nobody waits for":  {leave: true, want: context.Canceled},
		"to one who leaves late": {answer: okLine, leave: true, want: context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := make(chan struct{})
			s := serve(t, func(p *peer) {
				_ = p.request()
				<-sent
				p.answer(test.answer)
				if test.leave {
					_ = p.request()
				}
			})
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			turn := &heldTurn{sent: func() {
				close(sent)
				if test.leave {
					leave()
				}
			}}
			client := newClient(t, http1.Options{})
			_, _, err := exchange(client, newRequest(callcontext.WithTurn(ctx, turn), t, http.MethodGet, s.url, ""))
			if turn.yields != 1 || turn.early {
				t.Errorf("gave the turn up %d times, with an answer at once: %t; want once, without one", turn.yields, turn.early)
			}
			if complete := test.answer != "" && test.answer != okLine; complete != (err == nil) || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
		})
	}
}
