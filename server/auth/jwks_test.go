package auth_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmgraph/graph"
	"crmgraph/server/auth"
	"crmgraph/upstream"
)

func TestNewJWKSRefusesImpossibleOptions(t *testing.T) {
	t.Parallel()
	good := auth.JWKSOptions{URL: keysURL, Issuer: issuerName, Audience: audience, Transport: new(issuer)}
	for name, change := range map[string]func(*auth.JWKSOptions){
		"no URL":            func(o *auth.JWKSOptions) { o.URL = "" },
		"relative URL":      func(o *auth.JWKSOptions) { o.URL = "/keys" },
		"file URL":          func(o *auth.JWKSOptions) { o.URL = "file:///etc/keys" },
		"no issuer":         func(o *auth.JWKSOptions) { o.Issuer = "" },
		"no audience":       func(o *auth.JWKSOptions) { o.Audience = "" },
		"negative interval": func(o *auth.JWKSOptions) { o.RefreshInterval = -1 },
	} {
		opts := good
		change(&opts)
		if j, err := auth.NewJWKS(t.Context(), opts); err == nil {
			j.Close()
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestJWKSAccepts(t *testing.T) {
	t.Parallel()
	rs, es, ed := rsaSigner(), ecdsaSigner(), ed25519Signer()
	i := new(issuer)
	i.publish(
		rs.published("rs"), es.published("es"), ed.published("ed"),
		rs.published("bare", "use", "", "alg", ""),
		`{"kty":"unheard of","kid":"new"}`, `{"kty":"RSA","kid":"broken","n":"AQAB"}`, `"no object"`,
	)
	j := newJWKS(t, i)
	at := now().Unix()
	tests := []struct {
		name  string
		token string
		id    string
	}{
		{"RS256", rs.token("rs", issued()), "manager-7"},
		{"ES256", es.token("es", issued()), "manager-7"},
		{"EdDSA", ed.token("ed", issued()), "manager-7"},
		{"a key that says nothing of its use", rs.token("bare", issued()), "manager-7"},
		{"one audience of several", es.token("es", issued("aud", `["other","crmgraph"]`)), "manager-7"},
		{"sub a number", es.token("es", issued("sub", `9007199254740993`)), "9007199254740993"},
		{"expired within the leeway", es.token("es", issued("exp", fmt.Sprint(at-29))), "manager-7"},
		{"not before within the leeway", es.token("es", issued("nbf", fmt.Sprint(at+29))), "manager-7"},
		{"long, but below the limit", es.token("es", issued("x", `"`+strings.Repeat("x", 5000)+`"`)), "manager-7"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := j.Verify(t.Context(), test.token)
			if err != nil {
				t.Fatalf("got error %v, want none", err)
			}
			if got.ID != test.id {
				t.Errorf("id: got %q, want %q", got.ID, test.id)
			}
		})
	}
}

// TestJWKSReturnsTheWholeViewer: without the token, which ProPortal must never see.
func TestJWKSReturnsTheWholeViewer(t *testing.T) {
	t.Parallel()
	i := new(issuer)
	i.publish(ecdsaSigner().published("es"))
	got, err := newJWKS(t, i).Verify(t.Context(), ecdsaSigner().token("es", issued()))
	if err != nil {
		t.Fatal(err)
	}
	want := &graph.Viewer{ID: "manager-7", ExpiresAt: now().UTC().Add(time.Hour)}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(graph.Viewer{})); diff != "" {
		t.Errorf("viewer (-want +got):\n%s", diff)
	}
}

func TestJWKSRefuses(t *testing.T) {
	t.Parallel()
	rs, es, ed := rsaSigner(), ecdsaSigner(), ed25519Signer()
	stranger, at := newECDSA(), now().Unix()
	der, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	hs := func(key, kid string) string {
		return signHMAC(sha256.New, key, `{"alg":"HS256","kid":"`+kid+`"}`, issued())
	}
	good := es.token("es", issued())
	parts := strings.Split(good, ".")
	tests := map[string]string{
		"nothing":                         "",
		"no token":                        "abc",
		"over 8 KiB":                      es.token("es", issued("x", `"`+strings.Repeat("x", 8<<10)+`"`)),
		"huge":                            strings.Repeat("a", 10<<20),
		"a line break at the end":         good + "\n",
		"no signature":                    parts[0] + "." + parts[1] + ".",
		"claims of another token":         parts[0] + "." + encode([]byte(issued("sub", `"8"`))) + "." + parts[2],
		"alg none":                        unsigned(`{"alg":"none","kid":"es"}`, issued()) + ".",
		"alg none, good signature":        encode([]byte(`{"alg":"none","kid":"es"}`)) + "." + parts[1] + "." + parts[2],
		"HS256 with the public key":       hs(publicPEM, "rs"),
		"HS256 with its DER":              hs(string(der), "rs"),
		"HS256 with its modulus":          hs(string(rsaKey().N.Bytes()), "rs"),
		"HS256 with a published secret":   hs("published", "oct"),
		"RS256 that names an EC key":      rs.token("es", issued()),
		"RS256 that names an Ed25519":     rs.token("ed", issued()),
		"ES256 that names an RSA key":     es.token("rs", issued()),
		"EdDSA that names an EC key":      ed.token("es", issued()),
		"RS512, well signed":              rs512Token("bare", issued()),
		"RS512 in the header":             rs.tokenWith(`{"alg":"RS512","kid":"rs"}`, issued()),
		"PS256 in the header":             rs.tokenWith(`{"alg":"PS256","kid":"rs"}`, issued()),
		"ES384 in the header":             es.tokenWith(`{"alg":"ES384","kid":"es"}`, issued()),
		"a key for another algorithm":     rs.token("rs512", issued()),
		"a key for encryption":            rs.token("enc", issued()),
		"the key of a stranger":           stranger.token("es", issued()),
		"a key in the header":             stranger.tokenWith(`{"alg":"ES256","kid":"es","jwk":`+stranger.published("es")+`}`, issued()),
		"an address of keys":              stranger.tokenWith(`{"alg":"ES256","kid":"es","jku":"https://evil.example/keys"}`, issued()),
		"an unknown key":                  es.token("unknown", issued()),
		"no key named":                    es.tokenWith(`{"alg":"ES256"}`, issued()),
		"an empty name":                   es.token("", issued()),
		"a name that is a number":         es.tokenWith(`{"alg":"ES256","kid":7}`, issued()),
		"extensions that are critical":    es.tokenWith(`{"alg":"ES256","kid":"es","crit":["exp"],"exp":1}`, issued()),
		"another issuer":                  es.token("es", issued("iss", `"https://evil.example"`)),
		"an issuer with a slash more":     es.token("es", issued("iss", `"`+issuerName+`/"`)),
		"no issuer":                       es.token("es", issued("iss", "")),
		"another audience":                es.token("es", issued("aud", `"other"`)),
		"an audience that begins so":      es.token("es", issued("aud", `"crmgraph-test"`)),
		"other audiences":                 es.token("es", issued("aud", `["a","b"]`)),
		"no audience":                     es.token("es", issued("aud", "")),
		"an empty list of audiences":      es.token("es", issued("aud", `[]`)),
		"no exp":                          es.token("es", issued("exp", "")),
		"exp null":                        es.token("es", issued("exp", "null")),
		"exp after the year 9999":         es.token("es", issued("exp", "253402300800")),
		"expired":                         es.token("es", issued("exp", fmt.Sprint(at-31))),
		"not valid yet":                   es.token("es", issued("nbf", fmt.Sprint(at+31))),
		"issued in the future":            es.token("es", issued("iat", fmt.Sprint(at+31))),
		"no sub":                          es.token("es", issued("sub", "")),
		"blank sub":                       es.token("es", issued("sub", `" "`)),
		"sub a list":                      es.token("es", issued("sub", `["7"]`)),
		"ProPortal's own token":           hs256(claimsWith(`2`)),
		"a signature in another spelling": parts[0] + "." + parts[1] + "." + parts[2] + "=",
	}
	i := new(issuer)
	i.publish(
		rs.published("rs"), es.published("es"), ed.published("ed"),
		rs.published("bare", "alg", ""), rs.published("rs512", "alg", "RS512"), rs.published("enc", "use", "enc"),
		`{"kty":"oct","kid":"oct","k":"`+encode([]byte("published"))+`"}`,
	)
	j := newJWKS(t, i)
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			viewer, err := j.Verify(t.Context(), token)
			if viewer != nil || !errors.Is(err, upstream.Unauthenticated) {
				t.Errorf("got %v, %v, want no viewer, %v", viewer, err, upstream.Unauthenticated)
			}
		})
	}
	t.Cleanup(func() {
		for _, address := range i.addresses() {
			if address != keysURL {
				t.Errorf("asked %s for keys, want none but the issuer", address)
			}
		}
	})
}

// TestJWKSVerifiesAgain a token that it knows, as far as time and keys can change it.
func TestJWKSVerifiesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		es, i, clock := newEd25519(), new(issuer), now()
		i.publish(es.published("1"))
		j := newJWKSWith(t, auth.JWKSOptions{Transport: i, Now: func() time.Time { return clock }})
		short, long := es.token("1", issued("exp", fmt.Sprint(now().Unix()+60))), es.token("1", issued())
		for range 3 {
			checkVerdict(t, j, short, nil)
			checkVerdict(t, j, long, nil)
			// Claims that are known, with another's signature, are another token.
			mixed := long[:strings.LastIndex(long, ".")] + short[strings.LastIndex(short, "."):]
			checkVerdict(t, j, mixed, upstream.Unauthenticated)
		}
		clock = clock.Add(89 * time.Second)
		checkVerdict(t, j, short, nil)
		clock = clock.Add(time.Second)
		checkVerdict(t, j, short, upstream.Unauthenticated)

		i.publish(newEd25519().published("1"))
		pass(2 * time.Hour)
		checkVerdict(t, j, long, upstream.Unauthenticated)
	})
}

func TestJWKSErrorsHoldNothingOfTheToken(t *testing.T) {
	t.Parallel()
	es, i := ecdsaSigner(), new(issuer)
	i.publish(es.published("es"))
	j := newJWKS(t, i)
	for _, token := range []string{
		"canary.canary.canary",
		es.token("canary", issued()),
		es.token("es", issued("iss", `"canary"`)),
		es.token("es", issued("aud", `"canary"`)),
		es.token("es", issued("sub", `["canary"]`)),
		es.tokenWith(`{"alg":"canary","kid":"es"}`, issued()),
	} {
		_, err := j.Verify(t.Context(), token)
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("token %s: got error %v, want one without any of it", token, err)
		}
	}
}

func TestJWKSAdmitsNobody(t *testing.T) {
	t.Parallel()
	i := new(issuer)
	i.publish(ecdsaSigner().published("es"))
	viewer, err := newJWKS(t, i).Admit(t.Context(), ecdsaSigner().token("es", issued()))
	if viewer != nil || !errors.Is(err, upstream.Forbidden) {
		t.Errorf("got %v, %v, want no viewer, %v", viewer, err, upstream.Forbidden)
	}
}

func TestJWKSOverHTTP(t *testing.T) {
	t.Parallel()
	es := ecdsaSigner()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/base/keys" {
			http.NotFound(w, r)
			return
		}
		_, _ = fmt.Fprintf(w, `{"keys":[%s]}`, es.published("es"))
	}))
	t.Cleanup(server.Close)
	j := newJWKSWith(t, auth.JWKSOptions{URL: server.URL + "/base/keys", Now: now})
	if _, err := j.Verify(t.Context(), es.token("es", issued())); err != nil {
		t.Errorf("got error %v, want none", err)
	}
}

// BenchmarkJWKS has tokens that come for the first time, and one that comes again.
func BenchmarkJWKS(b *testing.B) {
	verify := func(b *testing.B, s signer, tokens ...string) {
		i := new(issuer)
		i.publish(s.published("key"))
		j := newJWKS(b, i)
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			if _, err := j.Verify(context.Background(), tokens[n%len(tokens)]); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	for _, s := range []signer{rsaSigner(), ecdsaSigner(), ed25519Signer()} {
		b.Run("first "+s.alg, func(b *testing.B) {
			var tokens []string
			for n := range 11_000 { // more than are known at a time
				tokens = append(tokens, s.token("key", issued("jti", fmt.Sprint(n))))
			}
			verify(b, s, tokens...)
		})
	}
	b.Run("again", func(b *testing.B) { verify(b, ecdsaSigner(), ecdsaSigner().token("key", issued())) })
}
