package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"crmgraph/server/graphqlws"
)

// boardSubscription is a body that watches the task board.
const boardSubscription = `{"query":"subscription { taskBoardChanges { changed { comment } board { planned { id } } } }"}`

// events is a response of server-sent events that is being read.
type events struct {
	t     testing.TB
	lines *bufio.Scanner
	leave context.CancelFunc
}

// openEvents subscribes to the task board with server-sent events, and fails unless there is a stream.
func openEvents(t *testing.T, i *instance, authorization string) *events {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	t.Cleanup(leave)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, i.url+"/graphql", strings.NewReader(boardSubscription))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = queryHeader(authorization)
	r.Header.Set("Accept", "text/event-stream")
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		t.Fatalf("got %d %s, want a stream", resp.StatusCode, body)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	return &events{t, lines, leave}
}

// next returns the data of the next event.
func (e *events) next() string {
	e.t.Helper()
	for e.lines.Scan() {
		if data, ok := strings.CutPrefix(e.lines.Text(), "data: "); ok {
			return data
		}
	}
	e.t.Fatalf("the stream has ended: %v", e.lines.Err())
	return ""
}

// dialSocket opens a WebSocket to the API and says nothing; onPing may be nil.
func dialSocket(t *testing.T, i *instance, onPing func(context.Context, []byte) bool) *websocket.Conn {
	t.Helper()
	options := &websocket.DialOptions{Subprotocols: []string{graphqlws.Subprotocol}, OnPingReceived: onPing}
	socket, _, err := websocket.Dial(t.Context(), strings.Replace(i.url, "http", "ws", 1)+"/graphql", options) //nolint:bodyclose // the socket is the body
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.CloseNow() })
	socket.SetReadLimit(1 << 20)
	return socket
}

// liveSocket opens a WebSocket to the API, initialised in the name of who has the authorization.
func liveSocket(t *testing.T, i *instance, authorization string) *websocket.Conn {
	t.Helper()
	socket := dialSocket(t, i, nil)
	tell(t, socket, `{"type":"connection_init","payload":{"Authorization":"`+authorization+`"}}`)
	if kind := hear(t, socket); kind != "connection_ack" {
		t.Fatalf("got %s, want connection_ack", kind)
	}
	return socket
}

func tell(t *testing.T, socket *websocket.Conn, text string) {
	t.Helper()
	if err := socket.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// hear returns the type of the next message.
func hear(t *testing.T, socket *websocket.Conn) string {
	t.Helper()
	_, text, err := socket.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var message struct{ Type string }
	if err := json.Unmarshal(text, &message); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return message.Type
}
