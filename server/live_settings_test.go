package main

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"crmgraph/upstream/sandbox"
)

// TestWebSocketSettings: what an operator sets is what a connection meets.
func TestWebSocketSettings(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--websocket-max-operations=1", "--websocket-max-message=1KiB", "--watch-interval=1h")
	authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])

	socket := liveSocket(t, i, authorization)
	for id, want := range []string{"next", "error"} {
		tell(t, socket, `{"type":"subscribe","id":"`+string(rune('a'+id))+`","payload":`+boardSubscription+`}`)
		if got := hear(t, socket); got != want {
			t.Errorf("operation %d of 1: got %s, want %s", id+1, got, want)
		}
	}

	socket = liveSocket(t, i, authorization)
	tell(t, socket, strings.Repeat(" ", 1025))
	if got := closeCode(t, socket); got != websocket.StatusMessageTooBig {
		t.Errorf("a message of 1025 bytes: closed with %d, want %d", got, websocket.StatusMessageTooBig)
	}
}

// TestWebSocketMessagesAreAsLargeAsBodies where nothing else is set.
func TestWebSocketMessagesAreAsLargeAsBodies(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--request-max-body=2KiB")
	socket := liveSocket(t, i, "Bearer "+crms.Token(crms.ManagerIDs()[0]))
	tell(t, socket, `{"type":"ping"}`+strings.Repeat(" ", 2000))
	if got := hear(t, socket); got != "pong" {
		t.Errorf("a message of 2015 bytes: got %s, want pong", got)
	}
	tell(t, socket, strings.Repeat(" ", 2049))
	if got := closeCode(t, socket); got != websocket.StatusMessageTooBig {
		t.Errorf("a message of 2049 bytes: closed with %d, want %d", got, websocket.StatusMessageTooBig)
	}
}

func TestWebSocketsThatSayNothingAreClosedAsSet(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--websocket-init-timeout=50ms")
	if got := closeCode(t, dialSocket(t, i, nil)); got != 4408 {
		t.Errorf("without connection_init: closed with %d, want 4408", got)
	}
}

// TestWebSocketsArePingedAsSet: well before the connection is closed for want of connection_init.
func TestWebSocketsArePingedAsSet(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--websocket-ping-interval=20ms")
	pinged := make(chan struct{}, 1)
	socket := dialSocket(t, i, func(context.Context, []byte) bool {
		select {
		case pinged <- struct{}{}:
		default: // one is enough
		}
		return true
	})
	closed := socket.CloseRead(t.Context())
	select {
	case <-pinged:
	case <-closed.Done():
		t.Error("the connection was closed before a ping came")
	}
}

// closeCode reads until a connection is closed, and returns with what.
func closeCode(t *testing.T, socket *websocket.Conn) websocket.StatusCode {
	t.Helper()
	for {
		if _, _, err := socket.Read(t.Context()); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

func TestStreamsGiveSignsOfLifeAsSet(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--stream-keep-alive=10ms", "--watch-interval=1h")
	stream := openEvents(t, i, "Bearer "+crms.Token(crms.ManagerIDs()[0]))
	stream.next()
	for signs := 0; signs < 3; {
		if !stream.lines.Scan() {
			t.Fatalf("the stream has ended after %d signs of life", signs)
		}
		if stream.lines.Text() == ":" {
			signs++
		}
	}
}

// TestLongestPauseBetweenPolls: without the setting, the pauses of twenty polls that fail would
// have doubled to a minute.
func TestLongestPauseBetweenPolls(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--watch-interval=5ms", "--watch-max-backoff=10ms", "--metrics-listen=127.0.0.1:0")
	crms.SetFault("proportal", sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusInternalServerError})
	openEvents(t, i, "Bearer "+crms.Token(crms.ManagerIDs()[0])).next()
	await(t, "twenty polls have failed", func() bool { return figuresOf(t, i)[`crmgraph_watch_polls_total{result="failed"}`] >= 20 })
}
