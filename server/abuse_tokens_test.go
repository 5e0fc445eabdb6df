package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"crmgraph/upstream/sandbox"
)

// unauthenticated is what whoever brings a wrong token gets.
func unauthenticated() seen { return seen{http.StatusUnauthorized, "UNAUTHENTICATED"} }

// brings returns an attack with a token.
func brings(token string) func(context.Context, *attacked, int) (seen, error) {
	return func(ctx context.Context, on *attacked, _ int) (seen, error) {
		return post(ctx, on, `{"query":"{ viewer { id } }"}`, http.Header{"Authorization": {"Bearer " + token}})
	}
}

// tokenClaims are claims of the first manager, as its tokens have them.
func tokenClaims(from, until time.Duration) jwt.MapClaims {
	now := time.Now()
	return jwt.MapClaims{
		"sub": 2, "iss": issuerName, "aud": issuerAudience,
		"iat": now.Add(min(from, 0)).Unix(), "nbf": now.Add(from).Unix(), "exp": now.Add(until).Unix(),
	}
}

// signedToken makes a token with more in its header.
func signedToken(method jwt.SigningMethod, key any, claims jwt.MapClaims, header map[string]any) string {
	token := jwt.NewWithClaims(method, claims)
	for name, value := range header {
		token.Header[name] = value
	}
	signed, err := token.SignedString(key)
	if err != nil {
		panic(err) // of a key that a test has made
	}
	return signed
}

// unsigned returns a token with another header and another signature.
func unsigned(token, header, signature string) string {
	_, rest, _ := strings.Cut(token, ".")
	body, _, _ := strings.Cut(rest, ".")
	return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + body + "." + signature
}

// tokenAttacks are tokens that ProPortal has not given out, or not for now.
func tokenAttacks(crms *sandbox.Sandbox) []attack {
	secret, hour := []byte(crms.JWTSecret()), time.Hour
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	good := signedToken(jwt.SigningMethodHS256, secret, tokenClaims(0, hour), nil)
	tests := []struct{ name, token string }{
		{"a token that nobody signed", unsigned(good, `{"alg":"none","typ":"JWT"}`, "")},
		{"a token that nobody signed, spelled otherwise", unsigned(good, `{"alg":"nOnE","typ":"JWT"}`, "")},
		{"a token without its signature", good[:strings.LastIndex(good, ".")+1]},
		{"a token signed with an empty key", signedToken(jwt.SigningMethodHS256, []byte{}, tokenClaims(0, hour), nil)},
		{"a token signed with another key", signedToken(jwt.SigningMethodHS256, []byte("another"), tokenClaims(0, hour), nil)},
		{"a token signed with another method", signedToken(jwt.SigningMethodHS512, secret, tokenClaims(0, hour), nil)},
		{"a token signed with RS256", signedToken(jwt.SigningMethodRS256, rsaKey, tokenClaims(0, hour), nil)},
		{"a token that has expired", signedToken(jwt.SigningMethodHS256, secret, tokenClaims(-2*hour, -hour), nil)},
		{"a token that never expires", signedToken(jwt.SigningMethodHS256, secret, jwt.MapClaims{"sub": 2}, nil)},
		{"a token that is not valid yet", signedToken(jwt.SigningMethodHS256, secret, tokenClaims(hour, 2*hour), nil)},
		{"a token of 60 KB", signedToken(jwt.SigningMethodHS256, []byte("another"), tokenClaims(0, hour), map[string]any{"kid": strings.Repeat("k", 44_000)})},
	}
	attacks := []attack{{name: "a token of 1 MB", make: brings(strings.Repeat("a", 1_000_000)), want: seen{http.StatusRequestHeaderFieldsTooLarge, ""}, onStock: true}}
	for _, test := range tests {
		attacks = append(attacks, attack{name: test.name, make: brings(test.token), want: unauthenticated()})
	}
	return attacks
}

// attackIssuer attacks a gateway that knows its clients by the keys of another issuer.
func attackIssuer(t *testing.T, binary string, crms *sandbox.Sandbox, table *attackTable) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	published, err := json.Marshal(map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": issuerKey,
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	var loads atomic.Int64
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		loads.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(published)
	}))
	t.Cleanup(issuer.Close)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})

	hour, id := time.Hour, map[string]any{"kid": issuerKey}
	good := signedToken(jwt.SigningMethodRS256, key, tokenClaims(0, hour), id)
	gateway := startGateway(t, binary, good, serviceEnvironment(crms, &tokenIssuer{url: issuer.URL})...)
	await(t, "the issuer's keys are there", func() bool {
		got, err := brings(good)(t.Context(), gateway, 0)
		return err == nil && got == seen{status: http.StatusOK}
	})
	warmUp(t, gateway)

	foreign := tokenClaims(0, hour)
	foreign["aud"] = "another program"
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, token string }{
		{"RS256: a token that nobody signed", unsigned(good, `{"alg":"none","kid":"`+issuerKey+`"}`, "")},
		{"RS256: the public key taken for a shared one", signedToken(jwt.SigningMethodHS256, public, tokenClaims(0, hour), id)},
		{"RS256: a token signed with another key", signedToken(jwt.SigningMethodRS256, own, tokenClaims(0, hour), id)},
		{"RS256: a token that brings its key", signedToken(jwt.SigningMethodRS256, own, tokenClaims(0, hour), map[string]any{"kid": issuerKey, "jku": issuer.URL, "jwk": map[string]string{"kty": "RSA"}})},
		{"RS256: a token of an unknown key", signedToken(jwt.SigningMethodRS256, own, tokenClaims(0, hour), map[string]any{"kid": "unknown"})},
		{"RS256: a token of a key with a name of 4 KB", signedToken(jwt.SigningMethodRS256, own, tokenClaims(0, hour), map[string]any{"kid": strings.Repeat("k", 4096)})},
		{"RS256: a token of a key named as a path", signedToken(jwt.SigningMethodRS256, own, tokenClaims(0, hour), map[string]any{"kid": "../../dev/null"})},
		{"RS256: a token for another program", signedToken(jwt.SigningMethodRS256, key, foreign, id)},
		{"RS256: a token that has expired", signedToken(jwt.SigningMethodRS256, key, tokenClaims(-2*hour, -hour), id)},
	}
	for _, test := range tests {
		a := attack{name: test.name, make: brings(test.token), want: unauthenticated()}
		crms.Reset()
		got := measure(t, gateway, a)
		checkAttack(t, a, got)
		checkCalls(t, a, crms.Requests())
		table.add(a, got)
		if got, err := brings(good)(t.Context(), gateway, 0); err != nil || got != (seen{status: http.StatusOK}) {
			t.Errorf("%s: afterwards the issuer's own token got %v, %v", test.name, got, err)
		}
	}
	unknown := attack{name: "RS256: 1,000 names of unknown keys", requests: many, want: unauthenticated(), make: func(ctx context.Context, on *attacked, _ int) (all seen, err error) {
		for range many {
			token := signedToken(jwt.SigningMethodHS256, []byte("any"), tokenClaims(0, hour), map[string]any{"kid": rand.Text()})
			token = unsigned(token, `{"alg":"RS256","kid":"`+rand.Text()+`"}`, "AAAA")
			if all, err = brings(token)(ctx, on, 0); err != nil || all != unauthenticated() {
				return all, err
			}
		}
		return all, nil
	}}
	before, start := loads.Load(), time.Now()
	got := measure(t, gateway, unknown)
	checkAttack(t, unknown, got)
	table.add(unknown, got)
	// One load in five seconds, whatever is asked.
	if loaded, most := loads.Load()-before, int64(time.Since(start)/(5*time.Second))+1; loaded > most {
		t.Errorf("the issuer was asked for its keys %d times, want %d at most", loaded, most)
	}
	checkEnds(t, gateway)
}
