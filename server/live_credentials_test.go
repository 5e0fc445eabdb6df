package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"crmgraph/server/graphqlws"
)

// TestPagesLogInOverWebSocketsAsSet: browsers add the cookies of a server, and the password somebody
// once gave for it, to any WebSocket that a page opens, and ask nobody before.
func TestPagesLogInOverWebSocketsAsSet(t *testing.T) {
	t.Parallel()
	const page = "https://app.example.com"
	without := startForTest(t, nil, "--browser-origins="+page)
	with := startForTest(t, nil, "--browser-origins="+page, "--browser-credentials")
	cookie, password := http.Header{"Cookie": {sandboxCookie + "=2"}}, http.Header{"Authorization": {"Basic MjpzYW5kYm94"}}
	tests := []struct {
		name     string
		on       *instance
		origin   string
		header   http.Header
		loggedIn bool
	}{
		{"a cookie, which pages may not send", without, page, cookie, false},
		{"a password, which pages may not send", without, page, password, false},
		{"a cookie, which pages may send", with, page, cookie, true},
		{"a password, which pages may send", with, page, password, true},
		{"a page of the server's own", without, without.url, cookie, true},
		{"no page", without, "", cookie, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			header := test.header.Clone()
			if test.origin != "" {
				header.Set("Origin", test.origin)
			}
			if got := logInOverSocket(t, test.on, header); strings.Contains(got, `"token":"`) != test.loggedIn {
				t.Errorf("got %s, want a token: %t", got, test.loggedIn)
			}
		})
	}
}

// logInOverSocket opens a WebSocket with a header and returns the answer to login.
func logInOverSocket(t *testing.T, i *instance, header http.Header) string {
	t.Helper()
	options := &websocket.DialOptions{Subprotocols: []string{graphqlws.Subprotocol}, HTTPHeader: header}
	socket, _, err := websocket.Dial(t.Context(), strings.Replace(i.url, "http", "ws", 1)+"/graphql", options) //nolint:bodyclose // the socket is the body
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.CloseNow() })
	tell(t, socket, `{"type":"connection_init"}`)
	if got := hear(t, socket); got != "connection_ack" {
		t.Fatalf("got %s, want connection_ack", got)
	}
	tell(t, socket, `{"type":"subscribe","id":"1","payload":{"query":"mutation { login { token } }"}}`)
	_, text, err := socket.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
