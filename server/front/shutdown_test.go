package front_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestShutdown: idle connections are closed, running requests end, whoever answers them, and
// their clients are told that they are the last.
func TestShutdown(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]string{"plain": get, "not plain": "PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFront(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.RawQuery != "" {
						time.Sleep(time.Minute)
					}
					_, _ = io.WriteString(w, "ok")
				})
				bubble(t, f, func(t *testing.T, p *pipes) {
					idle, running := p.dial(t), p.dial(t)
					idle.send(request)
					idle.wantAnswer("ok")
					running.send("GET /a?wait HTTP/1.1\r\nHost: x\r\n\r\n")
					synctest.Wait()

					start := time.Now()
					done := make(chan error, 1)
					go func() { done <- f.Shutdown(t.Context()) }()
					idle.wantEnd()
					if took := time.Since(start); took > noticed {
						t.Errorf("the idle connection ended after %v, want that at once", took)
					}
					resp, err := http.ReadResponse(running.answers, nil)
					if err != nil {
						t.Fatal(err)
					}
					body, err := io.ReadAll(resp.Body)
					if err != nil || string(body) != "ok" || !resp.Close {
						t.Errorf("last answer: got %q (%v), close %t, want ok and the end", body, err, resp.Close)
					}
					_ = resp.Body.Close()
					running.wantEnd()
					if err := <-done; err != nil {
						t.Errorf("Shutdown: %v", err)
					}
					if err := f.Serve(newPipes()); !errors.Is(err, http.ErrServerClosed) {
						t.Errorf("Serve after it: got %v, want %v", err, http.ErrServerClosed)
					}
				})
			})
		})
	}
}

// TestShutdownWaitsForRequestsOnly: who has not sent one would not be answered any more.
func TestShutdownWaitsForRequestsOnly(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(*client){
		"nothing has come":                   func(*client) {},
		"half of a request has come":         func(c *client) { c.send("GET /a") },
		"half of a further request has come": func(c *client) { c.send(get); c.wantAnswer("ok"); c.send("GET /a") },
		"what came was slow":                 func(c *client) { c.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"); c.wantAnswer("ok") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				bubble(t, newFront(answerSlowly), func(t *testing.T, p *pipes) {
					c := p.dial(t)
					ask(c)
					synctest.Wait()
					start := time.Now()
					if err := p.server.Shutdown(t.Context()); err != nil {
						t.Errorf("Shutdown: %v", err)
					}
					if took := time.Since(start); took > noticed {
						t.Errorf("took %v, want no time", took)
					}
					c.wantEnd()
				})
			})
		})
	}
}

// TestShutdownIsLimited: what runs on then is cut off by Close.
func TestShutdownIsLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFront(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		bubble(t, f, func(t *testing.T, p *pipes) {
			c := p.dial(t)
			c.send(get)
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := f.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Shutdown: got %v, want %v", err, context.DeadlineExceeded)
			}
			if err := f.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			c.wantEnd()
		})
	})
}

// TestShutdownWhileServeBegins: whichever comes first, the listener is closed, and that is no
// failure. Many tries meet each order.
func TestShutdownWhileServeBegins(t *testing.T) {
	t.Parallel()
	for range 2000 {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		f := newFront(func(http.ResponseWriter, *http.Request) {})
		served := make(chan error, 1)
		go func() { served <- f.Serve(listener) }()
		if err := f.Shutdown(t.Context()); err != nil {
			t.Fatalf("Shutdown: %v", err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Fatalf("Serve: got %v, want %v", err, http.ErrServerClosed)
		}
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			t.Fatalf("the listener is open, or closing it failed: %v", err)
		}
	}
}
