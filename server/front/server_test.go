package front_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"crmgraph/server/front"
	"crmgraph/server/middleware"
)

func answerProto(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }

// TestTLSIsNetHTTPs from the first byte on.
func TestTLSIsNetHTTPs(t *testing.T) {
	t.Parallel()
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := newFront(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			t.Error("the request has come without TLS")
		}
		answerProto(w, r)
	})
	serve(t, f, tls.NewListener(listener, certified.TLS.Clone()))
	if got, want := fetch(t, certified.Client().Transport, "https://"+listener.Addr().String()), "HTTP/1.1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if f.Plain() != 0 {
		t.Error("the front has answered")
	}
}

func h2c() *http.Protocols {
	var p http.Protocols
	p.SetUnencryptedHTTP2(true)
	return &p
}

// TestHTTP2WithoutTLS is net/http's where the server is to speak it, beside HTTP/1.
func TestHTTP2WithoutTLS(t *testing.T) {
	t.Parallel()
	s := newServer(answerProto)
	s.Protocols = h2c()
	s.Protocols.SetHTTP1(true)
	f := front.New(s)
	address := start(t, f)
	for want, transport := range map[string]*http.Transport{"HTTP/2.0": {Protocols: h2c()}, "HTTP/1.1": {}} {
		if got := fetch(t, transport, "http://"+address); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		transport.CloseIdleConnections()
	}
	if f.Plain() != 1 {
		t.Errorf("plain requests: got %d, want that of HTTP/1.1", f.Plain())
	}
}

// TestHTTP2DoesNotBeginLater: what begins with HTTP/1 stays that.
func TestHTTP2DoesNotBeginLater(t *testing.T) {
	t.Parallel()
	p := newPlayer()
	s := p.server(answerProto)
	s.Protocols = h2c()
	s.Protocols.SetHTTP1(true)
	serve(t, front.New(s), p)
	answers := receivedFrom(p.play(get+"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", math.MaxInt).Answers)
	if len(answers) != 1 || answers[0].Body != "HTTP/1.1" {
		t.Errorf("answers: got %+v, want that to the first request", answers)
	}
}

// TestServersThatAnswerEverything themselves: those that make contexts.
func TestServersThatAnswerEverything(t *testing.T) {
	t.Parallel()
	type key struct{}
	for name, set := range map[string]func(*http.Server){
		"BaseContext": func(s *http.Server) {
			s.BaseContext = func(net.Listener) context.Context { return context.WithValue(context.Background(), key{}, "mine") }
		},
		"ConnContext": func(s *http.Server) {
			s.ConnContext = func(ctx context.Context, _ net.Conn) context.Context { return context.WithValue(ctx, key{}, "mine") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(func(w http.ResponseWriter, r *http.Request) {
				value, _ := r.Context().Value(key{}).(string)
				_, _ = io.WriteString(w, value)
			})
			set(s)
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			if got, want := fetch(t, transport, "http://"+start(t, front.New(s))), "mine"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// fetch returns the body of an answer.
func fetch(t *testing.T, transport http.RoundTripper, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestPanicsAreLogged, but for those that are to cut an answer off.
func TestPanicsAreLogged(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value  any
		logged []string
	}{
		{"at the handler", []string{"http: panic serving tape 1: at the handler", "server_test.go"}},
		{http.ErrAbortHandler, nil},
	} {
		var logged bytes.Buffer
		p := newPlayer()
		s := p.server(func(http.ResponseWriter, *http.Request) { panic(test.value) })
		s.ErrorLog = log.New(&logged, "", 0)
		serve(t, front.New(s), p)
		if answers := p.play(get+get, math.MaxInt).Answers; answers != "" {
			t.Errorf("a panic with %v: got the answers %q, want none", test.value, answers)
		}
		for _, want := range test.logged {
			if !strings.Contains(logged.String(), want) {
				t.Errorf("a panic with %v: logged %q, want %q in it", test.value, logged.String(), want)
			}
		}
		if test.logged == nil && logged.Len() > 0 {
			t.Errorf("a panic with %v: logged %q, want nothing", test.value, logged.String())
		}
	}
}

// failingListener fails before it accepts anything.
type failingListener struct {
	*pipes
	failures chan error
}

func (l failingListener) Accept() (net.Conn, error) {
	select {
	case err := <-l.failures:
		return nil, err
	default:
		return l.pipes.Accept()
	}
}

type passingError struct{ error }

func (passingError) Temporary() bool { return true }

// TestServingOutlivesFailuresThatPass, and no others.
func TestServingOutlivesFailuresThatPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := failingListener{newPipes(), make(chan error, 3)}
		l.failures <- passingError{errors.New("too many open files")}
		l.failures <- passingError{errors.New("too many open files")}
		f := newFront(answerOK)
		ended := make(chan error, 1)
		go func() { ended <- f.Serve(l) }()
		c := l.dial(t)
		c.send(get)
		c.wantAnswer("ok")
		_ = c.Close()

		broken := errors.New("broken")
		l.failures <- broken
		c = l.dial(t)
		if err := <-ended; !errors.Is(err, broken) {
			t.Errorf("Serve: got %v, want %v", err, broken)
		}
		c.send(get)
		c.wantAnswer("ok")
		if err := f.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// TestConnectionsMakeRoom, on whichever side of the front they are: those at work are left alone,
// and the longest idle of all others goes.
func TestConnectionsMakeRoom(t *testing.T) {
	t.Parallel()
	const put = "PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
	for name, requests := range map[string][2]string{"plain": {get, get}, "net/http's": {put, put}, "one of each": {get, put}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connections, err := middleware.NewConnections(2)
			if err != nil {
				t.Fatal(err)
			}
			arrived, leave := make(chan struct{}), make(chan struct{})
			s := newServer(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/wait" {
					close(arrived)
					<-leave
				}
				answerOK(w, r)
			})
			s.ConnState = connections.State
			p := newPipes()
			serve(t, front.New(s), connections.Listener(p))
			idle, working := p.dial(t), p.dial(t)
			idle.send(requests[0])
			idle.wantAnswer("ok")
			working.send(strings.Replace(requests[1], "/a", "/wait", 1))
			<-arrived
			third := p.dial(t)
			idle.wantEnd()
			third.send(get)
			third.wantAnswer("ok")
			close(leave)
			working.wantAnswer("ok")
			// The third may have made room already for one that has not come.
			if got := connections.MadeRoom(); got == 0 {
				t.Error("connections that made room: got 0, want the idle ones")
			}
		})
	}
}
