package main

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"crmgraph/upstream/sandbox"
)

// TestStreamsOfCallersWhoMayNot: what keeps a caller away is a status of HTTP, with all that
// clients look for beside it, and no stream.
func TestStreamsOfCallersWhoMayNot(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--rate-viewer-requests=1", "--rate-window=1h")
	authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])
	for _, test := range []struct {
		name, authorization string
		status              int
		code                string
	}{
		{"no token", "", http.StatusUnauthorized, "UNAUTHENTICATED"},
		{"another issuer's token", newToken(t, "another"), http.StatusUnauthorized, "UNAUTHENTICATED"},
		{"one that is allowed", authorization, http.StatusOK, ""},
		{"one too many", authorization, http.StatusTooManyRequests, "RATE_LIMIT_EXCEEDED"},
	} {
		header := queryHeader(test.authorization)
		header.Set("Accept", "text/event-stream")
		got, gotHeader := do(t, http.MethodPost, i.url+"/graphql", `{"query":"{ viewer { id } }"}`, header)
		isStream := strings.HasPrefix(gotHeader.Get("Content-Type"), "text/event-stream")
		if got.Status != test.status || isStream != (test.code == "") {
			t.Errorf("%s: got %v of type %s, want status %d", test.name, got, gotHeader.Get("Content-Type"), test.status)
		}
		if test.code != "" && codeOf(t, got.Body) != test.code {
			t.Errorf("%s: got %s, want %s", test.name, got.Body, test.code)
		}
		if wants := test.status == http.StatusUnauthorized; (gotHeader.Get("WWW-Authenticate") == "Bearer") != wants {
			t.Errorf("%s: got WWW-Authenticate %q", test.name, gotHeader.Get("WWW-Authenticate"))
		}
		if wants := test.status == http.StatusTooManyRequests; (gotHeader.Get("Retry-After") != "") != wants {
			t.Errorf("%s: got Retry-After %q", test.name, gotHeader.Get("Retry-After"))
		}
	}
}

// TestSocketsThatAreTooMany: whoever has used up what a viewer may ask for is told so, and when to come again, also
// by the close of a WebSocket, which is all that a page sees.
func TestSocketsThatAreTooMany(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--rate-viewer-requests=1", "--rate-window=1h")
	authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])
	liveSocket(t, i, authorization)
	socket := dialSocket(t, i, nil)
	tell(t, socket, `{"type":"connection_init","payload":{"Authorization":"`+authorization+`"}}`)
	_, _, err := socket.Read(t.Context())
	var closed websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != websocket.StatusTryAgainLater ||
		!regexp.MustCompile(`^Too much was asked for in a short time; try again in \d+ s$`).MatchString(closed.Reason) {
		t.Errorf("got %v, want a close that says what was too much, and when to come again", err)
	}
}
