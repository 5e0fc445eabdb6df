package graphqlws_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"crmgraph/server/graphqlws"
	"crmgraph/server/streamtest"
)

// Nothing of a connection is left when it has ended.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client is one connection.
type client struct {
	t      testing.TB
	socket *websocket.Conn
}

// dial opens a connection and initialises nothing.
func dial(t testing.TB, g *streamtest.Gateway, header http.Header) *client {
	t.Helper()
	options := &websocket.DialOptions{Subprotocols: []string{graphqlws.Subprotocol}, HTTPHeader: header}
	socket, _, err := websocket.Dial(t.Context(), strings.Replace(g.URL, "http", "ws", 1), options) //nolint:bodyclose // the socket is the body
	if err != nil {
		t.Fatal(err)
	}
	socket.SetReadLimit(1 << 20)
	t.Cleanup(func() { _ = socket.CloseNow() })
	return &client{t, socket}
}

// connect opens a connection in a manager's name.
func connect(t testing.TB, g *streamtest.Gateway, manager int64) *client {
	t.Helper()
	c := dial(t, g, nil)
	c.send(`{"type":"connection_init","payload":{"Authorization":"Bearer ` + g.CRMs.Token(manager) + `"}}`)
	c.expect(`{"type":"connection_ack"}`)
	return c
}

func (c *client) send(text string) {
	c.t.Helper()
	if err := c.socket.Write(c.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatalf("send %s: %v", text, err)
	}
}

func (c *client) subscribe(id, query string) {
	c.t.Helper()
	c.send(fmt.Sprintf(`{"type":"subscribe","id":%q,"payload":{"query":%q}}`, id, query))
}

// patience is how long is waited for what must come.
const patience = 20 * time.Second

func (c *client) receive() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, text, err := c.socket.Read(ctx)
	return string(text), err
}

func (c *client) expect(want string) {
	c.t.Helper()
	got, err := c.receive()
	if err != nil {
		c.t.Fatalf("got %v, want %s", err, want)
	}
	if got != want {
		c.t.Fatalf("got %s, want %s", got, want)
	}
}

// event is a message to a client, of any type.
type event struct {
	Type    string          `json:"type"`
	ID      string          `json:"id"`
	Payload json.RawMessage `json:"payload"`
}

func (c *client) next() event {
	c.t.Helper()
	text, err := c.receive()
	if err != nil {
		c.t.Fatalf("got %v, want a message", err)
	}
	var e event
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		c.t.Fatalf("%s: %v", text, err)
	}
	return e
}

// code returns the code of the first error of an error message.
func (e event) code(t testing.TB) any {
	t.Helper()
	var list []struct{ Extensions map[string]any }
	if err := json.Unmarshal(e.Payload, &list); err != nil || e.Type != "error" || len(list) == 0 {
		t.Fatalf("got %s %s, want errors", e.Type, e.Payload)
	}
	return list[0].Extensions["code"]
}

// closed reads until the connection is closed, and returns with what.
func (c *client) closed() websocket.CloseError {
	c.t.Helper()
	for {
		if _, err := c.receive(); err != nil {
			var ce websocket.CloseError
			if !asClose(err, &ce) {
				c.t.Fatalf("the connection ended with %v, want a close", err)
			}
			return ce
		}
	}
}
