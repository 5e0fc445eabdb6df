package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"crmgraph/upstream/sandbox"
)

const whoAmI = `{"query":"{ viewer { id } }"}`

// TestTokensThatProPortalIsSlowToJudge: who waits no longer for the verdict is told which call was too
// slow, and whoever leaves is no trouble of the gateway's.
func TestTokensThatProPortalIsSlowToJudge(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, sandbox.Options{Latency: time.Second})
	i := startForTest(t, []string{"CRMGRAPH_PROPORTAL_URL=" + crms.ProPortalURL()})
	header := queryHeader("Bearer " + crms.Token(crms.ManagerIDs()[0]))

	leaving, leave := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer leave()
	if _, _, err := send(leaving, http.MethodPost, i.url+"/graphql", whoAmI, header); err == nil {
		t.Fatal("the client who leaves got an answer")
	}
	header.Set("Accept", "application/graphql-response+json")
	header.Set("X-Request-Timeout", "100")
	got, _ := do(t, http.MethodPost, i.url+"/graphql", whoAmI, header)
	if want := `"upstream":{"operation":"portfolioCount","retryable":true,"service":"proportal","status":null}`; got.Status != http.StatusGatewayTimeout ||
		codeOf(t, got.Body) != "UPSTREAM_TIMEOUT" || !strings.Contains(got.Body, want) {
		t.Errorf("got %v, want status 504, UPSTREAM_TIMEOUT and %s", got, want)
	}
	if log := i.log.String(); strings.Contains(log, "internal error") {
		t.Errorf("the log has an internal error:\n%s", log)
	}
}

// TestTokensThatProPortalWillJudgeLater: clients come again when ProPortal wants to be asked again.
func TestTokensThatProPortalWillJudgeLater(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, sandbox.Options{})
	crms.SetFault("proportal", sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: time.Minute})
	i := startForTest(t, []string{"CRMGRAPH_PROPORTAL_URL=" + crms.ProPortalURL()})
	for _, accept := range []string{"application/graphql-response+json", "application/json", "text/event-stream"} {
		header := queryHeader("Bearer " + crms.Token(crms.ManagerIDs()[0]))
		header.Set("Accept", accept)
		got, answered := do(t, http.MethodPost, i.url+"/graphql", whoAmI, header)
		after := answered.Get("Retry-After")
		if got.Status != http.StatusServiceUnavailable || !strings.Contains(got.Body, `"retryAfter":`+after+`,`) {
			t.Errorf("%s: got %v and Retry-After: %q, want 503 and that of the body", accept, got, after)
		}
	}
}

// TestTokensOfAnIssuerWhoIsGone: that its keys cannot be had is no fault of the gateway's, and the log
// says why.
func TestTokensOfAnIssuerWhoIsGone(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, sandbox.Options{})
	issuer := startIssuer(t)
	authorization := issuer.authorization(t, "someone")
	gone := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(gone.Close)
	issuer.url = gone.URL
	i := startForTest(t, serviceEnvironment(crms, issuer))
	for _, accept := range []string{"application/graphql-response+json", "text/event-stream"} {
		header := queryHeader(authorization)
		header.Set("Accept", accept)
		got, _ := do(t, http.MethodPost, i.url+"/graphql", whoAmI, header)
		if got.Status != http.StatusServiceUnavailable || codeOf(t, got.Body) != "UPSTREAM_UNAVAILABLE" || strings.Contains(got.Body, `"upstream"`) {
			t.Errorf("%s: got %v, want status 503, UPSTREAM_UNAVAILABLE and no CRM", accept, got)
		}
	}
	log := i.log.String()
	if strings.Contains(log, "internal error") {
		t.Errorf("the log has an internal error:\n%s", log)
	}
	if want := `"cause":"the issuer answers 404 when asked for its keys"`; !strings.Contains(log, want) || strings.Contains(log, gone.URL) {
		t.Errorf("the log has not %s, or an address:\n%s", want, log)
	}
}

// TestReadinessTellsOfTheIssuersKeys, without which nobody is let in.
func TestReadinessTellsOfTheIssuersKeys(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, sandbox.Options{})
	gone := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(gone.Close)
	for _, test := range []struct {
		name string
		url  string // of the keys, that of a working issuer if empty
		want *regexp.Regexp
	}{
		{"there", "", regexp.MustCompile(`(?m)^issuer's keys: of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)},
		{"gone", gone.URL, regexp.MustCompile(`(?m)^issuer's keys: cannot be loaded, nobody is let in$`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			issuer := startIssuer(t)
			if test.url != "" {
				issuer.url = test.url
			}
			i := startForTest(t, serviceEnvironment(crms, issuer))
			await(t, "readiness has the line "+test.want.String(), func() bool {
				got := fetch(t, i.url+"/readyz")
				return got.Status == http.StatusOK && test.want.MatchString(got.Body)
			})
		})
	}
}
