package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"crmgraph/server/auth"
)

const (
	issuerName = "https://login.example/realm"
	audience   = "crmgraph"
	keysURL    = "https://login.example/keys"
)

// signer is a key of an issuer's.
type signer struct {
	alg  string
	jwk  map[string]any // its public half
	sign func(text []byte) []byte
}

// token returns a token that names the key.
func (s signer) token(kid, claims string) string {
	return s.tokenWith(fmt.Sprintf(`{"typ":"JWT","alg":%q,"kid":%q}`, s.alg, kid), claims)
}

func (s signer) tokenWith(header, claims string) string {
	text := unsigned(header, claims)
	return text + "." + encode(s.sign([]byte(text)))
}

// rs512Token returns a token that is signed as it says with a good key.
func rs512Token(kid, claims string) string {
	text := unsigned(`{"alg":"RS512","kid":"`+kid+`"}`, claims)
	sum := sha512.Sum512([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, rsaKey(), crypto.SHA512, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + encode(signature)
}

// published returns the key as an issuer publishes it; extra members replace its own.
func (s signer) published(kid string, extra ...string) string {
	members := map[string]any{"kid": kid, "use": "sig", "alg": s.alg}
	for name, value := range s.jwk {
		members[name] = value
	}
	for i := 0; i < len(extra); i += 2 {
		members[extra[i]] = extra[i+1]
	}
	text, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Keys are made once: that takes long.
var (
	rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return key
	})
	rsaSigner = sync.OnceValue(func() signer {
		key := rsaKey()
		return signer{
			alg: "RS256",
			jwk: map[string]any{"kty": "RSA", "n": encode(key.N.Bytes()), "e": "AQAB"},
			sign: func(text []byte) []byte {
				sum := sha256.Sum256(text)
				signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
				if err != nil {
					panic(err)
				}
				return signature
			},
		}
	})
	ecdsaSigner   = sync.OnceValue(newECDSA)
	ed25519Signer = sync.OnceValue(newEd25519)
)

func newECDSA() signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	point, err := key.PublicKey.Bytes() // 4, x and y
	if err != nil {
		panic(err)
	}
	return signer{
		alg: "ES256",
		jwk: map[string]any{"kty": "EC", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:])},
		sign: func(text []byte) []byte {
			sum := sha256.Sum256(text)
			r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
			if err != nil {
				panic(err)
			}
			return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		},
	}
}

func newEd25519() signer {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return signer{
		alg:  "EdDSA",
		jwk:  map[string]any{"kty": "OKP", "crv": "Ed25519", "x": encode(public)},
		sign: func(text []byte) []byte { return ed25519.Sign(private, text) },
	}
}

// issued returns claims as the issuer makes them; members take the place of its own, and
// those that are empty are left out.
func issued(members ...string) string {
	all := map[string]string{
		"iss": `"` + issuerName + `"`,
		"aud": `"` + audience + `"`,
		"sub": `"manager-7"`,
		"exp": fmt.Sprint(now().Unix() + hour),
	}
	for i := 0; i < len(members); i += 2 {
		all[members[i]] = members[i+1]
	}
	var text []string
	for name, value := range all {
		if value != "" {
			text = append(text, fmt.Sprintf("%q:%s", name, value))
		}
	}
	return "{" + strings.Join(text, ",") + "}"
}

// reply answers a request for keys.
type reply func(*http.Request) (*http.Response, error)

// issuer is a RoundTripper that publishes keys.
type issuer struct {
	mu    sync.Mutex
	keys  []string
	reply reply // nil for the keys
	asked []string
}

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.mu.Lock()
	i.asked = append(i.asked, r.URL.String())
	reply, keys := i.reply, i.keys
	i.mu.Unlock()
	if reply != nil {
		return reply(r)
	}
	return response(http.StatusOK, `{"keys":[`+strings.Join(keys, ",")+`]}`)(r)
}

func (i *issuer) publish(keys ...string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys, i.reply = keys, nil
}

func (i *issuer) answer(with reply) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.reply = with
}

// addresses returns where anybody asked for keys.
func (i *issuer) addresses() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.asked)
}

// times returns how often that was.
func (i *issuer) times() int { return len(i.addresses()) }

func response(status int, body string) reply {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status,
			Header:     http.Header{"Location": {"https://elsewhere.example/keys"}},
			Body:       io.NopCloser(strings.NewReader(body)),
			Request:    r,
		}, nil
	}
}

// down is an issuer that cannot be reached.
func down(*http.Request) (*http.Response, error) {
	return nil, errors.New("dial " + keysURL + ": connection refused")
}

// hang is one that does not answer.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// newJWKS returns a verifier of the issuer's tokens that the test closes.
func newJWKS(t testing.TB, i *issuer) *auth.JWKS {
	t.Helper()
	return newJWKSWith(t, auth.JWKSOptions{Transport: i, Now: now})
}

func newJWKSWith(t testing.TB, opts auth.JWKSOptions) *auth.JWKS {
	t.Helper()
	opts.Issuer, opts.Audience = issuerName, audience
	if opts.URL == "" {
		opts.URL = keysURL
	}
	j, err := auth.NewJWKS(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	return j
}

// pass lets time go by, in a bubble.
func pass(d time.Duration) { <-time.After(d) }
