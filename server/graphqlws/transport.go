package graphqlws

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"

	"crmgraph/server/middleware"
)

// Transport is the way in, a graphql.Transport. It is safe for concurrent use.
type Transport struct {
	opts    Options
	origins origins

	mu       sync.Mutex
	running  sync.WaitGroup // connections
	draining chan struct{}  // closed when no more connections and operations are wanted
	cut      chan struct{}  // closed when those that still run are not waited for any more
	drain    func()         // closes draining
	giveUp   func()         // closes cut

	open, operating, operated atomic.Int64
}

// New returns a Transport. It fails on options that are missing or cannot be.
func New(opts Options) (*Transport, error) {
	if err := opts.complete(); err != nil {
		return nil, err
	}
	allowed, err := newOrigins(opts.Origins)
	if err != nil {
		return nil, err
	}
	t := &Transport{opts: opts, origins: allowed, draining: make(chan struct{}), cut: make(chan struct{})}
	t.drain = sync.OnceFunc(func() { close(t.draining) })
	t.giveUp = sync.OnceFunc(func() { close(t.cut) })
	return t, nil
}

// Supports is part of graphql.Transport.
func (*Transport) Supports(r *http.Request) bool { return hasToken(r.Header, "Upgrade", "websocket") }

// Do is part of graphql.Transport. It returns when the connection has ended.
func (t *Transport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if refused := t.refusal(r); refused != nil {
		for name, value := range refused.header {
			w.Header().Set(name, value)
		}
		middleware.WriteError(w, r, refused.status, refused.code, refused.message)
		return
	}
	if !t.enter() {
		middleware.WriteError(w, r, http.StatusServiceUnavailable, CodeShuttingDown, messageShuttingDown)
		return
	}
	defer t.running.Done()
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:       []string{Subprotocol},
		InsecureSkipVerify: true, // of the origin, which has been looked at
	})
	if err != nil {
		return // Accept has answered
	}
	if socket.Subprotocol() != Subprotocol {
		// Browsers tell a page nothing of a refused upgrade, but the code of a close.
		_ = socket.Close(closeSubprotocol, "Subprotocol not acceptable")
		return
	}
	t.open.Add(1)
	defer t.open.Add(-1)
	// The context of a request whose connection is taken over does not tell of its end, and has
	// the deadline of a request, which is none of a connection's.
	newConnection(t, socket, r, exec).serve(context.WithoutCancel(r.Context()))
}

// enter counts a connection, unless no more are wanted.
func (t *Transport) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.isDraining() {
		return false
	}
	t.running.Add(1)
	return true
}

func (t *Transport) isDraining() bool {
	select {
	case <-t.draining:
		return true
	default:
		return false
	}
}

// Shutdown refuses what is new, waits for queries and mutations until ctx ends, and then
// closes all connections with 1001. It returns the error of ctx if something was cut off; a
// client that does not answer the close holds it up for a few seconds more.
func (t *Transport) Shutdown(ctx context.Context) error {
	t.mu.Lock()
	t.drain()
	t.mu.Unlock()
	done := make(chan struct{})
	go func() {
		t.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		t.giveUp()
		<-done
		return ctx.Err()
	}
}

// upgradeRefusal is why there is no connection.
type upgradeRefusal struct {
	status        int
	code, message string
	header        map[string]string
}

// refusal returns why a request cannot be upgraded, nil if it can. The library would answer
// with what the client has sent.
func (t *Transport) refusal(r *http.Request) *upgradeRefusal {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(r.Header.Get("Sec-WebSocket-Key")))
	upgrade := map[string]string{"Connection": "Upgrade", "Upgrade": "websocket"}
	switch {
	case r.Method != http.MethodGet:
		return &upgradeRefusal{
			http.StatusMethodNotAllowed, CodeUpgradeRefused, "A WebSocket is opened with GET.",
			map[string]string{"Allow": http.MethodGet},
		}
	case !r.ProtoAtLeast(1, 1) || !hasToken(r.Header, "Connection", "upgrade"):
		return &upgradeRefusal{http.StatusUpgradeRequired, CodeUpgradeRefused, "A WebSocket is opened with HTTP/1.1 and Connection: Upgrade.", upgrade}
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		return &upgradeRefusal{
			http.StatusBadRequest, CodeUpgradeRefused, "The only version of the WebSocket protocol is 13.",
			map[string]string{"Sec-WebSocket-Version": "13"},
		}
	case len(r.Header.Values("Sec-WebSocket-Key")) != 1 || err != nil || len(key) != 16:
		return &upgradeRefusal{http.StatusBadRequest, CodeUpgradeRefused, "The header Sec-WebSocket-Key is 16 bytes in base64.", nil}
	case !t.origins.allow(r):
		return &upgradeRefusal{http.StatusForbidden, CodeOriginRefused, "Pages of this origin may not connect.", nil}
	}
	return nil
}

// hasToken reports whether a header that is a list has a token.
func hasToken(header http.Header, name, token string) bool {
	for _, value := range header.Values(name) {
		for item := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(item), token) {
				return true
			}
		}
	}
	return false
}
