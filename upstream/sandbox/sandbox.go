package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"crmgraph/upstream"
)

// The base paths are not empty, so that a client that builds absolute paths fails loudly.
const (
	proPortalBase = "/proportal"
	solosBase     = "/solos"
)

// maxRequestBody bounds what a request may send.
const maxRequestBody = 10 << 20

// Sandbox is both CRMs, up and answering. It is safe for concurrent use.
type Sandbox struct {
	options  Options
	data     *Data
	tokens   *tokenIssuer
	recorder *recorder
	faults   faults
	pacer    *pacer

	proPortal *proPortal
	changing  sync.Mutex // of what proPortal shows

	proPortalURL string
	solosURL     string
	servers      map[upstream.Service]*server
	connections  atomic.Int64
	pacing       sync.WaitGroup

	closeOnce sync.Once
	closing   chan struct{}
}

// service is one emulated CRM.
type service interface {
	// route names the call a request makes and returns what answers it.
	route(r *http.Request) (upstream.Call, func(body []byte) answer)
}

// Start makes the data and starts both CRMs; both accept connections when it returns. It
// fails on options that cannot be and on addresses that cannot be listened on.
func Start(options Options) (*Sandbox, error) {
	o, err := options.complete()
	if err != nil {
		return nil, err
	}
	data := generate(o)
	if o.Mutate != nil {
		o.Mutate(data)
	}
	s := &Sandbox{options: o, data: data, recorder: newRecorder(), pacer: newPacer(), closing: make(chan struct{})}

	var listen net.ListenConfig
	proPortalListener, err := listen.Listen(context.Background(), "tcp", o.ProPortalListen)
	if err != nil {
		return nil, fmt.Errorf("sandbox proportal: %w", err)
	}
	solosListener, err := listen.Listen(context.Background(), "tcp", o.SolosListen)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox solos: %w", err), proPortalListener.Close())
	}
	s.proPortalURL = baseURL(proPortalListener, proPortalBase)
	s.solosURL = baseURL(solosListener, solosBase)
	s.tokens = &tokenIssuer{
		secret:   []byte(o.JWTSecret),
		issuer:   s.proPortalURL + "/auth/login",
		lifetime: o.TokenLifetime,
		skew:     o.ProPortalSkew,
	}

	if o.Latency > 0 {
		s.pacing.Go(func() { s.pacer.run(s.closing) })
	}
	s.proPortal = newProPortal(o, data, s.tokens)
	s.servers = map[upstream.Service]*server{
		upstream.ProPortal: serve(proPortalListener, s.handler(upstream.ProPortal, s.proPortal), &s.connections),
		upstream.Solos:     serve(solosListener, s.handler(upstream.Solos, newSolos(o, data)), &s.connections),
	}
	return s, nil
}

// ControlURL returns the URL below which the control endpoints are, on ProPortal's listener.
func (s *Sandbox) ControlURL() string {
	return strings.TrimSuffix(s.proPortalURL, proPortalBase) + strings.TrimSuffix(controlPath, "/")
}

// baseURL is where a listener on this machine can be reached.
func baseURL(l net.Listener, path string) string {
	address := l.Addr().String()
	if tcp, ok := l.Addr().(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		address = fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return "http://" + address + path
}

func (s *Sandbox) handler(name upstream.Service, crm service) http.Handler {
	control := s.controlHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, controlPath) {
			control.ServeHTTP(w, r)
			return
		}
		s.answer(w, r, name, crm)
	})
}

// answer records a request and answers it, rightly or as a fault has it.
func (s *Sandbox) answer(w http.ResponseWriter, r *http.Request, name upstream.Service, crm service) {
	arrived := time.Now()
	body, err := readBody(w, r)
	if err != nil {
		w.Header().Set("Connection", "close")
		htmlStatus(http.StatusRequestEntityTooLarge).write(w)
		return
	}
	call, handle := crm.route(r)
	connection, _ := r.Context().Value(connectionKey{}).(int64)
	s.recorder.enter(name, Request{
		Call:       call.String(),
		Method:     r.Method,
		Path:       r.URL.EscapedPath(),
		RawQuery:   r.URL.RawQuery,
		Header:     r.Header, // nobody else keeps it
		Body:       string(body),
		At:         arrived,
		Connection: connection,
	})
	defer s.recorder.leave(name)

	if skew := s.options.ProPortalSkew; skew != 0 && name == upstream.ProPortal {
		w.Header().Set("Date", arrived.Add(skew).UTC().Format(http.TimeFormat))
	}
	fault, struck := s.faults.take(call)
	var ready answer
	if !struck {
		ready = handle(body)
	}
	// The latency is that of a CRM on another machine: what its answer costs is part of it.
	if s.options.Latency > 0 {
		s.pacer.wait(r.Context(), arrived.Add(s.options.Latency), s.closing)
	}
	if struck {
		s.fail(w, r, name, fault, func() answer { return handle(body) })
		return
	}
	ready.write(w)
}

// readBody reads the body of a request; most have none.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Body == http.NoBody {
		return nil, nil
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
}

// Close stops both CRMs and waits until nothing of them runs. Requests still in work end
// without an answer. Closing twice does no harm.
func (s *Sandbox) Close() error {
	var errs []error
	s.closeOnce.Do(func() {
		close(s.closing)
		for _, server := range s.servers {
			errs = append(errs, server.close())
		}
		s.pacing.Wait()
	})
	return errors.Join(errs...)
}

// Reset forgets counts, requests and faults.
func (s *Sandbox) Reset() {
	s.recorder.reset()
	s.faults.reset()
}

// ProPortalURL is ProPortal's base URL, with a base path and without a slash at its end.
func (s *Sandbox) ProPortalURL() string { return s.proPortalURL }

// SolosURL is solOS's base URL up to and without /backend/public.
func (s *Sandbox) SolosURL() string { return s.solosURL }

// JWTSecret is the HS256 key ProPortal signs its tokens with.
func (s *Sandbox) JWTSecret() string { return s.options.JWTSecret }

// SolosToken is the X-Crypto-Token solOS wants.
func (s *Sandbox) SolosToken() string { return s.options.SolosToken }

// SolosSecret is the X-Crypto-Secret solOS wants.
func (s *Sandbox) SolosSecret() string { return s.options.SolosSecret }

// Now is the standing clock of both CRMs, in UTC.
func (s *Sandbox) Now() time.Time { return s.options.Now }

// Data is the data set both CRMs answer from. It is shared: read it, do not change it.
func (s *Sandbox) Data() *Data { return s.data }

// ManagerIDs lists the managers; the first is 2, the subject of the reference's own token.
func (s *Sandbox) ManagerIDs() []int64 {
	var ids []int64
	for _, m := range s.data.Managers {
		ids = append(ids, m.ID)
	}
	return slices.Clip(ids)
}

// Token makes a token of a manager as ProPortal's login would.
func (s *Sandbox) Token(managerID int64) string {
	return s.TokenValidFor(managerID, s.options.TokenLifetime)
}

// TokenValidFor makes a token that expires after d; a negative d makes an expired one.
func (s *Sandbox) TokenValidFor(managerID int64, d time.Duration) string {
	return s.tokens.issue(managerID, d)
}

// RevokeTokens makes ProPortal refuse all tokens that it has given out until now.
func (s *Sandbox) RevokeTokens() { s.tokens.revoke() }
