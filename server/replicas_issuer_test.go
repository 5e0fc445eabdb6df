package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"crmgraph/upstream/sandbox"
)

// tokenIssuer is whom a gateway in the mode service trusts to know its clients.
type tokenIssuer struct {
	url string // of its keys
	key ed25519.PrivateKey
}

const (
	issuerName     = "https://login.example/"
	issuerAudience = "crmgraph"
	issuerKey      = "key-1"
)

func startIssuer(t *testing.T) *tokenIssuer {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	published, err := json.Marshal(map[string]any{"keys": []map[string]string{{
		"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": issuerKey, "x": base64.RawURLEncoding.EncodeToString(public),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(published)
	}))
	t.Cleanup(server.Close)
	return &tokenIssuer{url: server.URL + "/keys", key: private}
}

// authorization is the header of one of its clients.
func (i *tokenIssuer) authorization(t *testing.T, subject string) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"iss": issuerName, "aud": issuerAudience, "sub": subject, "exp": time.Now().Add(time.Hour).Unix(),
	})
	token.Header["kid"] = issuerKey
	signed, err := token.SignedString(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + signed
}

// serviceEnvironment leads a program to emulated CRMs, of which it asks ProPortal in the name of
// one account.
func serviceEnvironment(crms *sandbox.Sandbox, issuer *tokenIssuer) []string {
	return []string{
		"CRMGRAPH_PROPORTAL_URL=" + crms.ProPortalURL(), "CRMGRAPH_PROPORTAL_MODE=service",
		fmt.Sprintf("CRMGRAPH_PROPORTAL_SERVICE_COOKIE=%s=%d", sandboxCookie, crms.ManagerIDs()[0]),
		"CRMGRAPH_AUTH_JWKS_URL=" + issuer.url, "CRMGRAPH_AUTH_ISSUER=" + issuerName, "CRMGRAPH_AUTH_AUDIENCE=" + issuerAudience,
		"CRMGRAPH_SOLOS_URL=" + crms.SolosURL(),
		"CRMGRAPH_SOLOS_TOKEN=" + crms.SolosToken(), "CRMGRAPH_SOLOS_SECRET=" + crms.SolosSecret(),
	}
}

// awaitKeys returns once a gateway knows the issuer's keys.
func awaitKeys(t *testing.T, i *instance, authorization string) {
	t.Helper()
	await(t, "the issuer's keys are there", func() bool {
		return strings.Contains(postQuery(t, i, `{"query":"{ viewer { id } }"}`, authorization).Body, `"viewer":{"id":`)
	})
}

// TestKeysChosenByAQuery: some issuers publish the keys of all their policies or programs at one address, and tell them
// apart by the query.
func TestKeysChosenByAQuery(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, sandbox.Options{})
	issuer := startIssuer(t)
	published := fetch(t, issuer.url).Body
	chosen := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RequestURI() != "/keys?p=policy" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(published))
	}))
	t.Cleanup(chosen.Close)
	issuer.url = chosen.URL + "/keys?p=policy"
	i := startForTest(t, serviceEnvironment(crms, issuer))
	awaitKeys(t, i, issuer.authorization(t, "someone"))
}
