package http1_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/upstream/alarm"
	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/transport/http1"
)

// stages are where a request can be when its context ends. In each the server waits for
// the client to go.
func stages() map[string]func(*peer) {
	return map[string]func(*peer){
		"sending the request": func(p *peer) {
			_, _ = p.Read(make([]byte, 10))
			<-p.t.Context().Done()
		},
		"waiting for an answer": func(p *peer) {
			_ = p.request()
			_ = p.request()
		},
		"reading the head": func(p *peer) {
			_ = p.request()
			p.answer("HTTP/1.1 200 OK\r\nContent-")
			_ = p.request()
		},
		"reading the body": func(p *peer) {
			_ = p.request()
			p.answer(okLine + "Content-Length: 5\r\n\r\nhel")
			_ = p.request()
		},
		"reading chunks": func(p *peer) {
			_ = p.request()
			p.answer(okLine + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel")
			_ = p.request()
		},
		"reading gzip": func(p *peer) {
			_ = p.request()
			p.answer(okLine + "Content-Encoding: gzip\r\n\r\n" + gzipped("hello")[:20])
			_ = p.request()
		},
		"reading up to the end of the connection": func(p *peer) {
			_ = p.request()
			p.answer(okLine + "\r\nhello")
			_ = p.request()
		},
	}
}

// patience is after what time the contexts of these tests end.
const patience = 3 * time.Second

// endingContext is a way in which the context of a request ends.
type endingContext struct {
	name  string
	want  error
	limit func(context.Context) (context.Context, context.CancelFunc)
}

// endingContexts are those of package context and those that the gateway's calls come with.
func endingContexts() []endingContext {
	return []endingContext{
		{"deadline", context.DeadlineExceeded, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, patience)
		}},
		{"cancel", context.Canceled, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(patience, cancel)
			return ctx, cancel
		}},
		{"deadline of a call", context.DeadlineExceeded, func(ctx context.Context) (context.Context, context.CancelFunc) {
			call := callcontext.WithTimeout(ctx, new(alarm.Clock), patience)
			return callcontext.WithCancel(call), call.Cancel
		}},
		{"cancel of a call", context.Canceled, func(ctx context.Context) (context.Context, context.CancelFunc) {
			call := callcontext.WithTimeout(ctx, new(alarm.Clock), time.Hour)
			time.AfterFunc(patience, call.Cancel)
			return call, call.Cancel
		}},
	}
}

// A request ends with its context, to the instant, and leaves nothing behind: a goroutine
// that is left ends the bubble in a panic.
func TestContextEndsRequest(t *testing.T) {
	t.Parallel()
	for stage, script := range stages() {
		for _, end := range endingContexts() {
			for way, exchange := range bothWays() {
				t.Run(stage+"/"+end.name+"/"+way, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						crm := newPipes(t, script)
						client := newClient(t, http1.Options{Dial: crm.dial})
						ctx, cancel := end.limit(t.Context())
						defer cancel()
						start := time.Now()
						_, _, err := exchange(t, client, newRequest(ctx, t, http.MethodPost, crm.url, strings.Repeat("x", 1000)))
						if !errors.Is(err, end.want) {
							t.Errorf("error: got %v, want %v", err, end.want)
						}
						if got := time.Since(start); got != patience {
							t.Errorf("ended after %v, want %v", got, patience)
						}
						if got := crm.open.Load(); got != 0 {
							t.Errorf("connections left: got %d, want 0", got)
						}
					})
				})
			}
		}
	}
}

func TestContextEndsDial(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client := newClient(t, http1.Options{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	_, _, err := exchange(client, newRequest(ctx, t, http.MethodGet, "http://crm.test/", ""))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error: got %v, want %v", err, context.Canceled)
	}
}

// What has ended before it is sent is not sent, and costs no connection.
func TestEndedContextSendsNothing(t *testing.T) {
	t.Parallel()
	crm := serve(t, func(p *peer) { p.answerAll(ok("hello")) })
	client := newClient(t, http1.Options{})
	mustGet(t, client, crm.url)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := exchange(client, newRequest(ended, t, http.MethodGet, crm.url, ""))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error: got %v, want %v", err, context.Canceled)
	}
	mustGet(t, client, crm.url)
	if got, want := crm.requests.Load(), int32(2); got != want {
		t.Errorf("requests delivered: got %d, want %d", got, want)
	}
	if got, want := crm.connections.Load(), int32(1); got != want {
		t.Errorf("connections: got %d, want %d", got, want)
	}
}

// A context that ends after the answer was read says nothing about the connection.
func TestContextEndsAfterAnswer(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"with a body": ok("hello"),
		"without":     "HTTP/1.1 204 No Content\r\n\r\n",
		"chunked":     okLine + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	}
	for name, answer := range tests {
		for way, exchange := range bothWays() {
			t.Run(name+"/"+way, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					crm := newPipes(t, func(p *peer) { p.answerAll(answer) })
					client := newClient(t, http1.Options{Dial: crm.dial})
					for i := range 20 {
						ctx, cancel := endingContexts()[i%len(endingContexts())].limit(t.Context())
						if _, _, err := exchange(t, client, newRequest(ctx, t, http.MethodGet, crm.url, "")); err != nil {
							t.Fatal(err)
						}
						cancel()
						synctest.Wait()
					}
					if got, want := crm.connections.Load(), int32(1); got != want {
						t.Errorf("connections: got %d, want %d", got, want)
					}
				})
			})
		}
	}
}

// A context that ends while the last bytes are read either spoils the connection, which is
// then given up, or does not. The next request must not notice.
func TestContextEndsWithAnswer(t *testing.T) {
	t.Parallel()
	for way, exchange := range bothWays() {
		for _, end := range endingContexts() {
			t.Run(way+"/"+end.name, func(t *testing.T) {
				t.Parallel()
				crm := serve(t, func(p *peer) { p.answerAll(ok("hello")) })
				client := newClient(t, http1.Options{})
				for range 200 {
					ctx, cancel := end.limit(t.Context())
					req := newRequest(ctx, t, http.MethodGet, crm.url, "")
					done := make(chan struct{})
					go func() {
						defer close(done)
						_, body, err := exchange(t, client, req)
						if err == nil && body != "hello" || err != nil && !errors.Is(err, context.Canceled) {
							t.Errorf("got %q (%v), want %q or %v", body, err, "hello", context.Canceled)
						}
					}()
					cancel()
					if got, want := mustGet(t, client, crm.url), "hello"; got != want {
						t.Fatalf("got %q, want %q", got, want)
					}
					<-done
				}
			})
		}
	}
}
