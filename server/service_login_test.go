package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"crmgraph/upstream/sandbox"
)

// shortLogin stands in front of ProPortal and has the token of the first login end soon.
type shortLogin struct {
	*httptest.Server
	logins atomic.Int64
}

func newShortLogin(t *testing.T, crms *sandbox.Sandbox, lifetime time.Duration) *shortLogin {
	t.Helper()
	address, err := url.Parse(crms.ProPortalURL())
	if err != nil {
		t.Fatal(err)
	}
	l := new(shortLogin)
	connections := &http.Transport{MaxIdleConnsPerHost: 256}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(address) }, Transport: connections}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/auth/login") && l.logins.Add(1) == 1 {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"token":"`+crms.TokenValidFor(crms.ManagerIDs()[0], lifetime)+`"}`)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		l.Close()
		connections.CloseIdleConnections()
	})
	return l
}

// TestLoginOfTheGatewayEndsUnderLoad: where the gateway's own token has expired, or is revoked
// while a thousand clients ask for a thousand things, one login is enough, and no client
// notices.
func TestLoginOfTheGatewayEndsUnderLoad(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, sandbox.Options{Customers: stampeders, Projects: 1})
	proportal := newShortLogin(t, crms, 2*time.Second)
	issuer := startIssuer(t)
	authorization := issuer.authorization(t, "someone")
	i := startForTest(t, serviceEnvironment(crms, issuer), "--proportal-url="+proportal.URL,
		"--cache-size=0", "--no-request-shed", "--no-upstream-hedge", "--request-timeout=1m", "--proportal-timeout=1m", "--metrics-listen=127.0.0.1:0")
	customers := crms.Data().Managers[0].Customers
	question := func(n int) (string, string) {
		return fmt.Sprintf(`{"query":"{ customer(id: %d) { id name } }"}`, customers[n].ID), authorization
	}
	check := func(outcomes []chan outcome) {
		t.Helper()
		for n, outcomes := range outcomes {
			got := <-outcomes
			if got.err != nil || got.reply.Status != http.StatusOK || strings.Contains(got.reply.Body, `"errors"`) || !strings.Contains(got.reply.Body, `"name":"`) {
				t.Fatalf("request %d: got %+v", n, got)
			}
		}
	}
	logins := func() int { return int(proportal.logins.Load()) }

	check(stampede(t.Context(), i, 1, question))
	if got := logins(); got != 1 {
		t.Fatalf("got %d logins for the first request, want 1", got)
	}
	end := loginEnd(t, i).Add(time.Second) // which is told in whole seconds
	await(t, "the token expires", func() bool { return time.Now().After(end) })
	check(stampede(t.Context(), i, stampeders, question))
	if got := logins(); got != 2 {
		t.Errorf("got %d logins after the token expired, want 1 more than 1", got)
	}

	asked := crms.Calls()["proportal.customer"]
	outcomes := stampede(t.Context(), i, stampeders, question)
	await(t, "a third of the requests are answered", func() bool { return crms.Calls()["proportal.customer"]-asked > stampeders/3 })
	crms.RevokeTokens()
	check(outcomes)
	if got := logins(); got != 3 {
		t.Errorf("got %d logins after the token was revoked, want 1 more than 2", got)
	}
	refused := crms.Calls()["proportal.customer"] - asked - stampeders
	t.Logf("%d requests were refused for the revoked token and sent again", refused)
	// What waits for its turn meanwhile goes out with the new token.
	if atOnce := 256; refused > atOnce {
		t.Errorf("%d requests were sent with the revoked token, want those at most that were under way, %d", refused, atOnce)
	}
	if got := figuresOf(t, i)[`crmgraph_proportal_logins_total{result="ok"}`]; got != 3 {
		t.Errorf("the metrics count %v logins, want 3", got)
	}
}

// loginEnd returns until when the gateway's token is good, as its readiness tells.
func loginEnd(t *testing.T, i *instance) time.Time {
	t.Helper()
	ready := fetch(t, i.url+"/readyz")
	found := regexp.MustCompile(`proportal login: good until (\S+)`).FindStringSubmatch(ready.Body)
	if found == nil {
		t.Fatalf("readiness: got %+v, want the end of the login", ready)
	}
	end, err := time.Parse(time.RFC3339, found[1])
	if err != nil {
		t.Fatal(err)
	}
	return end
}

// TestServiceModeAsksForTokensOfItsIssuer: ProPortal's, which all other gateways want, are refused by one that logs in
// itself, and so is login.
func TestServiceModeAsksForTokensOfItsIssuer(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, sandbox.Options{})
	issuer := startIssuer(t)
	i := startForTest(t, serviceEnvironment(crms, issuer))
	awaitKeys(t, i, issuer.authorization(t, "someone"))
	for _, authorization := range []string{"", "Bearer " + crms.Token(crms.ManagerIDs()[0])} {
		got := postQuery(t, i, whoAmI, authorization)
		if codeOf(t, got.Body) != "UNAUTHENTICATED" || !strings.Contains(got.Body, "token of this gateway's issuer") || strings.Contains(got.Body, "log in again") {
			t.Errorf("with %.20q: got %v, want a message that asks for the issuer's token, and for no login", authorization, got)
		}
	}
}
