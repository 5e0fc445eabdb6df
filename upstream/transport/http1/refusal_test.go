package http1_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
	"testing"

	"crmgraph/upstream/transport/http1"
)

// brokenPipe is a tape whose server has closed its end: writing fails, and what was sent
// before can be read.
type brokenPipe struct{ *tape }

func (c brokenPipe) Write(p []byte) (int, error) {
	_, _ = c.tape.Write(p)
	return len(p) / 2, syscall.EPIPE
}

func TestAnswerOfAServerThatDoesNotReadOn(t *testing.T) {
	t.Parallel()
	const refusal = "HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\ntoo large"
	tests := map[string]struct {
		answer string
		status int
		err    error
	}{
		"answered":     {answer: refusal, status: http.StatusRequestEntityTooLarge},
		"not answered": {err: syscall.EPIPE},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connections := 0
			client := newClient(t, http1.Options{Dial: func(context.Context, string, string) (net.Conn, error) {
				connections++
				return brokenPipe{newTape(test.answer)}, nil
			}})
			for range 2 {
				status, _, err := exchange(client, newRequest(t.Context(), t, http.MethodPost, "http://crm.test/", "hello"))
				if status != test.status || !errors.Is(err, test.err) {
					t.Errorf("got %d (%v), want %d (%v)", status, err, test.status, test.err)
				}
			}
			if got, want := connections, 2; got != want {
				t.Errorf("connections of two requests: got %d, want %d", got, want)
			}
		})
	}
}
