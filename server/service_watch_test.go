package main

import (
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"crmgraph/upstream/sandbox"
)

// TestWatchingInServiceMode: whoever watches sees the board of the gateway's account, which is
// polled once for all of them, with the account's token and nobody else's.
func TestWatchingInServiceMode(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, sandbox.Options{})
	issuer := startIssuer(t)
	viewers := []string{issuer.authorization(t, "one"), issuer.authorization(t, "another")}
	i := startForTest(t, serviceEnvironment(crms, issuer), "--watch-interval=10ms", "--metrics-listen=127.0.0.1:0")
	awaitKeys(t, i, viewers[0])
	streams := make([]*events, len(viewers))
	for n, viewer := range viewers {
		streams[n] = openEvents(t, i, viewer)
		if first := streams[n].next(); !strings.Contains(first, `"board":{"planned":[{"id":`) {
			t.Fatalf("viewer %d: got %.300s, want the account's board", n, first)
		}
	}
	expectFigures(t, i, "while two viewers watch", figures{`crmgraph_watch_pollers`: 1, `crmgraph_watch_listeners`: 2})

	for _, step := range []struct {
		comment string
		before  func()
		logins  float64
	}{
		{"a change", func() {}, 1},
		{"a change after the account's token was revoked", crms.RevokeTokens, 2},
	} {
		step.before()
		err := crms.ChangeTasks(crms.ManagerIDs()[0], func(tasks []*sandbox.Task) []*sandbox.Task {
			tasks[0].Comment = &step.comment
			return tasks
		})
		if err != nil {
			t.Fatal(err)
		}
		for n, stream := range streams {
			if got := stream.next(); !strings.Contains(got, `"changed":[{"comment":"`+step.comment+`"}]`) {
				t.Errorf("viewer %d: got %.300s, want %s", n, got, step.comment)
			}
		}
		expectFigures(t, i, "after "+step.comment, figures{
			`crmgraph_proportal_logins_total{result="ok"}`: step.logins, `crmgraph_watch_polls_total{result="refused"}`: 0,
		})
	}

	polls := 0
	for _, request := range crms.Requests() {
		authorization := request.Header.Get("Authorization")
		for n, viewer := range viewers {
			if authorization == viewer {
				t.Errorf("%s was asked with the token of viewer %d", request.Call, n)
			}
		}
		if request.Call != "proportal.taskBoard" {
			continue
		}
		polls++
		claims := jwt.MapClaims{}
		key := func(*jwt.Token) (any, error) { return []byte(crms.JWTSecret()), nil }
		if _, err := jwt.ParseWithClaims(strings.TrimPrefix(authorization, "Bearer "), claims, key, jwt.WithoutClaimsValidation()); err != nil {
			t.Fatalf("a poll: %v, want a token of ProPortal's own", err)
		}
		if got, want := claims["sub"], float64(crms.ManagerIDs()[0]); got != want {
			t.Errorf("a poll: got the token of %v, want that of the account, %v", got, want)
		}
	}
	if polls < 3 {
		t.Errorf("got %d polls, want one for the board and one for each change at least", polls)
	}
}
