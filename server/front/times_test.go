package front_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/server/front"
)

// noticed is how long it takes at most until something is noticed that takes too long.
const noticed = 100 * time.Millisecond

func answerOK(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	_, _ = io.WriteString(w, "ok")
}

// answerSlowly takes a second for "/slow".
func answerSlowly(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/slow" {
		time.Sleep(time.Second)
	}
	answerOK(w, r)
}

// TestTimes holds that connections end when they do with net/http, and with the same last words.
func TestTimes(t *testing.T) {
	t.Parallel()
	const slow = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
	tests := map[string]func(*client){
		"nothing comes":                         func(*client) {},
		"a line does not go on":                 func(c *client) { c.send("GET / HTTP/1.1\r\nHost") },
		"a value does not go on":                func(c *client) { c.send("GET / HTTP/1.1\r\nHost: x") },
		"a head of another kind does not":       func(c *client) { c.send("PUT / HTTP/1.1\r\nHost: x") },
		"nothing comes any more":                func(c *client) { c.send(get); c.wantAnswer("ok") },
		"the next line does not go on":          func(c *client) { c.send(get); c.wantAnswer("ok"); c.send("GET /a") },
		"a line behind a slow request does not": func(c *client) { c.send(slow); c.wantAnswer("ok"); c.send("GET /a") },
		"nothing comes behind a slow request":   func(c *client) { c.send(slow); c.wantAnswer("ok") },
		"a body does not go on":                 func(c *client) { c.send(strings.TrimSuffix(post, "o")) },
	}
	for name, ask := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play := func(by func(*http.Server) server) (lastWords string, took time.Duration) {
				synctest.Test(t, func(t *testing.T) {
					s := newServer(answerSlowly)
					s.ReadHeaderTimeout, s.ReadTimeout, s.IdleTimeout = 10*time.Second, 30*time.Second, 2*time.Minute
					bubble(t, by(s), func(t *testing.T, p *pipes) {
						c := p.dial(t)
						ask(c)
						start := time.Now()
						lastWords, took = dates.ReplaceAllString(c.rest(), ""), time.Since(start)
					})
				})
				return lastWords, took
			}
			want, wantTime := play(func(s *http.Server) server { return s })
			got, gotTime := play(func(s *http.Server) server { return front.New(s) })
			if got != want {
				t.Errorf("last words: got %q, want %q", got, want)
			}
			if gotTime < wantTime || gotTime > wantTime+noticed {
				t.Errorf("the connection ended after %v, want %v", gotTime, wantTime)
			}
		})
	}
}

// TestSlowBodiesAreNetHTTPs: handlers see them come, and can say how long that may take.
func TestSlowBodiesAreNetHTTPs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFront(func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Second))
			body, err := io.ReadAll(r.Body)
			if string(body) != "he" || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("body: got %q, %v, want what has come and %v", body, err, os.ErrDeadlineExceeded)
			}
			_, _ = io.WriteString(w, "too slow")
		})
		bubble(t, f, func(t *testing.T, p *pipes) {
			c := p.dial(t)
			c.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe")
			start := time.Now()
			c.wantAnswer("too slow")
			if took := time.Since(start); took < time.Second || took > time.Second+noticed {
				t.Errorf("answered after %v, want a second", took)
			}
			c.wantEnd()
		})
		if f.Plain() != 0 {
			t.Error("the front has answered")
		}
	})
}

// TestRequestsInTwoPiecesArePlain: many clients send the body by itself.
func TestRequestsInTwoPiecesArePlain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFront(answerOK)
		bubble(t, f, func(t *testing.T, p *pipes) {
			c := p.dial(t)
			for range 3 {
				c.send(strings.TrimSuffix(post, "hello"))
				time.Sleep(40 * time.Millisecond)
				c.send("hello")
				c.wantAnswer("ok")
			}
			_ = c.Close()
		})
		if f.Plain() != 3 {
			t.Errorf("plain requests: got %d, want 3", f.Plain())
		}
	})
}

// TestClientThatLeavesEndsItsRequest, soon, and no other client does.
func TestClientThatLeavesEndsItsRequest(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]string{"the first request": "", "a further one": get, "one behind a slow one": "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan time.Time)
				f := newFront(func(w http.ResponseWriter, r *http.Request) {
					switch r.URL.Path {
					case "/wait":
						<-r.Context().Done()
						ended <- time.Now()
					case "/slow":
						time.Sleep(time.Second)
					}
					answerOK(w, r)
				})
				bubble(t, f, func(t *testing.T, p *pipes) {
					c := p.dial(t)
					if before != "" {
						c.send(before)
						c.wantAnswer("ok")
					}
					c.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
					time.Sleep(time.Minute)
					left := time.Now()
					_ = c.Close()
					if took := (<-ended).Sub(left); took > noticed {
						t.Errorf("the request ended after %v, want that soon", took)
					}
				})
			})
		})
	}
}

// TestClientThatLeavesAtOnce is noticed, too.
func TestClientThatLeavesAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Time)
		f := newFront(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			ended <- time.Now()
		})
		bubble(t, f, func(t *testing.T, p *pipes) {
			c := p.dial(t)
			c.send(get)
			left := time.Now()
			_ = c.Close()
			if took := (<-ended).Sub(left); took > noticed {
				t.Errorf("the request ended after %v, want that soon", took)
			}
		})
	})
}

// TestNextRequestDoesNotEndTheOneBefore: it waits, in whatever pieces it comes.
func TestNextRequestDoesNotEndTheOneBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFront(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(time.Second):
			case <-r.Context().Done():
				t.Errorf("%s was ended: %v", r.URL.Path, context.Cause(r.Context()))
			}
			_, _ = io.WriteString(w, r.URL.Path)
		})
		bubble(t, f, func(t *testing.T, p *pipes) {
			c := p.dial(t)
			c.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n")
			time.Sleep(noticed)
			c.send("GET /2 HTTP/1.1\r\nHost")
			c.wantAnswer("/1")
			c.send(": x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\n\r\nPUT /4 HTTP/1.1\r\nHost: x\r\n\r\n")
			for _, want := range []string{"/2", "/3", "/4"} {
				c.wantAnswer(want)
			}
			c.send("GET /5 HTTP/1.1\r\nHost: x\r\n\r\n")
			c.wantAnswer("/5")
			_ = c.Close()
		})
		if f.Plain() != 3 {
			t.Errorf("plain requests: got %d, want the 3 before the PUT", f.Plain())
		}
	})
}

// TestUnusualRequestBehindASlowOne is net/http's, although the front is still waiting for it.
func TestUnusualRequestBehindASlowOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFront(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			answerOK(w, r)
		})
		bubble(t, f, func(t *testing.T, p *pipes) {
			c := p.dial(t)
			// The second comes with the first, so that nothing that is read while that runs is it.
			c.send(get + "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
			c.wantAnswer("ok")
			c.send("hello")
			c.wantAnswer("ok")
			_ = c.Close()
		})
	})
}

// TestRequestEndsWithItsHandler, for whatever it has started.
func TestRequestEndsWithItsHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		contexts := make(chan context.Context, 1)
		f := newFront(func(w http.ResponseWriter, r *http.Request) {
			if err := r.Context().Err(); err != nil {
				t.Errorf("at the beginning: got %v, want no error", err)
			}
			contexts <- r.Context()
			answerOK(w, r)
		})
		bubble(t, f, func(t *testing.T, p *pipes) {
			c := p.dial(t)
			c.send(get)
			c.wantAnswer("ok")
			<-(<-contexts).Done()
			_ = c.Close()
		})
	})
}

// TestWriteTimeout: a client that does not read its answer is given up, by the server's time or
// the handler's.
func TestWriteTimeout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		own  time.Duration
		want time.Duration
	}{"the server's": {0, time.Minute}, "the handler's, longer": {time.Hour, time.Hour}, "the handler's, shorter": {time.Second, time.Second}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				took := make(chan time.Duration)
				s := newServer(func(w http.ResponseWriter, r *http.Request) {
					start := time.Now()
					controller := http.NewResponseController(w)
					if test.own > 0 {
						if err := controller.SetWriteDeadline(start.Add(test.own)); err != nil {
							t.Errorf("SetWriteDeadline: %v", err)
						}
					}
					_, _ = w.Write(make([]byte, 1000))
					if err := controller.Flush(); !errors.Is(err, os.ErrDeadlineExceeded) {
						t.Errorf("Flush: got %v, want %v", err, os.ErrDeadlineExceeded)
					}
					if r.Context().Err() == nil {
						t.Error("the request goes on, want it ended: nobody reads the answer")
					}
					took <- time.Since(start)
				})
				s.WriteTimeout = time.Minute
				bubble(t, front.New(s), func(t *testing.T, p *pipes) {
					c := p.dial(t)
					c.send(get)
					if got := <-took; got < test.want || got > test.want+noticed {
						t.Errorf("given up after %v, want %v", got, test.want)
					}
					c.wantEnd()
				})
			})
		})
	}
}

// TestHandlersOwnDeadlineIsItsRequests: the next request has the server's again.
func TestHandlersOwnDeadlineIsItsRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFront(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Second))
			}
			answerOK(w, r)
		})
		bubble(t, f, func(t *testing.T, p *pipes) {
			c := p.dial(t)
			c.send(post)
			c.wantAnswer("ok")
			time.Sleep(time.Minute)
			c.send(get)
			c.wantAnswer("ok")
			_ = c.Close()
		})
	})
}

// TestStreams: what is flushed is there before the handler has returned.
func TestStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFront(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for range 3 {
				_, _ = io.WriteString(w, "data: x\n\n")
				w.(http.Flusher).Flush()
				time.Sleep(time.Minute)
			}
		})
		bubble(t, f, func(t *testing.T, p *pipes) {
			c := p.dial(t)
			start := time.Now()
			c.send(get)
			resp, err := http.ReadResponse(c.answers, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			for n := range 3 {
				event := make([]byte, len("data: x\n\n"))
				if _, err := io.ReadFull(resp.Body, event); err != nil {
					t.Fatal(err)
				}
				if got, want := time.Since(start), time.Duration(n)*time.Minute; got != want {
					t.Errorf("event %d: came after %v, want %v", n, got, want)
				}
			}
			if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
				t.Errorf("the end: got %q, %v, want nothing more", rest, err)
			}
			_ = c.Close()
		})
	})
}
