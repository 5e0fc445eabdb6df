package graphqlws_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"crmgraph/graph"
	"crmgraph/server/graphqlws"
	"crmgraph/server/streamtest"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
)

func asClose(err error, target *websocket.CloseError) bool { return errors.As(err, target) }

const (
	initialise = `{"type":"connection_init"}`
	board      = `subscription { taskBoardChanges { board { planned { id comment } } } }`
)

// What closes a connection, by the protocol.
func TestCloses(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{WebSocket: graphqlws.Options{InitTimeout: 300 * time.Millisecond, MaxMessage: 1000}})
	token := g.CRMs.Token(2)
	expired := g.CRMs.TokenValidFor(2, -time.Hour)
	subscribe := func(id string) string {
		return fmt.Sprintf(`{"type":"subscribe","id":%q,"payload":{"query":%q}}`, id, board)
	}
	signedIn := fmt.Sprintf(`{"type":"connection_init","payload":{"token":%q}}`, token)
	tests := []struct {
		name     string
		messages []string
		code     websocket.StatusCode
		reason   string
	}{
		{"nothing is said", nil, 4408, "Connection initialisation timeout"},
		{"a ping is no initialisation", []string{`{"type":"ping"}`}, 4408, "Connection initialisation timeout"},
		{"initialised twice", []string{initialise, initialise}, 4429, "Too many initialisation requests"},
		{"subscribed before the acknowledgement", []string{subscribe("1")}, 4401, "Unauthorized"},
		{"an id twice", []string{signedIn, subscribe("a-1"), subscribe("a-1")}, 4409, "Subscriber for a-1 already exists"},
		{"a long id twice", []string{signedIn, subscribe(strings.Repeat("x", 200)), subscribe(strings.Repeat("x", 200))}, 4409, "Subscriber for this id already exists"},
		{"a token that is refused", []string{`{"type":"connection_init","payload":{"token":"` + expired + `"}}`}, 4403, "Forbidden"},
		{"a token that is none", []string{`{"type":"connection_init","payload":{"Authorization":"Bearer nonsense"}}`}, 4403, "Forbidden"},
		{"a token that is not text", []string{`{"type":"connection_init","payload":{"token":17}}`}, 4403, "Forbidden"},
		{"no JSON", []string{`{`}, 4400, "Invalid message received"},
		{"no object", []string{`[]`}, 4400, "Invalid message received"},
		{"no type", []string{`{}`}, 4400, "Invalid message received"},
		{"an unknown type", []string{`{"type":"start"}`}, 4400, "Invalid message received"},
		{"a message of the server's", []string{`{"type":"connection_ack"}`}, 4400, "Invalid message received"},
		{"a type that is not text", []string{`{"type":7}`}, 4400, "Invalid message received"},
		{"a payload that is no object", []string{`{"type":"connection_init","payload":"x"}`}, 4400, "Invalid message received"},
		{"two payloads", []string{`{"type":"connection_init","payload":{},"payload":{}}`}, 4400, "Invalid message received"},
		{"text behind the message", []string{initialise + `x`}, 4400, "Invalid message received"},
		{"no id", []string{initialise, `{"type":"subscribe","payload":{"query":"{ __typename }"}}`}, 4400, "Invalid message received"},
		{"an id that is not text", []string{initialise, `{"type":"subscribe","id":1,"payload":{"query":"{ __typename }"}}`}, 4400, "Invalid message received"},
		{"no query", []string{initialise, `{"type":"subscribe","id":"1","payload":{}}`}, 4400, "Invalid message received"},
		{"variables that are no object", []string{initialise, `{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","variables":[]}}`}, 4400, "Invalid message received"},
		{"complete without an id", []string{initialise, `{"type":"complete"}`}, 4400, "Invalid message received"},
		{"too long a message", []string{strings.Repeat(" ", 1001)}, websocket.StatusMessageTooBig, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, g, nil)
			for _, text := range test.messages {
				c.send(text)
			}
			got := c.closed()
			if got.Code != test.code || test.reason != "" && got.Reason != test.reason {
				t.Errorf("closed with %d %q, want %d %q", got.Code, got.Reason, test.code, test.reason)
			}
		})
	}
	t.Run("a binary message", func(t *testing.T) {
		t.Parallel()
		c := dial(t, g, nil)
		if err := c.socket.Write(t.Context(), websocket.MessageBinary, []byte(initialise)); err != nil {
			t.Fatal(err)
		}
		if got := c.closed().Code; got != 4400 {
			t.Errorf("closed with %d, want 4400", got)
		}
	})
	t.Run("another subprotocol", func(t *testing.T) {
		t.Parallel()
		socket, _, err := websocket.Dial(t.Context(), strings.Replace(g.URL, "http", "ws", 1), &websocket.DialOptions{Subprotocols: []string{"graphql-ws"}}) //nolint:bodyclose // the socket is the body
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = socket.CloseNow() }()
		if got := (&client{t, socket}).closed().Code; got != 4406 {
			t.Errorf("closed with %d, want 4406", got)
		}
	})
}

// A request that cannot be upgraded is answered by HTTP, and in fixed words.
func TestUpgradesThatAreRefused(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{WebSocket: graphqlws.Options{Origins: []string{"https://app.example.com"}}})
	tests := []struct {
		name   string
		method string
		header http.Header
		status int
	}{
		{"a key that is none", http.MethodGet, http.Header{"Sec-Websocket-Key": {"secret-looking"}}, http.StatusBadRequest},
		{"another version", http.MethodGet, http.Header{"Sec-Websocket-Version": {"8"}}, http.StatusBadRequest},
		{"POST", http.MethodPost, nil, http.StatusMethodNotAllowed},
		{"a foreign page", http.MethodGet, http.Header{"Origin": {"https://secret-looking.example.net"}}, http.StatusForbidden},
		{"a page of no origin", http.MethodGet, http.Header{"Origin": {"null"}}, http.StatusForbidden},
		{"the right host, but another scheme", http.MethodGet, http.Header{"Origin": {"http://app.example.com"}}, http.StatusForbidden},
		{"an allowed page", http.MethodGet, http.Header{"Origin": {"https://app.example.com"}}, http.StatusSwitchingProtocols},
		{"an own page", http.MethodGet, http.Header{"Origin": {g.URL}}, http.StatusSwitchingProtocols},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), test.method, g.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header = http.Header{
				"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
				"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Protocol": {graphqlws.Subprotocol},
			}
			for name, values := range test.header {
				req.Header[name] = values
			}
			way := &http.Transport{}
			defer way.CloseIdleConnections()
			resp, err := way.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			if resp.StatusCode != test.status {
				t.Fatalf("got status %d, want %d", resp.StatusCode, test.status)
			}
			if test.status == http.StatusSwitchingProtocols {
				return
			}
			var answer struct{ Errors []struct{ Message string } }
			if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || len(answer.Errors) != 1 {
				t.Fatalf("got %+v, %v, want one error", answer, err)
			}
			if strings.Contains(answer.Errors[0].Message, "secret-looking") {
				t.Errorf("the answer repeats the request: %s", answer.Errors[0].Message)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{Sandbox: sandbox.Options{Managers: 2}})
	managers := g.CRMs.ManagerIDs()
	own, other := g.CRMs.Token(managers[0]), g.CRMs.Token(managers[1])
	viewer := fmt.Sprintf(`{"type":"next","id":"1","payload":{"data":{"viewer":{"id":"%d"}}}}`, managers[0])
	tests := []struct {
		name   string
		header http.Header
		init   string
	}{
		{"Authorization in the payload", nil, `{"Authorization":"Bearer ` + own + `"}`},
		{"authorization without a scheme", nil, `{"authorization":"` + own + `"}`},
		{"token", nil, `{"token":"` + own + `"}`},
		{"TOKEN", nil, `{"TOKEN":"bearer ` + own + `"}`},
		{"authToken", nil, `{"authToken":"` + own + `","token":null}`},
		{"several", nil, `{"authToken":"` + other + `","Authorization":"Bearer ` + own + `","token":"` + other + `"}`},
		{"in the header of the upgrade", http.Header{"Authorization": {"Bearer " + own}}, `null`},
		{"in both", http.Header{"Authorization": {"Bearer " + other}}, `{"token":"` + own + `"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, g, test.header)
			c.send(`{"type":"connection_init","payload":` + test.init + `}`)
			c.expect(`{"type":"connection_ack"}`)
			c.subscribe("1", "{ viewer { id } }")
			c.expect(viewer)
			c.expect(`{"type":"complete","id":"1"}`)
		})
	}
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		c := dial(t, g, nil)
		c.send(initialise)
		c.expect(`{"type":"connection_ack"}`)
		c.subscribe("1", "{ viewer { id } }")
		if got := c.next().code(t); got != "UNAUTHENTICATED" {
			t.Errorf("got %v, want UNAUTHENTICATED", got)
		}
		c.subscribe("2", "subscription { ... on Subscription { taskBoardChanges { asOf } } }")
		if got := c.next().code(t); got != "UNAUTHENTICATED" {
			t.Errorf("a subscription in a fragment: got %v, want UNAUTHENTICATED", got)
		}
		c.subscribe("2", "{ __typename }")
		c.expect(`{"type":"next","id":"2","payload":{"data":{"__typename":"Query"}}}`)
	})
}

func TestOperations(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{WebSocket: graphqlws.Options{MaxOperations: 2}})
	c := connect(t, g, 2)
	c.send(`{"type":"ping","payload":{"n":1}}`)
	c.expect(`{"type":"pong","payload":{"n":1}}`)
	c.send(`{"type":"ping"}`)
	c.expect(`{"type":"pong"}`)
	c.send(`{"type":"pong"}`)
	c.send(`{"type":"complete","id":"never seen"}`)

	c.subscribe("1", "{ nonsense }")
	if got := c.next().code(t); got != "GRAPHQL_VALIDATION_FAILED" {
		t.Errorf("got %v, want GRAPHQL_VALIDATION_FAILED", got)
	}
	c.send(`{"type":"subscribe","id":"1","payload":{"query":"query Q($id: ID!) { project(id: $id) { databaseId } }","operationName":"Q","variables":{"id":"43"},"extensions":null}}`)
	c.expect(`{"type":"next","id":"1","payload":{"data":{"project":{"databaseId":"43"}}}}`)
	c.expect(`{"type":"complete","id":"1"}`)
	c.subscribe("1", "mutation { login { token } }")
	if got := c.next(); got.Type != "next" || !strings.Contains(string(got.Payload), `"login":null`) {
		t.Errorf("login without anything to log in with: got %s %s, want a null field", got.Type, got.Payload)
	}
	c.expect(`{"type":"complete","id":"1"}`)
	c.subscribe("1", "subscription($no: Boolean = false) { taskBoardChanges @include(if: $no) { asOf } }")
	if got := c.next().code(t); got != "BAD_USER_INPUT" {
		t.Errorf("a subscription to nothing: got %v, want BAD_USER_INPUT", got)
	}

	c.subscribe("1", board)
	c.next()
	c.subscribe("2", board)
	c.next()
	c.subscribe("3", board)
	if got := c.next(); got.ID != "3" || got.code(t) != graphqlws.CodeTooManyOperations {
		t.Errorf("beyond the limit: got %s for %s, want %s", got.Payload, got.ID, graphqlws.CodeTooManyOperations)
	}
	c.send(`{"type":"complete","id":"1"}`)
	if err := c.socket.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Errorf("close: %v", err)
	}
}

// What the client wants no more of does not come, and its id can be used again at once.
func TestCompleteByTheClient(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{})
	g.CRMs.SetFault("proportal.taskBoard", sandbox.Fault{Kind: sandbox.FaultHang})
	c := connect(t, g, 2)
	for range 10 {
		c.subscribe("1", "{ taskBoard { planned { id } } }")
		c.send(`{"type":"complete","id":"1"}`)
	}
	c.subscribe("1", "{ viewer { id } }")
	c.expect(`{"type":"next","id":"1","payload":{"data":{"viewer":{"id":"2"}}}}`)
	c.expect(`{"type":"complete","id":"1"}`)
}

func TestTheConnectionEndsWithItsToken(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{})
	c := dial(t, g, nil)
	c.send(`{"type":"connection_init","payload":{"token":"` + g.CRMs.TokenValidFor(2, 2*time.Second) + `"}}`)
	c.expect(`{"type":"connection_ack"}`)
	c.subscribe("1", board)
	if got := c.next(); got.Type != "next" {
		t.Fatalf("got %s, want the board", got.Type)
	}
	// No error comes first, which would keep the client from connecting again.
	_, err := c.receive()
	var got websocket.CloseError
	if !asClose(err, &got) || got.Code != 4403 {
		t.Errorf("got %v, want a close with 4403", err)
	}
}

// Queries finish at shutdown; subscriptions are for another server.
func TestShutdown(t *testing.T) {
	t.Parallel()
	t.Run("in time", func(t *testing.T) {
		t.Parallel()
		g := streamtest.Start(t, streamtest.Options{})
		slow, listener := connect(t, g, 2), connect(t, g, 2)
		listener.subscribe("1", board)
		listener.next()
		slow.subscribe("1", board)
		slow.next()
		held := g.HoldBack(t, solos.GetProjectCall)
		slow.subscribe("2", "{ project(id: 43) { databaseId } }")
		held.Arrived()
		done := make(chan error, 1)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		go func() { done <- g.WebSocket.Shutdown(ctx) }()
		if got := listener.closed().Code; got != websocket.StatusGoingAway {
			t.Errorf("who listens: closed with %d, want 1001", got)
		}
		slow.subscribe("3", "{ viewer { id } }")
		if got := slow.next(); got.ID != "3" || got.code(t) != graphqlws.CodeShuttingDown {
			t.Errorf("a new operation: got %s for %s, want %s", got.Payload, got.ID, graphqlws.CodeShuttingDown)
		}
		held.Release()
		slow.expect(`{"type":"next","id":"2","payload":{"data":{"project":{"databaseId":"43"}}}}`)
		slow.expect(`{"type":"complete","id":"2"}`)
		if got := slow.closed().Code; got != websocket.StatusGoingAway {
			t.Errorf("who asked: closed with %d, want 1001", got)
		}
		if err := <-done; err != nil {
			t.Errorf("shutdown: got %v, want no error", err)
		}
	})
	t.Run("too late", func(t *testing.T) {
		t.Parallel()
		g := streamtest.Start(t, streamtest.Options{})
		c := connect(t, g, 2)
		held := g.HoldBack(t, solos.GetProjectCall)
		defer held.Release()
		c.subscribe("1", "{ project(id: 43) { databaseId } }")
		held.Arrived()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		done := make(chan error, 1)
		go func() { done <- g.WebSocket.Shutdown(ctx) }()
		if got := c.closed().Code; got != websocket.StatusGoingAway {
			t.Errorf("closed with %d, want 1001", got)
		}
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("shutdown: got %v, want %v", err, context.Canceled)
		}
	})
}

// TestShutdownDoesNotWaitForPongs: a client that is slow to answer a ping is told that the server goes.
func TestShutdownDoesNotWaitForPongs(t *testing.T) {
	t.Parallel()
	const keepAlive = 3 * time.Second
	g := streamtest.Start(t, streamtest.Options{WebSocket: graphqlws.Options{KeepAlive: keepAlive}})
	pinged := make(chan struct{}, 1)
	socket, _, err := websocket.Dial(t.Context(), strings.Replace(g.URL, "http", "ws", 1), &websocket.DialOptions{ //nolint:bodyclose // the socket is the body
		Subprotocols: []string{graphqlws.Subprotocol},
		OnPingReceived: func(context.Context, []byte) bool {
			pinged <- struct{}{}
			return false
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.CloseNow() })
	c := &client{t, socket}
	c.send(`{"type":"connection_init"}`)
	c.expect(`{"type":"connection_ack"}`)
	done := make(chan error, 1)
	var begun time.Time
	go func() {
		<-pinged
		begun = time.Now()
		done <- g.WebSocket.Shutdown(t.Context())
	}()
	if got := c.closed().Code; got != websocket.StatusGoingAway {
		t.Errorf("closed with %d, want 1001", got)
	}
	if err := <-done; err != nil || time.Since(begun) > keepAlive/2 {
		t.Errorf("shutdown: got %v after %v, want no error at once", err, time.Since(begun))
	}
}

func TestImpossibleOptions(t *testing.T) {
	t.Parallel()
	caller := func(http.Header) graph.Caller { return graph.Caller{} }
	for name, opts := range map[string]graphqlws.Options{
		"no caller":           {},
		"a negative time":     {Caller: caller, KeepAlive: -1},
		"a negative limit":    {Caller: caller, MaxOperations: -1},
		"a path as an origin": {Caller: caller, Origins: []string{"https://app.example.com/"}},
		"a host as an origin": {Caller: caller, Origins: []string{"app.example.com"}},
	} {
		if _, err := graphqlws.New(opts); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// TestTooLongMessageWhilePinged: the connection ends with it, whether or not a ping is answered.
func TestTooLongMessageWhilePinged(t *testing.T) {
	t.Parallel()
	const keepAlive = 3 * time.Second
	g := streamtest.Start(t, streamtest.Options{WebSocket: graphqlws.Options{KeepAlive: keepAlive, MaxMessage: 1000}})
	var wire net.Conn
	pinged := make(chan struct{}, 1)
	over := make(chan struct{})
	socket, _, err := websocket.Dial(t.Context(), strings.Replace(g.URL, "http", "ws", 1), &websocket.DialOptions{ //nolint:bodyclose // the socket is the body
		Subprotocols: []string{graphqlws.Subprotocol},
		OnPingReceived: func(context.Context, []byte) bool {
			pinged <- struct{}{}
			<-over // nothing more is read as WebSocket
			return false
		},
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (_ net.Conn, err error) {
			wire, err = new(net.Dialer).DialContext(ctx, network, address)
			return wire, err
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t, socket}
	c.send(`{"type":"connection_init"}`)
	c.expect(`{"type":"connection_ack"}`)
	reader := make(chan struct{})
	go func() {
		defer close(reader)
		_, _, _ = socket.Read(context.WithoutCancel(t.Context())) // ends with the wire
	}()
	<-pinged
	c.send(strings.Repeat(" ", 2000))
	begun := time.Now()
	_, _ = io.Copy(io.Discard, wire)
	if took := time.Since(begun); took > keepAlive/2 {
		t.Errorf("the connection ended after %v, want at once", took)
	}
	close(over)
	_ = socket.CloseNow()
	<-reader
}
