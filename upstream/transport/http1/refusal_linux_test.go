package http1_test

import (
	"net/http"
	"strings"
	"testing"

	"crmgraph/upstream/transport/http1"
)

// A server that refuses a request by its head may answer and close the connection without
// reading the body. Linux keeps what was received before a connection was reset.
func TestAnswerBeforeTheBodyWasRead(t *testing.T) {
	t.Parallel()
	const refusal = "HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\nConnection: close\r\n\r\ntoo large"
	crm := serve(t, func(p *peer) {
		if _, err := p.reader.Peek(1); err == nil {
			p.answer(refusal)
		}
	})
	client := newClient(t, http1.Options{})
	for range 50 {
		req := newRequest(t.Context(), t, http.MethodPost, crm.url, strings.Repeat("x", 64<<10))
		if !http1.Serves(req) {
			t.Fatal("another client would send it")
		}
		status, body, err := exchange(client, req)
		if err != nil || status != http.StatusRequestEntityTooLarge || body != "too large" {
			t.Fatalf("got %d %q (%v), want 413 %q", status, body, err, "too large")
		}
	}
}
