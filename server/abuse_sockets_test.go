package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/coder/websocket"

	"crmgraph/server/graphqlws"
)

// openSocket opens a WebSocket that nobody has said anything on.
func openSocket(ctx context.Context, on *attacked) (*websocket.Conn, error) {
	options := &websocket.DialOptions{Subprotocols: []string{graphqlws.Subprotocol}}
	socket, _, err := websocket.Dial(ctx, "ws://"+on.address+"/graphql", options) //nolint:bodyclose // the socket is the body
	return socket, err
}

// connectSocket opens a WebSocket in the viewer's name.
func connectSocket(ctx context.Context, on *attacked) (*websocket.Conn, error) {
	socket, err := openSocket(ctx, on)
	if err != nil {
		return nil, err
	}
	err = socket.Write(ctx, websocket.MessageText, []byte(`{"type":"connection_init","payload":{"Authorization":"Bearer `+on.token+`"}}`))
	if err == nil {
		_, _, err = socket.Read(ctx)
	}
	if err != nil {
		_ = socket.CloseNow()
		return nil, err
	}
	return socket, nil
}

// says returns an attack that sends one message on a socket and reads until it is closed.
func says(open func(context.Context, *attacked) (*websocket.Conn, error), message string) func(context.Context, *attacked, int) (seen, error) {
	return func(ctx context.Context, on *attacked, _ int) (seen, error) {
		socket, err := open(ctx, on)
		if err != nil {
			return seen{}, err
		}
		defer func() { _ = socket.CloseNow() }()
		written := make(chan struct{})
		go func() {
			defer close(written)
			_ = socket.Write(ctx, websocket.MessageText, []byte(message)) // fails where the server hangs up
		}()
		defer func() { <-written }()
		for {
			if _, _, err := socket.Read(ctx); err != nil {
				var closed websocket.CloseError
				if errors.As(err, &closed) {
					return seen{status: int(closed.Code)}, nil
				}
				return seen{}, err
			}
		}
	}
}

// socketAttacks are attacks on WebSockets.
func socketAttacks() []attack {
	const watch = "subscription{taskBoardChanges{removedIds}}"
	return []attack{
		{name: "1,000 subscriptions on one socket", requests: many, want: seen{http.StatusSwitchingProtocols, "TOO_MANY_OPERATIONS"}, make: func(ctx context.Context, on *attacked, _ int) (seen, error) {
			return crowdSocket(ctx, on, watch, 50)
		}},
		{name: "a message of 2 MB", make: says(connectSocket, `{"type":"subscribe","id":"1","payload":{"query":"`+strings.Repeat(" ", 2_000_000)+`"}}`), want: seen{status: int(websocket.StatusMessageTooBig)}},
		{name: "a message of 1,000,000 lists", make: says(connectSocket, strings.Repeat("[", 1_000_000)), want: seen{status: 4400}},
		{name: "a token of 900 KB on a socket", make: says(openSocket, `{"type":"connection_init","payload":{"Authorization":"Bearer `+strings.Repeat("a", 900_000)+`"}}`), want: seen{status: 4403}},
		{name: "an operation before anybody has said who asks", make: says(openSocket, `{"type":"subscribe","id":"1","payload":{"query":"{viewer{id}}"}}`), want: seen{status: 4401}},
	}
}

// crowdSocket begins many operations on one socket, of which allowed may run at the same time, and
// waits until all others are refused.
func crowdSocket(ctx context.Context, on *attacked, query string, allowed int) (seen, error) {
	socket, err := connectSocket(ctx, on)
	if err != nil {
		return seen{}, err
	}
	defer func() { _ = socket.CloseNow() }()
	written := make(chan error, 1)
	go func() {
		for i := range many {
			message := fmt.Sprintf(`{"type":"subscribe","id":"%d","payload":{"query":%q}}`, i, query)
			if err := socket.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
				written <- err
				return
			}
		}
		written <- nil
	}()
	started := map[string]bool{}
	for refused := 0; refused < many-allowed || len(started) < allowed; {
		_, text, err := socket.Read(ctx)
		if err != nil {
			return seen{}, fmt.Errorf("after %d refusals: %w", refused, err)
		}
		var message struct{ Type, ID string }
		if err := json.Unmarshal(text, &message); err != nil {
			return seen{}, err
		}
		switch code := errorCode.FindSubmatch(text); {
		case message.Type == "next":
			started[message.ID] = true
		case message.Type == "error" && code != nil && string(code[1]) == graphqlws.CodeTooManyOperations:
			refused++
		default:
			return seen{}, fmt.Errorf("got %.200s", text)
		}
	}
	return seen{http.StatusSwitchingProtocols, graphqlws.CodeTooManyOperations}, <-written
}
