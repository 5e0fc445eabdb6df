package http1_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"crmgraph/upstream/transport/http1"
)

func TestConnectionIsUsedAgain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		answer      string
		request     func(*http.Request)
		read        int64 // bytes of the body that are read before it is closed; 0 for all, -1 for none
		connections int32
	}{
		{name: "after a body with a length", answer: ok("hello"), connections: 1},
		{name: "after chunks", answer: okLine + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", connections: 1},
		{name: "after no body", answer: "HTTP/1.1 204 No Content\r\n\r\n", connections: 1},
		{name: "after no body that nobody looks for", answer: ok(""), read: -1, connections: 1},
		{name: "after an error", answer: "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", connections: 1},
		{name: "after informational answers", answer: "HTTP/1.1 100 Continue\r\n\r\n" + ok("hello"), connections: 1},
		{
			name:        "after gzip",
			answer:      okLine + "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n1D\r\n" + gzipped("hello") + "\r\n0\r\n\r\n",
			connections: 1,
		},
		{name: "HTTP/1.0 that keeps it", answer: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", connections: 1},

		{name: "not HTTP/1.0", answer: "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", connections: 2},
		{name: "not when the server closes it", answer: okLine + "Connection: close\r\nContent-Length: 5\r\n\r\nhello", connections: 2},
		{name: "not when the request closes it", answer: ok("hello"), request: func(r *http.Request) { r.Close = true }, connections: 2},
		{name: "not before the end of a body", answer: ok("hello"), read: 4, connections: 2},
		{name: "not before the end of a body that is still to come", answer: okLine + "Content-Length: 5\r\n\r\nhell", read: 4, connections: 2},
		{name: "not when nobody looks for the body", answer: ok("hello"), read: -1, connections: 2},
		{name: "not with bytes nobody asked for", answer: ok("hello") + ok("wrong"), connections: 2},
		{name: "not with bytes after no body", answer: "HTTP/1.1 204 No Content\r\n\r\nhello", connections: 2},
		{name: "not after a status below 100", answer: "HTTP/1.1 099 Odd\r\nContent-Length: 5\r\n\r\nhello", connections: 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			crm := serve(t, func(p *peer) { p.answerAll(test.answer) })
			client := newClient(t, http1.Options{})
			for range 2 {
				req := newRequest(t.Context(), t, http.MethodGet, crm.url, "")
				if test.request != nil {
					test.request(req)
				}
				resp, err := client.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				switch {
				case test.read > 0:
					_, err = io.CopyN(io.Discard, resp.Body, test.read)
				case test.read == 0:
					_, err = io.Copy(io.Discard, resp.Body)
				}
				if err != nil {
					t.Fatal(err)
				}
				if err := resp.Body.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if got, want := crm.connections.Load(), test.connections; got != want {
				t.Errorf("connections of two requests: got %d, want %d", got, want)
			}
		})
	}
}

// A body that was read to its end need not be closed for its connection to be free, and a
// connection that carries a next request takes no harm of what is done to an old body.
func TestOldBodyDoesNotTouchTheConnection(t *testing.T) {
	t.Parallel()
	crm := serve(t, func(p *peer) { p.answerAll(ok("hello")) })
	client := newClient(t, http1.Options{})
	old, err := client.RoundTrip(newRequest(t.Context(), t, http.MethodGet, crm.url, ""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(old.Body); err != nil {
		t.Fatal(err)
	}
	resp, err := client.RoundTrip(newRequest(t.Context(), t, http.MethodGet, crm.url, ""))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := old.Body.Read(make([]byte, 10)); n != 0 || err != io.EOF {
		t.Errorf("read after the end: got %d (%v), want 0 (EOF)", n, err)
	}
	if err := old.Body.Close(); err != nil {
		t.Error(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != "hello" {
		t.Errorf("second body: got %q (%v), want %q", body, err, "hello")
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	if got, want := crm.connections.Load(), int32(1); got != want {
		t.Errorf("connections: got %d, want %d", got, want)
	}
}

func TestReadOfAClosedBody(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"plain": ok("hello"),
		"gzip":  okLine + "Content-Encoding: gzip\r\nContent-Length: 29\r\n\r\n" + gzipped("hello"),
	}
	for name, answer := range tests {
		for _, before := range []int64{0, 2} {
			t.Run(fmt.Sprintf("%s after %d bytes", name, before), func(t *testing.T) {
				t.Parallel()
				crm := serve(t, func(p *peer) { p.answerAll(answer) })
				resp, err := newClient(t, http1.Options{}).RoundTrip(newRequest(t.Context(), t, http.MethodGet, crm.url, ""))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.CopyN(io.Discard, resp.Body, before); err != nil {
					t.Fatal(err)
				}
				if err := resp.Body.Close(); err != nil {
					t.Fatal(err)
				}
				if n, err := resp.Body.Read(make([]byte, 10)); n != 0 || err == nil || errors.Is(err, io.EOF) {
					t.Errorf("got %d bytes (%v), want an error that is not the end", n, err)
				}
			})
		}
	}
}
